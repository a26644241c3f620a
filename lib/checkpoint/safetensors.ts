import { CheckpointError } from "./error.ts";

/** The array that holds each element type, by safetensors' names; a BOOL is a byte 0 or 1. */
export const tensorArrays = {
  F64: Float64Array,
  F32: Float32Array,
  F16: Uint16Array,
  BF16: Uint16Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

/** The element types that are read and written, by safetensors' names. */
export type Dtype = keyof typeof tensorArrays;

/** Row-major values of a tensor; F16 and BF16 are kept as their 16 bits in a Uint16Array. */
export type TensorData =
  | Float64Array
  | Float32Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | Uint8Array;

/** A tensor as it lies in a checkpoint: `data` holds the product of `shape` elements. */
export interface StoredTensor {
  /** Its type, by safetensors' name. */
  dtype: Dtype;
  /** Its dimensions, the slowest first. */
  shape: number[];
  /** Its numbers, row by row. */
  data: TensorData;
}

/** What a safetensors file holds: tensors in the order of their bytes, and its `__metadata__`. */
export interface Safetensors {
  tensors: Map<string, StoredTensor>;
  metadata: Record<string, string>;
}

/** The format's own limit on the JSON header, in bytes. */
const largestHeader = 100_000_000;

/**
 * A safetensors file of the tensors, in the map's order, and of the metadata: u64 header length,
 * JSON header padded with spaces to a multiple of 8 bytes, then the values, all little endian.
 * Source: the format's description in huggingface/safetensors.
 *
 * @throws {CheckpointError} when a tensor's data has not the type or size its dtype and shape say
 */
export function encodeSafetensors(
  tensors: Map<string, StoredTensor>,
  metadata: Record<string, string>,
): Uint8Array {
  if (tensors.has("__metadata__")) {
    throw new CheckpointError("Cannot write a tensor under the reserved name __metadata__");
  }
  const entries = [`"__metadata__":${JSON.stringify(metadata)}`];
  let end = 0;
  for (const [name, { dtype, shape, data }] of tensors) {
    const size = checkTensor(name, { dtype, shape, data });
    const entry = { dtype, shape, data_offsets: [end, end + size] };
    entries.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    end += size;
  }
  const json = new TextEncoder().encode(`{${entries.join(",")}}`);
  const start = 8 + Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(start + end).fill(0x20, 8, start);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true);
  bytes.set(json, 8);
  let at = start;
  for (const { data } of tensors.values()) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/**
 * The tensors and metadata of a safetensors file; the values are copied out of `bytes`. Nothing
 * is allocated beyond the size of the file, whatever the header claims.
 *
 * @param name the file's name, for errors
 * @throws {CheckpointError} when the bytes are cut, overlap, leave gaps or are no safetensors file
 */
export function decodeSafetensors(bytes: Uint8Array, name: string): Safetensors {
  const start = headerEnd(bytes, name);
  const header = parseHeader(bytes.subarray(8, start), name);
  const spans: Span[] = [];
  let metadata: Record<string, string> = {};
  for (const [key, value] of Object.entries(header)) {
    if (key === "__metadata__") metadata = checkMetadata(value, name);
    else spans.push(checkSpan(key, value, name));
  }
  spans.sort((a, b) => a.from - b.from || a.to - b.to);
  checkCoverage(spans, bytes.length - start, name);
  const tensors = new Map<string, StoredTensor>();
  for (const { key, dtype, shape, from, to } of spans) {
    const copy = new Uint8Array(bytes.subarray(start + from, start + to)).buffer;
    tensors.set(key, { dtype, shape, data: new tensorArrays[dtype](copy) });
  }
  return { tensors, metadata };
}

/** A checked header entry: the bytes from..to of the data part, end exclusive. */
interface Span {
  key: string;
  dtype: Dtype;
  shape: number[];
  from: number;
  to: number;
}

function fail(name: string, expected: string, found: string): never {
  throw new CheckpointError(`Cannot read ${name}: expected ${expected} but found ${found}`);
}

/** Bytes of a tensor to write; refuses one that could not be read back. */
function checkTensor(name: string, { dtype, shape, data }: StoredTensor): number {
  const size = spanOf(dtype, shape);
  if (!(data instanceof tensorArrays[dtype]) || data.byteLength !== size) {
    throw new CheckpointError(
      `Cannot write tensor "${name}": expected ${size} bytes of ${dtype} for [${shape}] ` +
        `but found ${data.byteLength} in ${data.constructor.name}`,
    );
  }
  return size;
}

/** A header value for an error message, cut to one short line. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/** Bytes of a tensor; NaN when the product of the shape is above what f64 holds exactly. */
function spanOf(dtype: Dtype, shape: number[]): number {
  let size: number = tensorArrays[dtype].BYTES_PER_ELEMENT;
  for (const side of shape) {
    size *= side;
    if (!Number.isSafeInteger(size)) return NaN;
  }
  return size;
}

function headerEnd(bytes: Uint8Array, name: string): number {
  if (bytes.length < 8) {
    fail(name, "a safetensors header of at least 8 bytes", `a file of ${bytes.length} bytes`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  const room = Math.min(bytes.length - 8, largestHeader);
  if (length < 2n || length > BigInt(room)) {
    fail(name, `a header of 2 to ${room} bytes`, `a header length of ${length}`);
  }
  return 8 + Number(length);
}

function parseHeader(bytes: Uint8Array, name: string): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    fail(name, "a JSON header", cause instanceof Error ? cause.message : String(cause));
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) {
    fail(name, "a JSON object as header", show(header));
  }
  return header as Record<string, unknown>;
}

function checkMetadata(value: unknown, name: string): Record<string, string> {
  const strings = typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.values(value).every((text) => typeof text === "string");
  if (!strings) fail(name, "__metadata__ of strings", show(value));
  return value as Record<string, string>;
}

/** Whether `value` is an array of integers from 0 on that f64 holds exactly. */
function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((side) => Number.isSafeInteger(side) && side >= 0);
}

function checkSpan(key: string, value: unknown, name: string): Span {
  const entry = (typeof value === "object" && value !== null ? value : {}) as Partial<
    Record<"dtype" | "shape" | "data_offsets", unknown>
  >;
  const { dtype, shape, data_offsets: offsets } = entry;
  const what = `tensor ${show(key)}`;
  if (typeof dtype !== "string" || !Object.hasOwn(tensorArrays, dtype)) {
    const known = Object.keys(tensorArrays).join(", ");
    fail(name, `a dtype among ${known} for ${what}`, show(dtype));
  }
  if (!isCounts(shape)) fail(name, `a shape of whole numbers for ${what}`, show(shape));
  if (!isCounts(offsets) || offsets.length !== 2) {
    fail(name, `two data_offsets for ${what}`, show(offsets));
  }
  const [from, to] = offsets as [number, number];
  const size = spanOf(dtype as Dtype, shape);
  if (to - from !== size) {
    fail(name, `${size} bytes for ${what}, ${dtype} ${show(shape)}`, `${to - from} bytes`);
  }
  return { key, dtype: dtype as Dtype, shape, from, to };
}

/** Refuses spans, sorted by offset, that do not cover the data part exactly once. */
function checkCoverage(spans: Span[], length: number, name: string): void {
  let end = 0;
  for (const { key, from, to } of spans) {
    if (from !== end) fail(name, `tensor ${show(key)} at byte ${end}`, `it at byte ${from}`);
    end = to;
  }
  if (end !== length) fail(name, `${end} bytes of values`, `${length} bytes`);
}
