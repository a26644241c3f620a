import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { cannotRead } from "../error.ts";
import type { NameTableMemory } from "../name_table.ts";

/**
 * A pack is one file: a preamble of 64 bytes, the pictures one after another (red, green and blue of
 * each pixel, row by row), their tables, and a header in JSON. All numbers are little endian.
 *
 * The preamble: "LMIXPACK", u32 format, u32 CRC-32 of the header, f64 length of the pictures, f64
 * length of the tables, f64 length of the header, zeros, u32 CRC-32 of the 60 bytes before it.
 *
 * The tables: (count × 3) u32 width, height and CRC-32 of each picture, (count) u32 labels,
 * (count + 1) u32 where each name begins, the names in UTF-8.
 */
export const PREAMBLE_BYTES = 64;

const MAGIC = "LMIXPACK";
const FORMAT = 1;
/** The longest header that is read: 100,000 classes of long names fit. */
const MAX_HEADER_BYTES = 2 ** 24;

/** Lengths of a pack's parts, in bytes. */
export interface PackLengths {
  pictures: number;
  tables: number;
  header: number;
}

/** What a pack says of itself. */
export interface PackHeader {
  /** Of layermix, that made it. */
  version: string;
  /** The shorter side of every picture, in pixels. */
  size: number;
  /** How many pictures there are. */
  count: number;
  /** Their names; labels are numbers in this list. */
  classes: string[];
  /** The length of all names in UTF-8, in bytes. */
  names: number;
  /** How many files of the folder held no picture that could be read. */
  skipped: number;
  /** What `packFingerprint()` gives. */
  fingerprint: string;
}

/** SHA-256 over the size, the classes and the tables, and so over the CRC-32 of every picture. */
export function packFingerprint(
  size: number,
  classes: readonly string[],
  tables: Uint8Array,
): string {
  const hash = createHash("sha256").update(JSON.stringify({ size, classes }));
  return hash.update(tables).digest("hex");
}

/** The first bytes of a pack. */
export function encodePreamble(lengths: PackLengths, header: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(PREAMBLE_BYTES);
  bytes.write(MAGIC, "latin1");
  bytes.writeUInt32LE(FORMAT, 8);
  bytes.writeUInt32LE(crc32(header), 12);
  const { pictures, tables } = lengths;
  [pictures, tables, lengths.header].forEach((length, i) =>
    bytes.writeDoubleLE(length, 16 + 8 * i)
  );
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60);
  return bytes;
}

/**
 * Reads the first bytes of the file `path`, which is `length` bytes long.
 *
 * @throws {DataError} when it is no pack, of another format, damaged, or of another length
 */
export function decodePreamble(
  preamble: Uint8Array,
  path: string,
  length: number,
): PackLengths & { headerSum: number } {
  const bytes = Buffer.from(preamble.buffer, preamble.byteOffset, preamble.length);
  const refuse = (found: string) => cannotRead(path, "a pack that layermix pack made", found);
  if (bytes.length === 0) throw refuse("no bytes");
  if (bytes.toString("latin1", 0, 8) !== MAGIC) throw refuse("another format");
  if (bytes.length < PREAMBLE_BYTES) throw refuse("that it is cut");
  if (crc32(bytes.subarray(0, 60)) !== bytes.readUInt32LE(60)) throw refuse("a damaged preamble");
  const format = bytes.readUInt32LE(8);
  if (format !== FORMAT) throw refuse(`format ${format}, where this version reads ${FORMAT}`);
  const [pictures, tables, header] = [16, 24, 32].map((at) => bytes.readDoubleLE(at)) as [
    ...[number, number, number],
  ];
  const areLengths = [pictures, tables, header].every((n) => Number.isSafeInteger(n) && n >= 0);
  if (!areLengths || header > MAX_HEADER_BYTES) throw refuse("impossible lengths");
  const expected = PREAMBLE_BYTES + pictures + tables + header;
  if (length !== expected) {
    throw cannotRead(path, `${expected} bytes`, `${length}: it is cut or damaged`);
  }
  return { pictures, tables, header, headerSum: bytes.readUInt32LE(12) };
}

/**
 * Reads a header whose CRC-32 should be `sum`.
 *
 * @throws {DataError} when it is damaged, or not what a header should be
 */
export function decodeHeader(bytes: Uint8Array, sum: number, path: string): PackHeader {
  if (crc32(bytes) !== sum) throw cannotRead(path, "the header of a pack", "a damaged one");
  let found: Partial<PackHeader> | null;
  try {
    found = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    found = null;
  }
  const { version, classes, fingerprint, ...numbers } = found ?? {};
  const { size, count, names, skipped } = numbers as PackHeader;
  const isWhole = typeof version === "string" && typeof fingerprint === "string" &&
    Array.isArray(classes) && classes.every((name) => typeof name === "string") &&
    [size, count, names, skipped].every((n) => Number.isSafeInteger(n) && n >= 0) &&
    size >= 1 && count >= 1;
  if (!isWhole) throw cannotRead(path, "the header of a pack", "something else");
  return { version, classes, fingerprint, size, count, names, skipped };
}

/** How long the tables of a pack are, in bytes. */
export function tablesLength({ count, names }: Pick<PackHeader, "count" | "names">): number {
  return 12 * count + 4 * count + 4 * (count + 1) + names;
}

/** What a pack knows of its pictures, in their order. */
export interface PackTables {
  /** Width, height and CRC-32 of each. */
  index: ArrayLike<number>;
  labels: ArrayLike<number>;
  names: NameTableMemory;
}

/** The tables as they are stored. */
export function encodeTables({ index, labels, names }: PackTables): Uint8Array {
  const { bytes, offsets } = names;
  const words = new Uint32Array(index.length + labels.length + offsets.length);
  words.set(index);
  words.set(labels, index.length);
  words.set(offsets, index.length + labels.length);
  const tables = new Uint8Array(words.byteLength + bytes.length);
  tables.set(new Uint8Array(words.buffer));
  tables.set(bytes, words.byteLength);
  return tables;
}
