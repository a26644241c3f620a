import { code } from "./resample_wasm.ts";

/** Bytes of red, green, blue (and a fourth that is not looked at), row by row. */
export interface PixelBytes {
  /** In pixels, at least 1. */
  width: number;
  /** In pixels, at least 1. */
  height: number;
  /** Bytes of each pixel. */
  channels: 3 | 4;
  /** (height × width × channels) */
  data: Uint8Array | Uint8ClampedArray;
}

/** A part of a picture, in pixels. */
export interface Part {
  top: number;
  left: number;
  height: number;
  width: number;
}

/** Pillow's filters: how far each reaches, and its weight at a distance, where it shrinks by 1. */
const filters = {
  bilinear: { reach: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  box: { reach: 0.5, weight: (x: number) => Number(x > -0.5 && x <= 0.5) },
} as const;
/** The name of one of them. */
export type Filter = keyof typeof filters;

/** What is cut out, to what size that is resized, and what is cut out of the result. */
export interface Resampling {
  /** Of the input; only its pixels are looked at. */
  part: Part;
  /** Of the part after resizing, in pixels. */
  width: number;
  height: number;
  /** Of the resized part; only its pixels are computed. */
  window: Part;
  /** "bilinear" by default. */
  filter?: Filter;
}

interface Passes {
  memory: WebAssembly.Memory;
  horizontal(...numbers: number[]): void;
  vertical(...numbers: number[]): void;
}

/** For each output: where its taps begin, and their weights in pairs, as `resample.wat` has them. */
interface Weights {
  /** The first input of each output. */
  first: Int32Array;
  /** Taps of every output, divided by two. */
  pairs: number;
  /** (outputs × pairs × 4): high, high, low, low. */
  values: Int16Array;
  /** The first input that any output needs, and the one behind the last. */
  from: number;
  to: number;
}

/** Pillow's fixed-point precision: 8 bits are the pixel, 2 are headroom. */
const PRECISION_BITS = 32 - 8 - 2;
/** Of input copied at once, where a line is not longer. */
const STRIP_BYTES = 2 ** 18;
const PAGE = 2 ** 16;

let passes: Passes | undefined;

/**
 * Bilinear with antialiasing, equal bit for bit to Pillow's
 * `crop(part).resize((width, height), BILINEAR).crop(window)`, or the same with BOX: a horizontal, then a vertical pass,
 * each rounded to 8 bits. Takes memory for the window's width times the part's height.
 *
 * @param output takes red, green, blue and 255 for each pixel of the window
 * @throws {RangeError} where a side is no whole number above 0, a part or window lies outside, or
 *   the output is of another size
 */
export function resample(
  input: PixelBytes,
  { part, width, height, window, filter = "bilinear" }: Resampling,
  output: Uint8Array,
): void {
  check(input, part, { width, height }, window, output);
  const across = weightsOf(filter, part.width, width, window.left, window.width);
  const down = weightsOf(filter, part.height, height, window.top, window.height);
  const lineBytes = Math.ceil(window.width / 4) * 16;
  const lines = down.to - down.from;
  const inputLine = (across.to - across.from) * input.channels;
  const strip = Math.min(lines, Math.max(1, Math.floor(STRIP_BYTES / inputLine)));
  // What lies behind the last line is read for taps of weight 0.
  const [acrossAt, downAt, stripAt, middleAt, outputAt, end] = layOut(
    ...[bytesOf(across), bytesOf(down), strip * inputLine + 8 * across.pairs],
    ...[(lines + 2 * down.pairs) * lineBytes, window.height * lineBytes],
  ) as [number, number, number, number, number, number];
  const { memory, horizontal, vertical } = passes ??= instantiate();
  if (memory.buffer.byteLength < end) {
    memory.grow(Math.ceil(end / PAGE) - memory.buffer.byteLength / PAGE);
  }
  const bytes = new Uint8Array(memory.buffer);
  store(bytes, acrossAt, across, input.channels);
  store(bytes, downAt, down, lineBytes);
  const left = (part.left + across.from) * input.channels, inputStep = input.width * input.channels;
  for (let line = 0; line < lines; line += strip) {
    const count = Math.min(strip, lines - line);
    let from = (part.top + down.from + line) * inputStep + left;
    for (let i = 0; i < count; i++, from += inputStep) {
      bytes.set(input.data.subarray(from, from + inputLine), stripAt + i * inputLine);
    }
    horizontal(
      ...[stripAt, inputLine, input.channels, count],
      ...[acrossAt, acrossAt + across.first.byteLength, across.pairs],
      ...[window.width, middleAt + line * lineBytes, lineBytes],
    );
  }
  vertical(
    ...[middleAt, lineBytes, downAt, downAt + down.first.byteLength, down.pairs],
    ...[window.height, outputAt],
  );
  for (let y = 0; y < window.height; y++) {
    const from = outputAt + y * lineBytes;
    output.set(bytes.subarray(from, from + 4 * window.width), y * 4 * window.width);
  }
}

function instantiate(): Passes {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(code));
  return instance.exports as unknown as Passes;
}

