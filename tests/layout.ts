import { padded } from "../lib/gpu/tape.ts";

/** NCHW → NHWC with channels padded to a multiple of four, or (batch × channels) padded. */
export function toChannelsLast(
  values: ArrayLike<number>,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const [batch, channels, height = 1, width = 1] = shape as [number, number, number?, number?];
  const stored = new Float32Array(batch * height * width * padded(channels));
  eachPixel(batch, channels, height * width, (from, to) => stored[to] = values[from]!);
  return stored;
}

/** The inverse of `toChannelsLast`. */
export function fromChannelsLast(
  stored: ArrayLike<number>,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const [batch, channels, height = 1, width = 1] = shape as [number, number, number?, number?];
  const values = new Float32Array(batch * channels * height * width);
  eachPixel(batch, channels, height * width, (from, to) => values[from] = stored[to]!);
  return values;
}

function eachPixel(
  batch: number,
  channels: number,
  area: number,
  visit: (first: number, last: number) => void,
): void {
  for (let n = 0; n < batch; n++) {
    for (let c = 0; c < channels; c++) {
      for (let p = 0; p < area; p++) {
        visit((n * channels + c) * area + p, (n * area + p) * padded(channels) + c);
      }
    }
  }
}

/** The shape NHWC of a shape NCHW; other ranks stay as they are. */
export function channelsLast(shape: readonly number[]): number[] {
  const [n, c, h, w] = shape;
  return shape.length === 4 ? [n!, h!, w!, c!] : [...shape];
}

/** |a - b| / |b| in the Euclidean norm. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new RangeError(`${actual.length} numbers, expected ${expected.length}`);
  }
  let difference = 0, norm = 0;
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i]! - expected[i]!) ** 2;
    norm += expected[i]! ** 2;
  }
  return norm ? Math.sqrt(difference / norm) : Math.sqrt(difference);
}

/** The largest |a - b|, NaN if any is. */
export function largestError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) {
    throw new RangeError(`${actual.length} numbers, expected ${expected.length}`);
  }
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}
