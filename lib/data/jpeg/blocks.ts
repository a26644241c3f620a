import { forwardDct, inverseDct } from "./dct.ts";
import type { Plane } from "./ycc.ts";

/** Annex K of the JPEG standard (ITU T.81): steps of luminance and of chrominance at quality 50. */
const luminance = [
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55],
  ...[14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
];
const chrominance = [
  ...[17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99],
  ...[24, 26, 56, 99, 99, 99, 99, 99, 47, 66, 99, 99, 99, 99, 99, 99],
  ...Array<number>(32).fill(99),
];

/** Steps of luminance and of chrominance, row after row, of a quality in 1 … 100. */
export function quantisationSteps(quality: number): { luma: Int32Array; chroma: Int32Array } {
  return { luma: scaled(luminance, quality), chroma: scaled(chrominance, quality) };
}

/** libjpeg's `jpeg_quality_scaling` of a table. */
function scaled(table: readonly number[], quality: number): Int32Array {
  const percent = quality < 50 ? Math.trunc(5000 / quality) : 200 - 2 * quality;
  return Int32Array.from(
    table,
    (step) => Math.min(Math.max(Math.trunc((step * percent + 50) / 100), 1), 255),
  );
}

/**
 * The 8 × 8 block at a place of a plane transformed and rounded to whole steps, into `block`, row
 * after row; the plane's last row and column go on outside.
 */
export function quantise(
  { width, height, values }: Plane,
  left: number,
  top: number,
  steps: Int32Array,
  block: Int32Array,
): void {
  for (let i = 0; i < 64; i++) {
    const y = Math.min(top + (i >> 3), height - 1), x = Math.min(left + (i & 7), width - 1);
    block[i] = values[y * width + x]! - 128;
  }
  forwardDct(block);
  for (let i = 0; i < 64; i++) {
    const step = steps[i]!, coefficient = block[i]!;
    // The transform's numbers are 8 times as large.
    const count = Math.trunc((Math.abs(coefficient) + 4 * step) / (8 * step));
    block[i] = coefficient < 0 ? -count : count;
  }
}

/** What a decoder makes of such a block, written to its place in the plane; the block is lost. */
export function restore(
  { width, height, values }: Plane,
  left: number,
  top: number,
  steps: Int32Array,
  block: Int32Array,
): void {
  for (let i = 0; i < 64; i++) block[i] = block[i]! * steps[i]!;
  inverseDct(block);
  const bottom = Math.min(top + 8, height), right = Math.min(left + 8, width);
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const value = block[(y - top) * 8 + x - left]! + 128;
      values[y * width + x] = Math.min(Math.max(value, 0), 255);
    }
  }
}
