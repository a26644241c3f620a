import { OneLineError } from "../one_line.ts";

/** A pickle that cannot be read; the reader of the file turns it into an error that names it. */
export class PickleError extends OneLineError {
  override name = "PickleError";

  /**
   * @param expected what should be there
   * @param found what is there
   */
  constructor(readonly expected: string, readonly found: string) {
    super(`expected ${expected} but found ${found}`);
  }
}

/** A pickle that names code which is not on the list of what may be read; it was not run. */
export class RefusedGlobalError extends PickleError {
  override name = "RefusedGlobalError";

  /** @param global such as "posix.system" */
  constructor(readonly global: string) {
    super("plain data only", `a pickle that names code: layermix refuses to run ${global}`);
  }
}

/** A value for an error message, on one short line. */
export function show(value: unknown): string {
  if (value instanceof Map) return "a dictionary";
  if (Array.isArray(value)) return "a list or tuple";
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Set) return "a set";
  if (typeof value === "bigint") return "a long whole number";
  if (typeof value === "object" && value !== null) return `a ${value.constructor.name}`;
  if (typeof value !== "string") return value === null ? "None" : String(value);
  const text = JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}...` : value);
  // JSON leaves some control characters, which a terminal would obey.
  return text.replaceAll(/[\x7f-\x9f\u2028\u2029]/g, "?");
}
