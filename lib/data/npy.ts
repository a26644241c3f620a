import { type FileHandle, open } from "node:fs/promises";
import { cannotRead, DataError } from "./error.ts";

/** The element types that are read, as NumPy writes them, and their bytes. */
export const npyTypes = {
  "|u1": 1,
  "|i1": 1,
  "<u2": 2,
  "<i2": 2,
  "<u4": 4,
  "<i4": 4,
  "<i8": 8,
  "<u8": 8,
  "<f4": 4,
  "<f8": 8,
} as const;
/** One of them, as a header names it. */
export type NpyType = keyof typeof npyTypes;

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const MAX_HEADER = 65536;

/** What an npy file must be: a type among these, and this shape, where null stands for any size. */
export interface NpyExpectation {
  types?: readonly NpyType[];
  shape?: readonly (number | null)[];
}

/**
 * An open `.npy` file in C order, read by rows (the first dimension), so that memory does not grow
 * with the file. Format: NumPy enhancement proposal 1, versions 1 to 3.
 */
export class NpyFile {
  constructor(
    readonly path: string,
    readonly type: NpyType,
    readonly shape: readonly number[],
    private readonly start: number,
    private readonly file: FileHandle,
  ) {}

  /** Bytes of one row: everything after the first dimension. */
  get rowBytes(): number {
    return this.shape.slice(1).reduce((product, size) => product * size, npyTypes[this.type]);
  }

