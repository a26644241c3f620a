/** Where strings lie in memory that workers can share; made by `nameTable()`. */
export interface NameTableMemory {
  /** UTF-8, one name after another. */
  bytes: Uint8Array<SharedArrayBuffer>;
  /** (names + 1): where each begins, and where the last one ends. */
  offsets: Uint32Array<SharedArrayBuffer>;
}

/** Many names in a few bytes each, of which one is a string at a time. */
export class NameTable {
  readonly #decoder = new TextDecoder();

  constructor(readonly memory: NameTableMemory) {}

  /** How many names there are. */
  get count(): number {
    return this.memory.offsets.length - 1;
  }

  /** The name of that number, which must be in {0, …, count-1}. */
  at(index: number): string {
    const { bytes, offsets } = this.memory;
    // A copy, since decoders take no shared memory.
    return this.#decoder.decode(bytes.slice(offsets[index], offsets[index + 1]));
  }
}

/** Gathers names one after another. */
export class NameTableBuilder {
  readonly #encoder = new TextEncoder();
  #bytes = new Uint8Array(4096);
  #offsets = new Uint32Array(256);
  #count = 0;

  /** How many names there are so far. */
  get count(): number {
    return this.#count;
  }

  add(name: string): void {
    const encoded = this.#encoder.encode(name);
    const from = this.#offsets[this.#count]!, to = from + encoded.length;
    if (to > this.#bytes.length) this.#bytes = longer(this.#bytes, Math.max(to, 2 * from));
    if (this.#count + 2 > this.#offsets.length) {
      this.#offsets = longer(this.#offsets, 2 * this.#offsets.length);
    }
    this.#bytes.set(encoded, from);
    this.#offsets[++this.#count] = to;
  }

  /** All names, in shared memory of their size. */
  finish(): NameTable {
    const offsets = this.#offsets.subarray(0, this.#count + 1);
    return nameTable(this.#bytes.subarray(0, offsets.at(-1)), offsets);
  }
}

/** Names that lie one after another in `bytes`, copied to memory that workers can share. */
export function nameTable(bytes: Uint8Array, offsets: Uint32Array): NameTable {
  const memory = {
    bytes: new Uint8Array(new SharedArrayBuffer(bytes.length)),
    offsets: sharedNumbers(offsets),
  };
  memory.bytes.set(bytes);
  return new NameTable(memory);
}

/** The same numbers in memory that workers can share. */
export function sharedNumbers(numbers: ArrayLike<number>): Uint32Array<SharedArrayBuffer> {
  const shared = new Uint32Array(new SharedArrayBuffer(4 * numbers.length));
  shared.set(numbers);
  return shared;
}

function longer<Numbers extends Uint8Array | Uint32Array>(
  numbers: Numbers,
  length: number,
): Numbers {
  const copy = new (numbers.constructor as new (length: number) => Numbers)(length);
  copy.set(numbers);
  return copy;
}
