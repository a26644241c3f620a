/** A file, folder or picture that is not what it should be; one clear line that names it. */
export class DataError extends Error {
  override name = "DataError";
}

/** A file or folder that cannot be written. */
export class WriteError extends DataError {}

/** The DataError "Cannot read X: expected Y but found Z". */
export function cannotRead(what: string, expected: string, found: string): DataError {
  return new DataError(`Cannot read ${what}: expected ${expected} but found ${found}`);
}

const reasons: Record<string, string> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  EEXIST: "something else is there",
  ENOTEMPTY: "something else is there",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  ENOENT: "its folder does not exist",
};

/** The error "Cannot write X: reason", of what the file system threw. */
export function cannotWrite(path: string, cause: unknown): WriteError {
  const { code, message } = cause as { code?: string; message: string };
  return new WriteError(`Cannot write ${path}: ${reasons[code ?? ""] ?? message}`, { cause });
}
