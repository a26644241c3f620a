import type { AffineMap } from "../../lib/augment/affine.ts";

/** A picture of bytes r, g, b, 0. */
export interface Bytes {
  width: number;
  height: number;
  data: ArrayLike<number>;
}

/**
 * Pillow's bilinear Image.transform in doubles, as its C code has it: for each byte the number whose
 * fraction it cuts off.
 */
export function pilAffine({ width, height, data }: Bytes, map: AffineMap): Float64Array {
  const [a, b, c, d, e, f] = map;
  const result = new Float64Array(4 * width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const xin = a * (x + 0.5) + b * (y + 0.5) + c, yin = d * (x + 0.5) + e * (y + 0.5) + f;
      if (xin < 0 || xin >= width || yin < 0 || yin >= height) continue;
      const [left, top] = [Math.floor(xin - 0.5), Math.floor(yin - 0.5)];
      const [dx, dy] = [xin - 0.5 - left, yin - 0.5 - top];
      const clip = (at: number, size: number) => Math.min(Math.max(at, 0), size - 1);
      for (let channel = 0; channel < 3; channel++) {
        const at = (column: number, row: number) =>
          data[4 * (clip(row, height) * width + clip(column, width)) + channel]!;
        const upper = at(left, top) + (at(left + 1, top) - at(left, top)) * dx;
        const lower = at(left, top + 1) + (at(left + 1, top + 1) - at(left, top + 1)) * dx;
        result[4 * (y * width + x) + channel] = upper + (lower - upper) * dy;
      }
    }
  }
  return result;
}
