import { type Border, nearest } from "./border.ts";
import type { Raster } from "./raster.ts";

/**
 * Every channel convolved with a Gaussian of standard deviation `sigma`, in pixels, cut at
 * round(truncate × sigma) pixels and normalised: down the columns first, then along the rows.
 *
 * Source: scipy.ndimage.gaussian_filter, its order of additions included; with the default border,
 * "nearest", it is skimage.filters.gaussian.
 */
export function gaussianFilter(
  raster: Raster,
  sigma: number,
  { border = nearest, truncate = 4 }: { border?: Border; truncate?: number } = {},
): Raster {
  // Of so narrow a Gaussian SciPy leaves the picture as it is.
  if (sigma <= 1e-15) return raster;
  const radius = Math.floor(truncate * sigma + 0.5);
  const weights = gaussianWeights(radius, sigma);
  // Of a kernel that goes over the whole line and back, weights for the same place are added first.
  const filtered = radius >= raster.height
    ? mixColumns(raster, foldedWeights(raster.height, weights, border))
    : filterColumns(raster, weights, border);
  return radius >= raster.width
    ? mixRows(filtered, foldedWeights(raster.width, weights, border))
    : filterRows(filtered, weights, border);
}

/** The normalised weights at distances 0 … radius. */
function gaussianWeights(radius: number, sigma: number): Float64Array {
  const weights = Float64Array.from(
    { length: radius + 1 },
    (_, x) => Math.exp(-0.5 / (sigma * sigma) * x * x),
  );
  let sum = 0;
  for (let x = -radius; x <= radius; x++) sum += weights[Math.abs(x)]!;
  return weights.map((weight) => weight / sum);
}

function filterColumns(raster: Raster, weights: Float64Array, border: Border): Raster {
  const { width, height, channels, values } = raster;
  const row = width * channels;
  const filtered = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    const to = y * row;
    for (let i = 0; i < row; i++) filtered[to + i] = values[to + i]! * weights[0]!;
    for (let distance = weights.length - 1; distance > 0; distance--) {
      const weight = weights[distance]!;
      const above = border(y - distance, height) * row, below = border(y + distance, height) * row;
      for (let i = 0; i < row; i++) {
        filtered[to + i] = filtered[to + i]! + (values[above + i]! + values[below + i]!) * weight;
      }
    }
  }
  return { ...raster, values: filtered };
}

function filterRows(raster: Raster, weights: Float64Array, border: Border): Raster {
  const { width, height, channels, values } = raster;
  const row = width * channels, radius = weights.length - 1, margin = radius * channels;
  const outside = [
    ...Array.from({ length: radius }, (_, i) => i - radius),
    ...Array.from({ length: radius }, (_, i) => width + i),
  ].map((place) => [(place + radius) * channels, border(place, width) * channels] as const);
  const line = new Float64Array(row + 2 * margin);
  const filtered = new Float64Array(values.length);
  for (let start = 0; start < height * row; start += row) {
    line.set(values.subarray(start, start + row), margin);
    for (const [to, from] of outside) {
      for (let c = 0; c < channels; c++) line[to + c] = values[start + from + c]!;
    }
    for (let i = 0; i < row; i++) {
      let sum = line[i + margin]! * weights[0]!;
      for (let distance = radius; distance > 0; distance--) {
        const step = distance * channels;
        sum += (line[i + margin - step]! + line[i + margin + step]!) * weights[distance]!;
      }
      filtered[start + i] = sum;
    }
  }
  return { ...raster, values: filtered };
}

/** What each of `count` places takes of every other: (count × count), row after row. */
function foldedWeights(count: number, weights: Float64Array, border: Border): Float64Array {
  const folded = new Float64Array(count * count), radius = weights.length - 1;
  for (let place = 0; place < count; place++) {
    for (let offset = -radius; offset <= radius; offset++) {
      const at = place * count + border(place + offset, count);
      folded[at] = folded[at]! + weights[Math.abs(offset)]!;
    }
  }
  return folded;
}

function mixColumns(raster: Raster, folded: Float64Array): Raster {
  const { width, height, channels, values } = raster;
  const row = width * channels, mixed = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let from = 0; from < height; from++) {
      const weight = folded[y * height + from]!;
      for (let i = 0; i < row; i++) {
        mixed[y * row + i] = mixed[y * row + i]! + weight * values[from * row + i]!;
      }
    }
  }
  return { ...raster, values: mixed };
}

function mixRows(raster: Raster, folded: Float64Array): Raster {
  const { width, channels, values } = raster;
  const row = width * channels, mixed = new Float64Array(values.length);
  for (let start = 0; start < values.length; start += row) {
    for (let i = 0; i < row; i++) {
      const first = start + i % channels, weights = Math.floor(i / channels) * width;
      let sum = 0;
      for (let x = 0; x < width; x++) sum += folded[weights + x]! * values[first + x * channels]!;
      mixed[start + i] = sum;
    }
  }
  return { ...raster, values: mixed };
}
