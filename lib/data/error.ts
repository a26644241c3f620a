/** A file, folder or picture that is not what it should be; one clear line that names it. */
export class DataError extends Error {
  override name = "DataError";
}

/** The DataError "Cannot read X: expected Y but found Z". */
export function cannotRead(what: string, expected: string, found: string): DataError {
  return new DataError(`Cannot read ${what}: expected ${expected} but found ${found}`);
}
