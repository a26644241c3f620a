import { nearest } from "./border.ts";
import type { Raster } from "./raster.ts";

/** How far a picture moves: the taps of a line, one-sided. */
interface Motion {
  /** In pixels; the line has 2 × ⌈radius⌉ + 1 taps. */
  readonly radius: number;
  /** The standard deviation of the taps' weights, in pixels. */
  readonly sigma: number;
  /** In degrees: 0 is to the right, 90 down. */
  readonly angle: number;
}

/** What a tap is worth, and from where it takes its pixels. */
interface Tap {
  weight: number;
  dx: number;
  dy: number;
}

/**
 * Each pixel the weighted mean of those on a line that starts at it; the outermost pixels go on
 * outside. Values are multiples of 1/255 before and after, as of a PNG file that is read, blurred
 * and written.
 *
 * Source: MagickMotionBlurImage of ImageMagick 6 with 16 bits a channel.
 */
export function motionBlur(raster: Raster, motion: Motion): Raster {
  const { width, height, channels, values } = raster;
  const row = width * channels;
  const sums = new Float64Array(values.length);
  for (const { weight, dx, dy } of taps(motion)) {
    // Of a row, what lies inside: pixels up to `start` and from `end` on take the outermost one.
    const start = Math.min(Math.max(-dx, 0), width) * channels;
    const end = Math.max(Math.min(width - dx, width), 0) * channels;
    const shift = dx * channels;
    for (let y = 0; y < height; y++) {
      const to = y * row, from = nearest(y + dy, height) * row;
      for (let i = 0; i < start; i++) sums[to + i]! += weight * values[from + i % channels]!;
      for (let i = start; i < end; i++) sums[to + i]! += weight * values[from + shift + i]!;
      const last = from + row - channels;
      for (let i = Math.max(end, start); i < row; i++) {
        sums[to + i]! += weight * values[last + i % channels]!;
      }
    }
  }
  return { ...raster, values: sums.map(twiceRounded) };
}

/** ImageMagick's kernel and offsets, in its words `GetMotionBlurKernel` and `offset`. */
function taps({ radius, sigma, angle }: Motion): Tap[] {
  const count = 2 * Math.ceil(radius) + 1;
  const radians = angle * Math.PI / 180;
  const pointX = count * Math.sin(radians), pointY = count * Math.cos(radians);
  const length = Math.hypot(pointX, pointY);
  const weights = Array.from({ length: count }, (_, i) => Math.exp(-i * i / (2 * sigma * sigma)));
  const sum = weights.reduce((a, b) => a + b);
  return weights.map((weight, i) => ({
    weight: weight / sum,
    dx: Math.ceil(i * pointY / length - 0.5),
    dy: Math.ceil(i * pointX / length - 0.5),
  }));
}

/** To the nearest of 16 bits, then down to 8, as ImageMagick's PNG writer does. */
function twiceRounded(value: number): number {
  return Math.floor(Math.floor(value * 65535 + 0.5) / 257) / 255;
}
