import { reflect101 } from "./border.ts";
import type { Raster } from "./raster.ts";

/** The pole of the cubic B-spline's inverse filter. */
const POLE = Math.sqrt(3) - 2;

/** A function that adds `share` times the spline at a place, in pixels, to `into`, by channels. */
export type AddSpline = (
  x: number,
  y: number,
  share: number,
  into: Float64Array,
  at: number,
) => void;

/**
 * The sum of cubic B-splines with a raster's values as their weights, mirrored about the outermost
 * places; nothing is added for places outside. Without `splineCoefficients` it smooths.
 *
 * Source: scipy.ndimage's interpolation of order 3, mode "constant".
 */
export function cubicSpline({ width, height, channels, values }: Raster): AddSpline {
  const columns = mirrored(width, channels), rows = mirrored(height, width * channels);
  const across = new Float64Array(4), down = new Float64Array(4);
  return (x, y, share, into, at) => {
    if (x < 0 || y < 0 || x > width - 1 || y > height - 1) return;
    const left = Math.floor(x), top = Math.floor(y);
    setWeights(across, x - left);
    setWeights(down, y - top);
    const a = across[0]!, b = across[1]!, c = across[2]!, d = across[3]!;
    const u = columns[left]!, v = columns[left + 1]!;
    const w = columns[left + 2]!, z = columns[left + 3]!;
    for (let channel = 0; channel < channels; channel++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) {
        const row = rows[top + k]! + channel;
        sum += down[k]! *
          (a * values[row + u]! + b * values[row + v]! + c * values[row + w]! +
            d * values[row + z]!);
      }
      into[at + channel]! += share * sum;
    }
  };
}

/** Where places -1 … count + 1 begin, times `stride`. */
function mirrored(count: number, stride: number): Int32Array {
  return Int32Array.from({ length: count + 3 }, (_, i) => reflect101(i - 1, count) * stride);
}

/** The four splines that are not 0 at `part` of the way from the second's middle to the third's. */
function setWeights(weights: Float64Array, part: number): void {
  const rest = 1 - part;
  weights[0] = rest * rest * rest / 6;
  weights[1] = (part * part * (part - 2) * 3 + 4) / 6;
  weights[2] = (rest * rest * (rest - 2) * 3 + 4) / 6;
  weights[3] = part * part * part / 6;
}

/**
 * The weights by which the spline goes through a raster's values.
 *
 * Source: Unser, Aldroubi, Eden 1991, as scipy.ndimage.spline_filter of mode "mirror".
 */
export function splineCoefficients(raster: Raster): Raster {
  const { width, height, channels } = raster;
  const values = raster.values.slice(), row = width * channels;
  for (let i = 0; i < row; i++) filterLine(values, i, row, height);
  for (let y = 0; y < height; y++) {
    for (let c = 0; c < channels; c++) filterLine(values, y * row + c, channels, width);
  }
  return { ...raster, values };
}

/** Filters `count` values from `start` on, each `step` after the one before, in place. */
function filterLine(values: Float64Array, start: number, step: number, count: number): void {
  if (count === 1) return;
  const last = start + (count - 1) * step;
  // The sum of all mirrored values before the first, in closed form.
  let first = 0, power = 1;
  for (let i = start; i < last; i += step, power *= POLE) first += power * values[i]!;
  for (let i = last; i > start; i -= step, power *= POLE) first += power * values[i]!;
  // By now `power` is POLE to the (2 × count - 2)th: one turn to and fro.
  values[start] = 6 * first / (1 - power);
  for (let i = start + step; i <= last; i += step) {
    values[i] = 6 * values[i]! + POLE * values[i - step]!;
  }
  values[last] = POLE / (POLE * POLE - 1) * (POLE * values[last - step]! + values[last]!);
  for (let i = last - step; i >= start; i -= step) {
    values[i] = POLE * (values[i + step]! - values[i]!);
  }
}
