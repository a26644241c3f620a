const writeReasons: Record<string, string> = {
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

/** Why the system did not write a file, in a few words. */
export function writeReason(error: Error & { code?: string }): string {
  return writeReasons[error.code ?? ""] ?? error.message;
}

const readReasons: Record<string, string> = {
  ENOENT: "nothing there",
  EACCES: "permission denied",
  EISDIR: "a folder",
  ENOTDIR: "a file",
};

/** Why the system gave no file or folder, in a few words. */
export function readReason(error: Error & { code?: string }): string {
  return readReasons[error.code ?? ""] ?? error.message;
}
