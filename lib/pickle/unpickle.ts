import { ByteReader } from "./byte_reader.ts";
import { PickleError, RefusedGlobalError, show } from "./error.ts";
import { opcodes, STOP } from "./opcodes.ts";
import { type Allowance, Global, type Globals } from "./values.ts";

/** How a pickle is read. */
export interface UnpickleOptions {
  /** Everything that it may name; what is not here is refused. */
  globals: Globals;
  /** The value of a persistent id; without it there may be none. */
  persistent?(id: unknown): unknown;
  /** Where the pickle begins, in bytes. */
  at?: number;
}

/**
 * What a pickle may allocate, in bytes: so much for each of its own, and in all. PyTorch's need 20
 * for each, since every tensor is a dozen small objects; no batch of CIFAR needs more in all.
 */
const ALLOWANCE = { factor: 32, least: 2 ** 24, most: 2 ** 28 };

/** About what a JavaScript engine takes, in bytes; the memo counts each value that is stored. */
const COST = { slot: 16, memo: 48, text: 32, bytes: 128, list: 32, bigint: 64, object: 200 };

/**
 * Reads one pickle (protocols 0 to 5) without running anything: globals are looked up in
 * `options.globals`, and any other one is refused by its name before anything is called.
 *
 * None is null, whole numbers are numbers, or bigints beyond 2^53, lists and tuples are arrays,
 * dictionaries Maps, sets Sets; bytes, and strings of Python 2, are Uint8Arrays, which as keys
 * become text. Time and memory grow with the size of the pickle only. Source: CPython's
 * Lib/pickletools.py.
 *
 * @returns the value, and the byte after the pickle
 * @throws {RefusedGlobalError} when it names other code
 * @throws {PickleError} when it is damaged or is none
 */
export function unpickle(
  bytes: Uint8Array,
  options: UnpickleOptions,
): { value: unknown; end: number } {
  const machine = new Machine(new ByteReader(bytes, options.at), options);
  try {
    return { value: machine.run(), end: machine.reader.at };
  } catch (error) {
    // A Map or array of JavaScript ends where Python's would go on.
    if (!(error instanceof RangeError)) throw error;
    throw new PickleError("values that fit into memory", error.message);
  }
}

/** The stack machine that a pickle is a program for. */
export class Machine implements Allowance {
  readonly #memo = new Map<number, unknown>();
  readonly #stack: unknown[] = [];
  /** The stack's height at each MARK. */
  readonly #marks: number[] = [];
  #left: number;

  constructor(readonly reader: ByteReader, readonly options: UnpickleOptions) {
    const { factor, least, most } = ALLOWANCE;
    this.#left = Math.min(most, factor * reader.bytes.length + least);
  }

  /** The value that the pickle makes. */
  run(): unknown {
    for (let code = this.reader.u8(); code !== STOP; code = this.reader.u8()) {
      const run = opcodes[code];
      if (!run) {
        const at = this.reader.at - 1;
        throw new PickleError("a pickle", `the byte ${code} at ${at}, which is no instruction`);
      }
      run(this);
    }
    return this.pop();
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) {
      throw new PickleError(
        "values in proportion to the pickle's size",
        "that it asks for far more memory",
      );
    }
  }

  /** Puts a value that there is already on the stack. */
  push(value: unknown): void {
    this.spend(COST.slot);
    this.#stack.push(value);
  }

  /** Puts a new value on the stack. */
  make(value: unknown): void {
    this.spend(costOf(value));
    this.push(value);
  }

  /** The stack's top, taken off; what lies below the last MARK cannot be. */
  pop(): unknown {
    const value = this.top();
    this.#stack.pop();
    return value;
  }

  top(): unknown {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0)) {
      throw new PickleError("a value", `an empty stack at byte ${this.reader.at}`);
    }
    return this.#stack.at(-1);
  }

  mark(): void {
    this.spend(COST.slot);
    this.#marks.push(this.#stack.length);
  }

  /** Everything above the last MARK, taken off with it. */
  popMark(): unknown[] {
    const height = this.#marks.pop();
    if (height === undefined) throw new PickleError("a mark", `none at byte ${this.reader.at}`);
    return this.#stack.splice(height);
  }

  /** POP takes a mark off where it is on top. */
  discard(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  /** Stores the stack's top; without an index, under the next one. */
  store(index = this.#memo.size): void {
    this.spend(COST.memo);
    this.#memo.set(index, this.top());
  }

  recall(index: number): void {
    if (!this.#memo.has(index)) throw new PickleError("a stored value", `no memo ${index}`);
    this.push(this.#memo.get(index));
  }

  find(module: string, name: string): Global {
    const path = `${module}.${name}`;
    const found = this.options.globals.get(path);
    if (!found) throw new RefusedGlobalError(oneLine(path));
    return found;
  }

  /** What a global makes of its arguments. */
  call(global: unknown, args: unknown): unknown {
    if (!(global instanceof Global)) throw new PickleError("a function to call", show(global));
    if (!global.call) throw new PickleError(`no call of ${global.name}`, "one");
    if (!Array.isArray(args)) throw new PickleError(`arguments of ${global.name}`, show(args));
    return global.call(args, this);
  }

  persistent(id: unknown): unknown {
    const { persistent } = this.options;
    if (!persistent) throw new PickleError("a pickle that is whole in itself", "a persistent id");
    return persistent(id);
  }
}

function costOf(value: unknown): number {
  if (typeof value === "string") return COST.text;
  if (typeof value === "bigint") return COST.bigint;
  if (value instanceof Uint8Array) return COST.bytes;
  if (Array.isArray(value)) return COST.list;
  return typeof value === "object" && value !== null ? COST.object : 0;
}

/** A name from a hostile file, short and without control characters. */
function oneLine(name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]/g, "?");
  return plain.length > 100 ? `${plain.slice(0, 100)}...` : plain;
}
