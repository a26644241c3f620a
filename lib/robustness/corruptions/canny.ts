import { nearest } from "./border.ts";
import type { Raster } from "./raster.ts";

/** tan 22.5°, as a multiple of 2^-15. */
const TAN_22 = 13573;
const NONE = 0, WEAK = 1, STRONG = 2;

/** Sobel's derivatives of a raster, and the sum of their absolute values. */
interface Gradient {
  dx: Int32Array;
  dy: Int32Array;
  magnitude: Int32Array;
}

/**
 * 1 on the edges of a raster of one channel of whole numbers 0 … 255, else 0: ridges of the gradient
 * above `high`, and those above `low` that touch them.
 *
 * Source: Canny 1986, as OpenCV's Canny with a 3 × 3 Sobel and the sum of absolute derivatives.
 */
export function canny(raster: Raster, low: number, high: number): Uint8Array {
  const { width, height } = raster;
  const gradient = sobel(raster);
  const kinds = new Uint8Array(width * height);
  const strong: number[] = [];
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i++) {
      if (gradient.magnitude[i]! <= low || !isRidge(gradient, x, y, width, height)) continue;
      kinds[i] = gradient.magnitude[i]! > high ? STRONG : WEAK;
      if (kinds[i] === STRONG) strong.push(i);
    }
  }
  spread(kinds, strong, width, height);
  return kinds.map((kind) => Number(kind === STRONG));
}

/** Makes every weak place strong that a chain of weak ones joins to a strong one. */
function spread(kinds: Uint8Array, strong: number[], width: number, height: number): void {
  for (let i = strong.pop(); i !== undefined; i = strong.pop()) {
    const x = i % width, y = (i - x) / width;
    for (let v = Math.max(y - 1, 0); v <= Math.min(y + 1, height - 1); v++) {
      for (let u = Math.max(x - 1, 0); u <= Math.min(x + 1, width - 1); u++) {
        const neighbour = v * width + u;
        if (kinds[neighbour] !== WEAK) continue;
        kinds[neighbour] = STRONG;
        strong.push(neighbour);
      }
    }
  }
}

function sobel({ width, height, values }: Raster): Gradient {
  const dx = new Int32Array(values.length), dy = new Int32Array(values.length);
  for (let y = 0, i = 0; y < height; y++) {
    const above = nearest(y - 1, height) * width, here = y * width;
    const below = nearest(y + 1, height) * width;
    for (let x = 0; x < width; x++, i++) {
      const left = nearest(x - 1, width), right = nearest(x + 1, width);
      dx[i] = values[above + right]! - values[above + left]! +
        2 * (values[here + right]! - values[here + left]!) +
        values[below + right]! - values[below + left]!;
      dy[i] = values[below + left]! + 2 * values[below + x]! + values[below + right]! -
        values[above + left]! - 2 * values[above + x]! - values[above + right]!;
    }
  }
  return { dx, dy, magnitude: dx.map((value, i) => Math.abs(value) + Math.abs(dy[i]!)) };
}

/** Whether no neighbour along the gradient is steeper; outside of the raster nothing is. */
function isRidge(
  { dx, dy, magnitude }: Gradient,
  x: number,
  y: number,
  width: number,
  height: number,
): boolean {
  const i = y * width + x, here = magnitude[i]!;
  const at = (u: number, v: number) =>
    u < 0 || v < 0 || u >= width || v >= height ? NONE : magnitude[v * width + u]!;
  const across = Math.abs(dx[i]!), down = Math.abs(dy[i]!) * 2 ** 15;
  const flat = across * TAN_22;
  if (down < flat) return here > at(x - 1, y) && here >= at(x + 1, y);
  // tan 67.5° = 2 + tan 22.5°.
  if (down > flat + across * 2 ** 16) return here > at(x, y - 1) && here >= at(x, y + 1);
  const slant = (dx[i]! ^ dy[i]!) < 0 ? -1 : 1;
  return here > at(x - slant, y - 1) && here > at(x + slant, y + 1);
}
