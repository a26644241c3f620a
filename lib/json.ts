/** Levels of lists and objects in each other; what layermix writes has fewer than ten. */
const LEVELS = 64;

/**
 * The value of a JSON text that anybody may have made. It has few levels, so that what goes into it
 * one level after another, as `String()` and comparisons do, comes to an end before the stack does.
 *
 * @throws {SyntaxError} when it is no JSON, or has more levels
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (isDeeper(value, LEVELS)) throw new SyntaxError(`more than ${LEVELS} levels`);
  return value;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((item) => isDeeper(item, levels - 1));
}
