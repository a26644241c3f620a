import { type Border, reflect, reflect101 } from "./border.ts";
import type { Raster } from "./raster.ts";
import { roundToEven } from "./rounding.ts";

/** x' = a x + b y + c, y' = d x + e y + f. */
export type Affine = readonly [number, number, number, number, number, number];

/**
 * A raster moved by an affine map from its places to those of the result, bilinear, mirrored about
 * its outermost pixels. Places are rounded to 1/32 pixel.
 *
 * Source: OpenCV's warpAffine with INTER_LINEAR and BORDER_REFLECT_101.
 */
export function warpAffine(raster: Raster, map: Affine): Raster {
  const [a, b, c, d, e, f] = inverse(map);
  const { width, height, values } = raster;
  // OpenCV's fixed-point numbers: 10 bits of fraction for each term, of which 5 are kept.
  const fixed = (value: number) => roundToEven(value * 1024);
  const acrossX = Int32Array.from({ length: width }, (_, x) => fixed(a * x));
  const acrossY = Int32Array.from({ length: width }, (_, x) => fixed(d * x));
  const warped = new Float64Array(values.length);
  const sampler = bilinear(raster, reflect101);
  for (let y = 0, i = 0; y < height; y++) {
    const startX = fixed(b * y + c) + 16, startY = fixed(e * y + f) + 16;
    for (let x = 0; x < width; x++, i++) {
      const fromX = (startX + acrossX[x]!) >> 5, fromY = (startY + acrossY[x]!) >> 5;
      sampler(fromX / 32, fromY / 32, warped, i);
    }
  }
  return { ...raster, values: warped };
}

/**
 * Each pixel taken from `dx`, `dy` beside it, in pixels, bilinear, mirrored about the edge.
 *
 * Source: scipy.ndimage.map_coordinates of order 1 and mode "reflect".
 */
export function displaced(raster: Raster, dx: Float64Array, dy: Float64Array): Raster {
  const { width, height, values } = raster;
  const moved = new Float64Array(values.length);
  const sampler = bilinear(raster, reflect);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) sampler(x + dx[i]!, y + dy[i]!, moved, i);
  }
  return { ...raster, values: moved };
}

/** A function that writes all channels at a place between pixels to pixel `to` of an array. */
function bilinear(
  { width, height, channels, values }: Raster,
  border: Border,
): (x: number, y: number, into: Float64Array, to: number) => void {
  return (x, y, into, to) => {
    const x0 = Math.floor(x), y0 = Math.floor(y), across = x - x0, down = y - y0;
    const left = border(x0, width) * channels, right = border(x0 + 1, width) * channels;
    const above = border(y0, height) * width * channels;
    const below = border(y0 + 1, height) * width * channels;
    for (let c = 0; c < channels; c++) {
      const upper = values[above + left + c]! * (1 - across) +
        values[above + right + c]! * across;
      const lower = values[below + left + c]! * (1 - across) +
        values[below + right + c]! * across;
      into[to * channels + c] = upper * (1 - down) + lower * down;
    }
  };
}

/** The map back; of one that has none, everything comes from the first place. */
function inverse([a, b, c, d, e, f]: Affine): Affine {
  const determinant = a * e - b * d;
  const scale = determinant === 0 ? 0 : 1 / determinant;
  const [p, q, r, s] = [e * scale, -b * scale, -d * scale, a * scale];
  return [p, q, -p * c - q * f, r, s, -r * c - s * f];
}
