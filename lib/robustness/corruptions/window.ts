import type { Picture } from "./corruption.ts";
import { roundToEven } from "./rounding.ts";

/** A part of a picture, in pixels. */
export interface Window {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The middle `side` pixels of both sides; of a side that has fewer, all.
 *
 * Source: torchvision's CenterCrop.
 */
export function windowOf(
  { width, height }: Pick<Picture, "width" | "height">,
  side = Infinity,
): Window {
  const shownWidth = Math.min(side, width), shownHeight = Math.min(side, height);
  return {
    left: roundToEven((width - shownWidth) / 2),
    top: roundToEven((height - shownHeight) / 2),
    width: shownWidth,
    height: shownHeight,
  };
}

/** The part of a picture in a window. */
export function cropped(picture: Picture, { left, top, width, height }: Window): Picture {
  const rgb = new Float64Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    const start = ((top + y) * picture.width + left) * 3;
    rgb.set(picture.rgb.subarray(start, start + width * 3), y * width * 3);
  }
  return { width, height, rgb };
}
