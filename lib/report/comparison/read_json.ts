import { parseJson } from "../../json.ts";
import { mismatch, type Shape } from "../../shape.ts";
import { ReportError } from "./error.ts";

/**
 * Makes sure that the content of a file is of the shape.
 *
 * @throws {ReportError} that names the file, the field, what it must be and what it is
 */
export function requireShape(file: string, value: unknown, shape: Shape): void {
  const wrong = mismatch(value, shape);
  if (wrong) throw new ReportError(`Cannot read ${file}: ${wrong}`);
}

/**
 * The content of a JSON file.
 *
 * @throws {ReportError} when it is damaged
 */
export function readJson(file: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (cause) {
    throw new ReportError(
      `Cannot read ${file}: expected JSON but found damage (${(cause as Error).message})`,
      { cause },
    );
  }
}
