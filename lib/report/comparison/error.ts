import { OneLineError } from "../../one_line.ts";

/** What keeps a report from being made: one line that names the file, what was expected and found. */
export class ReportError extends OneLineError {
  /** Which kind of error it is. */
  override name = "ReportError";
}