  /**
   * The bytes of rows `first` up to `first + count`.
   *
   * @throws {DataError} when the file no longer has them
   */
  async read(first: number, count: number): Promise<Uint8Array<ArrayBuffer>> {
    if (!(first >= 0 && count >= 0 && first + count <= (this.shape[0] ?? 0))) {
      throw new RangeError(`rows ${first} to ${first + count} of ${this.shape[0]}`);
    }
    const bytes = new Uint8Array(count * this.rowBytes);
    const found = await fill(this.file, bytes, this.start + first * this.rowBytes);
    if (found !== bytes.length) {
      throw cannotRead(this.path, `${bytes.length} bytes from row ${first} on`, `${found}`);
    }
    return bytes;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/**
 * Opens an `.npy` file whose header and size agree with each other and with what is expected; no
 * value is read yet. The caller closes it.
 *
 * @throws {DataError} one line that names the file, what was expected and what was found
 */
export async function openNpy(path: string, expected: NpyExpectation = {}): Promise<NpyFile> {
  let file: FileHandle;
  try {
    file = await open(path, "r");
  } catch (cause) {
    const { code, message } = cause as { code?: string; message: string };
    if (code === "ENOENT") throw cannotRead(path, "an npy file", "nothing there");
    throw new DataError(`Cannot read ${path}: ${message}`, { cause });
  }
  try {
    const info = await file.stat();
    if (!info.isFile()) throw cannotRead(path, "an npy file", "no file");
    const { type, shape, start } = await readHeader(path, file);
    check(path, { type, shape }, expected);
    const size = shape.reduce((product, size) => product * size, npyTypes[type]);
    if (info.size !== start + size) {
      throw cannotRead(
        path,
        `${size} bytes of values, shape ${show(shape)}`,
        `${info.size - start}`,
      );
    }
    return new NpyFile(path, type, shape, start, file);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/**
 * All values of a small integer `.npy` file of one dimension, such as `labels.npy`.
 *
 * @throws {DataError} as openNpy, and when there are more than `most` values, or one is negative or
 * above 2^31 - 1
 */
export async function readNpyIntegers(path: string, most = 10_000_000): Promise<Int32Array> {
  const types = (Object.keys(npyTypes) as NpyType[]).filter((type) => !type.startsWith("<f"));
  const file = await openNpy(path, { types, shape: [null] });
  try {
    const count = file.shape[0]!;
    if (count > most) throw cannotRead(path, `at most ${most} values`, `${count}`);
    const bytes = await file.read(0, count);
    const width = npyTypes[file.type], view = new DataView(bytes.buffer);
    return Int32Array.from({ length: count }, (_, index) => {
      const value = integer(view, index * width, file.type);
      if (value >= 0 && value < 2 ** 31) return value;
      throw cannotRead(path, "values from 0 on", `${value} at ${index}`);
    });
  } finally {
    await file.close();
  }
}

function integer(view: DataView, offset: number, type: NpyType): number {
  const width = npyTypes[type];
  if (width === 1) return type === "|u1" ? view.getUint8(offset) : view.getInt8(offset);
  if (width === 2) {
    return type === "<u2" ? view.getUint16(offset, true) : view.getInt16(offset, true);
  }
  if (width === 4) {
    return type === "<u4" ? view.getUint32(offset, true) : view.getInt32(offset, true);
  }
  return Number(type === "<u8" ? view.getBigUint64(offset, true) : view.getBigInt64(offset, true));
}

/** The header of a version 1 `.npy` file, its values to follow at a multiple of 64 bytes. */
export function encodeNpyHeader(type: NpyType, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const text = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const total = Math.ceil((10 + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(total).fill(0x20);
  bytes.set([...MAGIC, 1, 0, (total - 10) & 255, (total - 10) >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[total - 1] = 0x0a;
  return bytes;
}

async function readHeader(
  path: string,
  file: FileHandle,
): Promise<{ type: NpyType; shape: number[]; start: number }> {
  const head = new Uint8Array(12);
  const found = await fill(file, head, 0);
  if (found < 10 || MAGIC.some((byte, index) => head[index] !== byte)) {
    throw cannotRead(path, "an npy file", found === 0 ? "an empty one" : "another beginning");
  }
  const version = head[6]!;
  if (version < 1 || version > 3) throw cannotRead(path, "npy version 1 to 3", `${version}`);
  const view = new DataView(head.buffer);
  const first = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER) {
    throw cannotRead(path, `a header of at most ${MAX_HEADER} bytes`, `one of ${length}`);
  }
  const bytes = new Uint8Array(length);
  const held = await fill(file, bytes, first);
  if (held !== length) throw cannotRead(path, `a header of ${length} bytes`, `${held}`);
  return { ...parse(path, new TextDecoder("latin1").decode(bytes)), start: first + length };
}

/** The dictionary NumPy writes, and only that: its three keys in any order, of plain literals. */
function parse(path: string, text: string): { type: NpyType; shape: number[] } {
  const value = (key: string, pattern: string) =>
    new RegExp(`['"]${key}['"]\\s*:\\s*(${pattern})\\s*[,}]`).exec(text)?.[1];
  const type = value("descr", "'[^']*'|\"[^\"]*\"")?.slice(1, -1);
  const order = value("fortran_order", "True|False");
  const sizes = value("shape", "\\([0-9L, ]*\\)");
  if (type === undefined || order === undefined || sizes === undefined) {
    throw cannotRead(
      path,
      "a header with descr, fortran_order and shape",
      text.trim().slice(0, 80),
    );
  }
  if (!(type in npyTypes)) {
    throw cannotRead(path, `a type among ${Object.keys(npyTypes).join(" ")}`, type);
  }
  if (order === "True") throw cannotRead(path, "C order", "Fortran order; save it C-contiguous");
  const shape = sizes.match(/\d+/g)?.map(Number) ?? [];
  const total = shape.reduce((product, size) => product * size, 8);
  if (!Number.isSafeInteger(total)) throw cannotRead(path, "a shape that fits", sizes);
  return { type: type as NpyType, shape };
}

function check(
  path: string,
  found: { type: NpyType; shape: readonly number[] },
  { types, shape }: NpyExpectation,
): void {
  if (types && !types.includes(found.type)) {
    throw cannotRead(path, `values of type ${types.join(" or ")}`, found.type);
  }
  if (
    shape && (shape.length !== found.shape.length ||
      shape.some((size, index) => size !== null && size !== found.shape[index]))
  ) {
    throw cannotRead(path, `shape ${show(shape)}`, show(found.shape));
  }
}

function show(shape: readonly (number | null)[]): string {
  return `(${shape.map((size) => size ?? "any").join(", ")})`;
}

/** Reads until `bytes` is full or the file ends; the count that was read. */
async function fill(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  let filled = 0;
  while (filled < bytes.length) {
    const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}
