import { reflect101 } from "./border.ts";
import type { Raster } from "./raster.ts";

/** The weights of a square window, row after row; the middle one is that of the pixel itself. */
export interface Kernel {
  /** Odd, in pixels. */
  readonly side: number;
  /** (side × side) */
  readonly weights: ArrayLike<number>;
}

/**
 * Every channel correlated with a kernel, mirrored about its outermost pixels.
 *
 * Source: OpenCV's filter2D with BORDER_REFLECT_101.
 */
export function filter2d(raster: Raster, { side, weights }: Kernel): Raster {
  const { width, height, channels, values } = raster;
  const radius = (side - 1) / 2, row = width * channels;
  const padded = (width + 2 * radius) * channels;
  const lines = mirrored(raster, radius);
  const filtered = new Float64Array(values.length);
  for (let dy = 0; dy < side; dy++) {
    for (let dx = 0; dx < side; dx++) {
      const weight = weights[dy * side + dx]!;
      if (weight === 0) continue;
      for (let y = 0; y < height; y++) {
        const from = (y + dy) * padded + dx * channels, to = y * row;
        for (let i = 0; i < row; i++) {
          filtered[to + i] = filtered[to + i]! + weight * lines[from + i]!;
        }
      }
    }
  }
  return { ...raster, values: filtered };
}

/** The mean of every 3 × 3 window: OpenCV's blur of that size. */
export function blur3(raster: Raster): Raster {
  const sums = filter2d(raster, { side: 3, weights: new Float64Array(9).fill(1) });
  return { ...sums, values: sums.values.map((sum) => sum / 9) };
}

/** The raster with `radius` more places on each side. */
function mirrored({ width, height, channels, values }: Raster, radius: number): Float64Array {
  const columns = width + 2 * radius;
  const padded = new Float64Array(columns * (height + 2 * radius) * channels);
  const from = Int32Array.from(
    { length: columns },
    (_, x) => reflect101(x - radius, width) * channels,
  );
  for (let y = 0, to = 0; y < height + 2 * radius; y++) {
    const start = reflect101(y - radius, height) * width * channels;
    for (let x = 0; x < columns; x++) {
      for (let c = 0; c < channels; c++) padded[to++] = values[start + from[x]! + c]!;
    }
  }
  return padded;
}
