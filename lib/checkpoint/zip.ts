import { crc32, inflateRawSync } from "node:zlib";
import { PickleError, show } from "../pickle/error.ts";

/** Signatures of the parts of a zip archive (PKWARE's APPNOTE 6.3.10, section 4.3). */
const SIGNATURE = { entry: 0x02014b50, local: 0x04034b50, end: 0x06054b50, end64: 0x06064b50 };

/** Compressed entries may be as large as this together, in bytes; PyTorch compresses none. */
const MOST_INFLATED = 2 ** 30;

interface Entry {
  name: string;
  /** 0 for stored, 8 for deflated. */
  method: number;
  crc: number;
  compressed: number;
  size: number;
  /** Of the local header, in bytes. */
  offset: number;
}

/**
 * The entries of a zip archive in memory (zip64 too, one disk, not encrypted). Only the central
 * directory is read at first; stored entries are not copied.
 */
export class ZipArchive {
  readonly #entries = new Map<string, Entry>();
  readonly #view: DataView;
  /** Bytes of the entries read so far, as they lie in the file and inflated. */
  #read = 0;
  #inflated = 0;

  /** @throws {PickleError} when the directory is cut, damaged or names an entry twice */
  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const { at: start, count } = this.#directory();
    let at = start;
    for (let index = 0; index < count; index++) {
      if (this.#u32(at) !== SIGNATURE.entry) {
        throw new PickleError(`entry ${index} of the zip directory at byte ${at}`, "none");
      }
      const { entry, end } = this.#readEntry(at);
      if (this.#entries.has(entry.name)) {
        throw new PickleError("one zip entry of each name", `${show(entry.name)} twice`);
      }
      this.#entries.set(entry.name, entry);
      at = end;
    }
  }

  /** Names of the entries, in the directory's order. */
  get names(): string[] {
    return [...this.#entries.keys()];
  }

  /**
   * The content of an entry, undefined where there is none of that name.
   *
   * @throws {PickleError} when it is cut, too large, or its sum (CRC-32) is wrong
   */
  read(name: string): Uint8Array | undefined {
    const entry = this.#entries.get(name);
    if (!entry) return undefined;
    const stored = this.#stored(entry);
    const content = entry.method === 0 ? stored : this.#inflate(entry, stored);
    if (content.length !== entry.size) {
      throw new PickleError(`${entry.size} bytes in the entry ${show(name)}`, `${content.length}`);
    }
    if (crc32(content) !== entry.crc) {
      throw new PickleError(`the sum ${entry.crc} of the entry ${show(name)}`, `${crc32(content)}`);
    }
    return content;
  }

  #stored({ name, offset, compressed, method }: Entry): Uint8Array {
    if (method !== 0 && method !== 8) {
      throw new PickleError(`a stored or deflated entry ${show(name)}`, `method ${method}`);
    }
    if (this.#u32(offset) !== SIGNATURE.local) {
      throw new PickleError(`the entry ${show(name)} at byte ${offset}`, "none");
    }
    const start = offset + 30 + this.#u16(offset + 26) + this.#u16(offset + 28);
    if (compressed > this.bytes.length - start) {
      throw new PickleError(
        `${compressed} bytes of the entry ${show(name)}`,
        `${Math.max(0, this.bytes.length - start)}`,
      );
    }
    this.#read += compressed;
    if (this.#read > this.bytes.length) {
      throw new PickleError("zip entries side by side", "entries that overlap");
    }
    return this.bytes.subarray(start, start + compressed);
  }

  #inflate({ name, size }: Entry, stored: Uint8Array): Uint8Array {
    this.#inflated += size;
    if (this.#inflated > MOST_INFLATED) {
      throw new PickleError(`at most ${MOST_INFLATED} bytes of compressed entries`, "more");
    }
    try {
      return new Uint8Array(inflateRawSync(stored, { maxOutputLength: Math.max(1, size) }));
    } catch (error) {
      throw new PickleError(`${size} deflated bytes in ${show(name)}`, (error as Error).message);
    }
  }

  /** Where the directory is, and how many entries it has. */
  #directory(): { at: number; count: number } {
    const end = this.#findEnd();
    const [count, at] = [this.#u16(end + 10), this.#u32(end + 16)];
    if (count !== 0xffff && at !== 0xffffffff) return { at, count };
    const end64 = this.#u64(end - 20 + 8);
    if (this.#u32(end64) !== SIGNATURE.end64) {
      throw new PickleError("the end of a large zip archive", `none at byte ${end64}`);
    }
    return { at: this.#u64(end64 + 48), count: this.#u64(end64 + 32) };
  }

  #findEnd(): number {
    const last = this.bytes.length - 22;
    for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
      if (this.#u32(at) === SIGNATURE.end) return at;
    }
    throw new PickleError("a whole zip archive", "no directory at its end: the file is cut");
  }

  #readEntry(at: number): { entry: Entry; end: number } {
    const [name, extra, comment] = [28, 30, 32].map((field) => this.#u16(at + field)) as [
      number,
      number,
      number,
    ];
    const end = at + 46 + name + extra + comment;
    if (end > this.bytes.length) throw new PickleError("a whole zip directory", "one that is cut");
    if (this.#u16(at + 8) & 1) throw new PickleError("a plain zip archive", "an encrypted one");
    const entry = {
      name: new TextDecoder().decode(this.bytes.subarray(at + 46, at + 46 + name)),
      method: this.#u16(at + 10),
      crc: this.#u32(at + 16),
      compressed: this.#u32(at + 20),
      size: this.#u32(at + 24),
      offset: this.#u32(at + 42),
    };
    this.#readLarge(entry, at + 46 + name, at + 46 + name + extra);
    return { entry, end };
  }

  /** Replaces what does not fit 32 bits by the zip64 part of the extra field. */
  #readLarge(entry: Entry, from: number, to: number): void {
    for (let at = from; at + 4 <= to; at += 4 + this.#u16(at + 2)) {
      if (this.#u16(at) !== 1) continue;
      let value = at + 4;
      for (const field of ["size", "compressed", "offset"] as const) {
        if (entry[field] !== 0xffffffff) continue;
        entry[field] = this.#u64(value);
        value += 8;
      }
    }
  }

  #u16(at: number): number {
    return this.#view.getUint16(this.#within(at, 2), true);
  }

  #u32(at: number): number {
    return this.#view.getUint32(this.#within(at, 4), true);
  }

  #u64(at: number): number {
    return Number(this.#view.getBigUint64(this.#within(at, 8), true));
  }

  #within(at: number, size: number): number {
    if (at >= 0 && at <= this.bytes.length - size) return at;
    throw new PickleError(`${size} bytes of the zip archive at byte ${at}`, "its end");
  }
}
