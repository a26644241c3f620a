import type { Picture } from "./pixels.ts";
import { type PixelBytes, resample } from "./resample.ts";
import { checkAspect, shorterSideSize } from "./resize.ts";

/** Pictures of any sizes, one after another. */
export interface PackedPictures {
  /** How many there are. */
  count: number;
  /** Of each picture, in pixels. */
  widths: Uint32Array<ArrayBuffer>;
  /** Of each picture, in pixels. */
  heights: Uint32Array<ArrayBuffer>;
  /** Where each picture starts in `rgba`, in pixels. */
  offsets: Uint32Array;
  /** Red, green, blue and 255 for each pixel of each picture. */
  rgba: Uint8Array;
}

/** Puts pictures one after another, in the order given. */
export function packPictures(pictures: readonly Picture[]): PackedPictures {
  const widths = Uint32Array.from(pictures, ({ width }) => width);
  const heights = Uint32Array.from(pictures, ({ height }) => height);
  const offsets = new Uint32Array(pictures.length);
  const total = pictures.reduce((sum, { width, height }, i) => {
    offsets[i] = sum;
    return sum + width * height;
  }, 0);
  const rgba = new Uint8Array(total * 4);
  pictures.forEach((picture, i) => rgba.set(picture.rgba, offsets[i]! * 4));
  return { count: pictures.length, widths, heights, offsets, rgba };
}

/**
 * A picture with its shorter side `size` pixels long, as `resizeShorterSide()` makes it.
 *
 * @throws {DataError} that names it where its longer side is more than 32 times as long
 */
export function resizedPicture(picture: Picture, size: number, name: string): Picture {
  const { width, height, rgba } = picture;
  return resizedPixels({ width, height, channels: 4, data: rgba }, size, name);
}

/** The same of pixels with three or four bytes. */
export function resizedPixels(input: PixelBytes, size: number, name: string): Picture {
  checkAspect(input, name);
  const { width, height } = shorterSideSize(input, size);
  const whole = { top: 0, left: 0, width: input.width, height: input.height };
  const rgba = new Uint8Array(4 * width * height);
  resample(input, { part: whole, width, height, window: { top: 0, left: 0, width, height } }, rgba);
  return { width, height, rgba };
}
