import { PickleError, show } from "./error.ts";
import { latin1 } from "./byte_reader.ts";

/** Bytes that a JavaScript engine takes for an entry of a map or set, about. */
export const ENTRY = 48;

/** What a handler may ask of the reading of a pickle. */
export interface Allowance {
  /**
   * Counts bytes that are about to be allocated beyond those of the pickle.
   *
   * @throws {PickleError} when a pickle of its size has no business to need so many
   */
  spend(bytes: number): void;
}

/**
 * A Python class or function that may be read. `call` makes the value that Python's would, from
 * positional arguments; without it the global only stands for itself.
 */
export class Global {
  constructor(
    readonly name: string,
    readonly call?: (args: unknown[], allowance: Allowance) => unknown,
    /** What the global stands for, such as an element type. */
    readonly meaning?: unknown,
  ) {}
}

/** A value whose `__setstate__` (BUILD) is known. */
export interface Stateful {
  setState(state: unknown, allowance: Allowance): void;
}

/** Whether BUILD may be applied to `value`. */
export function isStateful(value: unknown): value is Stateful {
  return typeof value === "object" && value !== null && "setState" in value;
}

/** Globals by "module.name". */
export type Globals = ReadonlyMap<string, Global>;

/** A table of globals from handlers by "module.name". */
export function globals(
  handlers: Record<string, (args: unknown[], allowance: Allowance) => unknown>,
): Map<string, Global> {
  return new Map(Object.entries(handlers).map(([name, call]) => [name, new Global(name, call)]));
}

/** Longer keys are refused: each use of one is copied, and no name is so long. */
const LONGEST_KEY = 1024;

/** A dictionary's key: Python 2's strings and bytes become text, so that both find `data`. */
export function keyOf(value: unknown): unknown {
  if (!(value instanceof Uint8Array)) return value;
  if (value.length > LONGEST_KEY) {
    throw new PickleError(`a key of at most ${LONGEST_KEY} bytes`, `one of ${value.length}`);
  }
  return latin1(value);
}

/** A string of Python 3, or a short one of Python 2. */
export function textOf(value: unknown, what: string): string {
  const text = keyOf(value);
  if (typeof text !== "string") throw new PickleError(`${what} as text`, show(value));
  return text;
}

/** A whole number from 0 on that f64 holds exactly. */
export function countOf(value: unknown, what: string): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new PickleError(`${what} as a whole number from 0 on`, show(value));
}

/** A list or tuple. */
export function listOf(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new PickleError(`${what} as a list or tuple`, show(value));
  return value;
}

/** The most sides of an array or tensor; PyTorch's own limit. */
const MOST_SIDES = 64;

/** Sides of an array or tensor whose product f64 holds exactly. */
export function shapeOf(value: unknown, what: string): number[] {
  const sides = listOf(value, what);
  if (sides.length > MOST_SIDES) {
    throw new PickleError(`${what} of at most ${MOST_SIDES} numbers`, `${sides.length}`);
  }
  const shape = sides.map((side) => countOf(side, what));
  if (!Number.isSafeInteger(shape.reduce((product, side) => product * side, 1))) {
    throw new PickleError(`${what} of a size that a file can hold`, `[${shape}]`);
  }
  return shape;
}
