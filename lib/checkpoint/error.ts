import { OneLineError } from "../one_line.ts";

/** A checkpoint that cannot be read or written; one line that names the file. */
export class CheckpointError extends OneLineError {
  /** Which kind of error it is. */
  override name = "CheckpointError";
}

/** A network that is not worth keeping: `tensor`, by PyTorch's name, has a number that is none. */
export class NotFiniteError extends CheckpointError {
  constructor(file: string, readonly tensor: string) {
    super(`Cannot save ${file}: ${tensor} is not finite; the file there is kept as it was`);
  }
}
