import type { Picture } from "./corruption.ts";
import { type Window, windowOf } from "./window.ts";

/** Writes to `place` the x and y, in pixels, of where pixel (x, y) is taken from. */
export type Locate = (x: number, y: number, place: Float64Array) => void;

/**
 * What is seen in a window of a picture, all of it by default, whose pixels are taken from other
 * places, bilinear; black outside of it.
 */
export function takenFrom(
  picture: Picture,
  locate: Locate,
  { left, top, width, height }: Window = windowOf(picture),
): Picture {
  const rgb = new Float64Array(width * height * 3);
  const place = new Float64Array(2);
  for (let y = top, i = 0; y < top + height; y++) {
    for (let x = left; x < left + width; x++, i += 3) {
      locate(x, y, place);
      addBilinear(picture, place[0]!, place[1]!, rgb, i);
    }
  }
  return { width, height, rgb };
}

/** Adds the colour at a place between pixels to `into[at]` and the two after it. */
function addBilinear(
  { width, height, rgb }: Picture,
  x: number,
  y: number,
  into: Float64Array,
  at: number,
): void {
  const left = Math.floor(x), top = Math.floor(y);
  for (let row = top; row <= top + 1; row++) {
    if (row < 0 || row >= height) continue;
    const down = 1 - Math.abs(y - row);
    for (let column = left; column <= left + 1; column++) {
      if (column < 0 || column >= width) continue;
      const weight = down * (1 - Math.abs(x - column));
      const from = (row * width + column) * 3;
      into[at]! += weight * rgb[from]!;
      into[at + 1]! += weight * rgb[from + 1]!;
      into[at + 2]! += weight * rgb[from + 2]!;
    }
  }
}
