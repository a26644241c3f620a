/** Reads the codes of a JPEG's Huffman table: 16 counts of codes of 1 to 16 bits, then the symbols in code order. */
export class HuffmanReader {
  readonly #counts: Uint8Array;
  readonly #symbols: Uint8Array;

  /** Throws an Error when there are fewer symbols than the counts say. */
  constructor(readonly definition: Uint8Array) {
    this.#counts = definition.subarray(0, 16);
    this.#symbols = definition.subarray(16);
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    if (this.#counts.length < 16 || this.#symbols.length !== total) {
      throw new Error("a Huffman table that is cut");
    }
  }

  /** The next symbol; throws an Error where the bits are none. */
  read(bits: BitReader): number {
    let code = 0, first = 0, index = 0;
    for (let length = 0; length < 16; length++) {
      code |= bits.read(1);
      const count = this.#counts[length]!;
      if (code - first < count) return this.#symbols[index + code - first]!;
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    throw new Error("a Huffman code that stands for nothing");
  }
}

/** Bits of bytes, the highest of each first. */
export class BitReader {
  /** Of the next bit. */
  position = 0;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
  }

  /** The next `count` bits, 16 at most, as a number; throws an Error when there are fewer. */
  read(count: number): number {
    if (this.position + count > this.#end) throw new Error("too few bits");
    let value = 0;
    for (let i = 0; i < count; i++, this.position++) {
      value = value << 1 | this.#bytes[this.position >> 3]! >> (7 - (this.position & 7)) & 1;
    }
    return value;
  }
}
