/** A checkpoint that cannot be read or written; one line that names the file. */
export class CheckpointError extends Error {
  override name = "CheckpointError";
}
