import { Buffer } from "node:buffer";
import { PickleError } from "./error.ts";

/** The longest line of a protocol 0 number or name, in bytes; text may be longer. */
export const LONGEST_LINE = 4096;

/** Reads a pickle's bytes in order, and never past their end. */
export class ByteReader {
  readonly #view: DataView;

  /** @param at where the next byte is read */
  constructor(readonly bytes: Uint8Array, public at = 0) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** The next `count` bytes, shared with the file's. */
  take(count: number): Uint8Array {
    return this.bytes.subarray(this.#advance(count), this.at);
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true);
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true);
  }

  /** A length; above 2^53 it is rounded, and past the end of any file all the same. */
  u64(): number {
    return Number(this.#view.getBigUint64(this.#advance(8), true));
  }

  /** Big endian, as only BINFLOAT is. */
  f64(): number {
    return this.#view.getFloat64(this.#advance(8), false);
  }

  /** The bytes up to the next line feed, which is passed over. */
  line(): Uint8Array {
    const end = this.bytes.indexOf(10, this.at);
    if (end < 0) throw new PickleError("the end of a line", "the end of the pickle");
    const line = this.take(end - this.at);
    this.at++;
    return line;
  }

  /** A line of a number or a name, as ASCII. */
  shortLine(): string {
    const line = this.line();
    if (line.length > LONGEST_LINE) {
      throw new PickleError(
        `a line of at most ${LONGEST_LINE} bytes`,
        `one of ${line.length} bytes`,
      );
    }
    return latin1(line);
  }

  #advance(count: number): number {
    const from = this.at;
    if (count > this.bytes.length - from) {
      throw new PickleError(
        `${count} more bytes at byte ${from}`,
        `the end of the pickle at byte ${this.bytes.length}`,
      );
    }
    this.at += count;
    return from;
  }
}

/** The longest text, in bytes: JavaScript's strings end not far above. */
const LONGEST_TEXT = 2 ** 28;

/** One character for each byte. */
export function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  if (byteLength > LONGEST_TEXT) {
    throw new PickleError(`text of at most ${LONGEST_TEXT} bytes`, `${byteLength} bytes`);
  }
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString("latin1");
}
