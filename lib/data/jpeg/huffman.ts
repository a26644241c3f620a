/** A code for each symbol: its bits, and how many there are. */
export interface HuffmanTable {
  /** How many codes there are of 1 … 16 bits. */
  readonly counts: readonly number[];
  /** The symbols, those of shorter codes first. */
  readonly symbols: readonly number[];
  readonly codes: Uint16Array;
  readonly lengths: Uint8Array;
}

/** `16 × high + low` for every `low` in the ranges, of each `high`: symbols that stand in order. */
const runs = (from: number, to: number, low: number, high: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i)
    .flatMap((run) => Array.from({ length: high - low + 1 }, (_, i) => 16 * run + low + i));

/** Annex K.3 of the JPEG standard (ITU T.81): codes for differences of the first coefficients … */
const categories = Array.from({ length: 12 }, (_, i) => i);
export const dcLuma = table([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0], categories);
export const dcChroma = table([0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0], categories);

/** … and for 16 × (zeros before a coefficient) + (its bits). */
export const acLuma = table([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125], [
  ...[0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61],
  ...[0x07, 0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52],
  ...[0xd1, 0xf0, 0x24, 0x33, 0x62, 0x72, 0x82, 0x09, 0x0a],
  ...[...runs(1, 1, 6, 10), ...runs(2, 2, 5, 10), ...runs(3, 3, 4, 10), ...runs(4, 7, 3, 10)],
  ...[...runs(8, 8, 3, 10), ...runs(9, 13, 2, 10), ...runs(14, 15, 1, 10)],
]);
export const acChroma = table([0, 2, 1, 2, 4, 4, 3, 4, 7, 5, 4, 4, 0, 1, 2, 119], [
  ...[0x00, 0x01, 0x02, 0x03, 0x11, 0x04, 0x05, 0x21, 0x31, 0x06, 0x12, 0x41, 0x51, 0x07, 0x61],
  ...[0x71, 0x13, 0x22, 0x32, 0x81, 0x08, 0x14, 0x42, 0x91, 0xa1, 0xb1, 0xc1, 0x09, 0x23, 0x33],
  ...[0x52, 0xf0, 0x15, 0x62, 0x72, 0xd1, 0x0a, 0x16, 0x24, 0x34, 0xe1, 0x25, 0xf1],
  ...[...runs(1, 1, 7, 10), ...runs(2, 2, 6, 10), ...runs(3, 3, 5, 10), ...runs(4, 7, 3, 10)],
  ...runs(8, 15, 2, 10),
]);

/** Codes in the order of their symbols, each one more than the last, with a 0 for a longer one. */
function table(counts: readonly number[], symbols: readonly number[]): HuffmanTable {
  const codes = new Uint16Array(256), lengths = new Uint8Array(256);
  let code = 0, place = 0;
  counts.forEach((count, i) => {
    for (let n = 0; n < count; n++, place++) {
      codes[symbols[place]!] = code++;
      lengths[symbols[place]!] = i + 1;
    }
    code *= 2;
  });
  return { counts, symbols, codes, lengths };
}

/** Bits one after the other, as a JPEG scan has them: a byte 255 is followed by a 0. */
export class BitWriter {
  #bytes = new Uint8Array(4096);
  #length = 0;
  #bits = 0;
  #free = 8;

  /** Adds the lowest `count` bits of `value`, at most 16. */
  write(value: number, count: number): void {
    for (let left = count; left > 0;) {
      const some = Math.min(left, this.#free);
      left -= some;
      this.#free -= some;
      this.#bits |= ((value >> left) & ((1 << some) - 1)) << this.#free;
      if (this.#free === 0) this.#put();
    }
  }

  /** All bytes, the last filled with ones. */
  finish(): Uint8Array {
    if (this.#free < 8) this.write(127, this.#free);
    return this.#bytes.subarray(0, this.#length);
  }

  #put(): void {
    if (this.#length + 2 > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes[this.#length++] = this.#bits;
    if (this.#bits === 255) this.#bytes[this.#length++] = 0;
    this.#bits = 0;
    this.#free = 8;
  }
}