/** Where areas of so many bytes begin, each at a multiple of 16, and where the last one ends. */
function layOut(...sizes: number[]): number[] {
  const starts = [0];
  for (const size of sizes) starts.push(starts.at(-1)! + Math.ceil(size / 16) * 16);
  return starts;
}

function bytesOf({ first, values }: Weights): number {
  return first.byteLength + values.byteLength;
}

/** Puts a table at `at`, its first inputs as bytes, of which an input has `step`. */
function store(
  bytes: Uint8Array,
  at: number,
  { first, values, from }: Weights,
  step: number,
): void {
  const offsets = first.map((input) => (input - from) * step);
  bytes.set(new Uint8Array(offsets.buffer), at);
  bytes.set(new Uint8Array(values.buffer), at + offsets.byteLength);
}

/**
 * Pillow's `precompute_coeffs` for a filter, and its `normalize_coeffs_8bpc`, for `count` outputs
 * from `skip` on.
 */
function weightsOf(
  filter: Filter,
  inputs: number,
  outputs: number,
  skip: number,
  count: number,
): Weights {
  const scale = inputs / outputs, shrunk = Math.max(scale, 1);
  const { reach, weight: weightAt } = filters[filter];
  const support = reach * shrunk;
  const first = new Int32Array(count), lengths = new Int32Array(count);
  let most = 0, to = 0;
  for (let i = 0; i < count; i++) {
    const center = (skip + i + 0.5) * scale;
    first[i] = Math.max(Math.trunc(center - support + 0.5), 0);
    const end = Math.min(Math.trunc(center + support + 0.5), inputs);
    lengths[i] = end - first[i]!;
    most = Math.max(most, lengths[i]!);
    to = Math.max(to, end);
  }
  const pairs = Math.ceil(most / 2);
  const values = new Int16Array(count * pairs * 4), exact = new Float64Array(most);
  for (let i = 0; i < count; i++) {
    const center = (skip + i + 0.5) * scale, length = lengths[i]!;
    let sum = 0;
    for (let k = 0; k < length; k++) {
      exact[k] = weightAt((k + first[i]! - center + 0.5) * (1 / shrunk));
      sum += exact[k]!;
    }
    for (let k = 0; k < length; k++) {
      const weight = Math.trunc(0.5 + exact[k]! / sum * 2 ** PRECISION_BITS);
      const at = (i * pairs + (k >> 1)) * 4 + (k & 1);
      values[at] = weight >> 11;
      values[at + 2] = weight & 2047;
    }
  }
  return { first, pairs, values, from: first[0]!, to };
}

function check(
  input: PixelBytes,
  part: Part,
  size: { width: number; height: number },
  window: Part,
  output: Uint8Array,
): void {
  for (const side of [size.width, size.height]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new RangeError(`Cannot resize: expected a side of at least 1 pixel but found ${side}`);
    }
  }
  checkInside(part, input);
  checkInside(window, size);
  if (output.length !== 4 * window.width * window.height) {
    throw new RangeError(
      `Cannot resize: expected ${4 * window.width * window.height} bytes of output ` +
        `but found ${output.length}`,
    );
  }
}

/** Throws a RangeError unless the part is one of whole pixels inside a picture of that size. */
export function checkInside(
  part: Part,
  { width, height }: { width: number; height: number },
): void {
  const isInside = Object.values(part).every(Number.isInteger) &&
    part.top >= 0 && part.left >= 0 && part.height >= 1 && part.width >= 1 &&
    part.top + part.height <= height && part.left + part.width <= width;
  if (isInside) return;
  throw new RangeError(
    `Cannot crop: expected a part of ${width}x${height} pixels but found ` +
      `${part.width}x${part.height} at (${part.left}, ${part.top})`,
  );
}
