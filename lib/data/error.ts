import { OneLineError } from "../one_line.ts";
import { writeReason } from "./system_errors.ts";

/** A file, folder or picture that is not what it should be; one clear line that names it. */
export class DataError extends OneLineError {
  /** Which kind of error it is. */
  override name = "DataError";
}

/** A file or folder that cannot be written. */
export class WriteError extends DataError {}

/** The DataError "Cannot read X: expected Y but found Z". */
export function cannotRead(what: string, expected: string, found: string): DataError {
  return new DataError(`Cannot read ${what}: expected ${expected} but found ${found}`);
}

/** The error "Cannot write X: reason", of what the file system threw. */
export function cannotWrite(path: string, cause: unknown): WriteError {
  return new WriteError(`Cannot write ${path}: ${writeReason(cause as Error)}`, { cause });
}

/** How many names a line has. */
const SHOWN = 8;

/** The first few names of a list, and how many others there are. */
export function some(names: readonly string[], shown = SHOWN): string {
  const others = names.length - shown;
  return names.slice(0, shown).join(", ") + (others > 0 ? ` and ${others} more` : "");
}
