import { cannotRead } from "./error.ts";
import type { Picture } from "./pixels.ts";
import { checkInside, type Filter, type Part, resample } from "./resample.ts";

/** Width and height in pixels. */
export interface Size {
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
}

/** The longest side of a picture that is resized, in shorter sides: a strip would fill the memory. */
export const MAX_ASPECT = 32;

/** Throws a DataError that names the picture when it is more than 32 times as long as it is short. */
export function checkAspect({ width, height }: Size, name: string): void {
  if (Math.max(width, height) <= MAX_ASPECT * Math.min(width, height)) return;
  throw cannotRead(name, `sides of at most ${MAX_ASPECT} to 1 to resize`, `${width}x${height}`);
}

/**
 * The size of a picture whose shorter side becomes `size` pixels long and the longer one in
 * proportion, cut to a whole number: that of torchvision's Resize(size).
 */
export function shorterSideSize({ width, height }: Size, size: number): Size {
  const longer = Math.floor(size * Math.max(width, height) / Math.min(width, height));
  return width <= height ? { width: size, height: longer } : { width: longer, height: size };
}

/** torchvision's Resize(size) of a PIL picture, bit for bit; see `shorterSideSize()`. */
export function resizeShorterSide(picture: Picture, size: number): Picture {
  const { width, height } = shorterSideSize(picture, size);
  return resize(picture, width, height);
}

/**
 * Bilinear with antialiasing, equal bit for bit to Pillow's `Image.resize((width, height), BILINEAR)`,
 * or the same with BOX. Throws a RangeError for a size that is no whole number above 0.
 */
export function resize(
  picture: Picture,
  width: number,
  height: number,
  filter?: Filter,
): Picture {
  const part = { top: 0, left: 0, width: picture.width, height: picture.height };
  return resizedPart(picture, part, { width, height }, filter);
}

/**
 * The `height` × `width` pixels that start at row `top` and column `left`. Throws a RangeError where
 * they do not lie inside the picture.
 */
export function crop(
  picture: Picture,
  top: number,
  left: number,
  height: number,
  width: number,
): Picture {
  checkInside({ top, left, height, width }, picture);
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 4;
    rgba.set(picture.rgba.subarray(from, from + width * 4), y * width * 4);
  }
  return { width, height, rgba };
}

/**
 * Where the `size` × `size` pixels in the middle are, as torchvision's CenterCrop has them: an offset
 * of half a pixel is rounded to even.
 */
export function centerPart({ width, height }: Size, size: number): Part {
  const [top, left] = [roundToEven((height - size) / 2), roundToEven((width - size) / 2)];
  return { top, left, height: size, width: size };
}

/**
 * The `size` × `size` pixels in the middle; see `centerPart()`. Throws a RangeError for a picture
 * smaller than that.
 */
export function centerCrop(picture: Picture, size: number): Picture {
  const { top, left } = centerPart(picture, size);
  return crop(picture, top, left, size, size);
}

/**
 * `crop()`, then `resize()` to `size` × `size` pixels: torchvision's resized_crop of a PIL picture,
 * bit for bit.
 */
export function resizedCrop(picture: Picture, part: Part, size: number): Picture {
  return resizedPart(picture, part, { width: size, height: size });
}

function resizedPart(
  { rgba: data, ...size }: Picture,
  part: Part,
  to: Size,
  filter?: Filter,
): Picture {
  const window = { top: 0, left: 0, ...to };
  const rgba = new Uint8Array(
    Number.isInteger(to.width * to.height) ? Math.max(0, 4 * to.width * to.height) : 0,
  );
  resample({ ...size, channels: 4, data }, { part, ...to, window, filter }, rgba);
  return { ...to, rgba };
}

/** The nearest whole number; of two the even one, as Python's `round()`. */
export function roundToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}
