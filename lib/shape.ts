/** Where a value is not what it must be. */
interface Mismatch {
  /** For example "suites.clean.error". */
  path: string;
  expected: string;
  found: unknown;
}

/** What a value must be; the first place where it is not. */
export type Shape = (value: unknown, path: string) => Mismatch | undefined;

/** A value that `fits`, in the words of the error otherwise. */
export function kind(expected: string, fits: (value: unknown) => boolean): Shape {
  return (found, path) => fits(found) ? undefined : { path, expected, found };
}

/** A value of the shape, or null. */
export function orNull(shape: Shape): Shape {
  return (value, path) => value === null ? undefined : shape(value, path);
}

/** An object with at least `fields`, and those of `optional` that it has; others may be anything. */
export function object(
  fields: Record<string, Shape>,
  optional: Record<string, Shape> = {},
): Shape {
  return (value, path) => {
    if (!isObject(value)) return { path, expected: "an object", found: value };
    const there = Object.entries(optional).filter(([name]) => value[name] !== undefined);
    return first(
      [...Object.entries(fields), ...there],
      ([name, shape]) => shape(value[name], path ? `${path}.${name}` : name),
    );
  };
}

/** A list, each item of the shape. */
export function listOf(shape: Shape): Shape {
  return (value, path) =>
    Array.isArray(value)
      ? first(value.entries(), ([i, item]) => shape(item, `${path}[${i}]`))
      : { path, expected: "a list", found: value };
}

/** An object, each of its values of the shape. */
export function valuesOf(shape: Shape): Shape {
  return (value, path) =>
    isObject(value)
      ? first(Object.entries(value), ([name, item]) => shape(item, `${path}.${name}`))
      : { path, expected: "an object", found: value };
}

/** Whether a value is an object with fields, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * What is wrong with the content of a file, as one line that names the field, what it must be and
 * what it is; undefined where it is of the shape.
 */
export function mismatch(value: unknown, shape: Shape): string | undefined {
  const wrong = shape(value, "");
  if (!wrong) return undefined;
  const { path, expected, found } = wrong;
  return `expected ${path || "its content"} to be ${expected} but found ${shown(found)}`;
}

function first<Item>(
  items: Iterable<Item>,
  check: (item: Item) => Mismatch | undefined,
): Mismatch | undefined {
  for (const item of items) {
    const wrong = check(item);
    if (wrong) return wrong;
  }
}

/** A value of JSON for an error message, short. */
export function shown(value: unknown): string {
  // Of lists in lists there may be more than JSON.stringify() can go into.
  if (typeof value === "object" && value !== null) return isObject(value) ? "an object" : "a list";
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
