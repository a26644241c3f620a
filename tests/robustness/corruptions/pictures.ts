import { type Picture, pictureOfBytes } from "../../../lib/robustness/corruptions/corruption.ts";
import { Stream } from "../../../lib/random/stream.ts";

/** A picture of one colour. */
export function plain(width: number, height: number, color: readonly number[]): Picture {
  return { width, height, rgb: new Float64Array(width * height * 3).map((_, i) => color[i % 3]!) };
}

/** A picture of random bytes. */
export function noisy(width: number, height: number): Picture {
  const random = new Stream(5, 99);
  return pictureOfBytes(
    Array.from({ length: width * height * 3 }, () => random.integer(256)),
    width,
    height,
  );
}

/** The formula by which the golden numbers' six pictures of "frost" were made. */
export const formulaFrost: readonly Picture[] = Array.from({ length: 6 }, (_, i) => {
  const width = 352 + 3 * i, height = 311 + 7 * i;
  const bytes = new Uint8Array(width * height * 3).map((_, j) => {
    const c = j % 3, x = Math.floor(j / 3) % width, y = Math.floor(j / 3 / width);
    return x * (3 + i) + y * 7 * (c + 1) + Math.floor(x * y / (12 + c));
  });
  return pictureOfBytes(bytes, width, height);
});
