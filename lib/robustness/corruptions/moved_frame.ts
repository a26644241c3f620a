import type { Picture } from "./corruption.ts";
import type { Window } from "./window.ts";
import type { Affine } from "./warp.ts";

/**
 * What is seen in a window of a picture when each place is taken from where `map` says, bilinear;
 * black outside. Values are multiples of 1/255 before and after. Places are those of pixels' corners:
 * the middle of the first pixel is (0.5, 0.5).
 *
 * Source: Pillow's Image.transform(AFFINE) with BILINEAR.
 */
export function movedFrame(picture: Picture, map: Affine, window: Window): Picture {
  const { width, height, rgb } = picture;
  const [a, b, c, d, e, f] = map;
  const frame = new Float64Array(window.width * window.height * 3);
  for (let y = 0, to = 0; y < window.height; y++) {
    for (let x = 0; x < window.width; x++, to += 3) {
      const u = x + window.left + 0.5, v = y + window.top + 0.5;
      const fromX = a * u + b * v + c, fromY = d * u + e * v + f;
      if (!(fromX >= 0 && fromY >= 0 && fromX < width && fromY < height)) continue;
      const left = Math.floor(fromX - 0.5), top = Math.floor(fromY - 0.5);
      const across = fromX - 0.5 - left, down = fromY - 0.5 - top;
      const above = Math.max(top, 0) * width, below = Math.min(top + 1, height - 1) * width;
      const near = Math.max(left, 0), far = Math.min(left + 1, width - 1);
      for (let channel = 0; channel < 3; channel++) {
        const level = (place: number) => rgb[place * 3 + channel]! * 255;
        const upper = between(level(above + near), level(above + far), across);
        const lower = between(level(below + near), level(below + far), across);
        frame[to + channel] = Math.trunc(between(upper, lower, down)) / 255;
      }
    }
  }
  return { width: window.width, height: window.height, rgb: frame };
}

function between(first: number, second: number, part: number): number {
  return first + (second - first) * part;
}

/** The map (a b; d e), of which the middle of a picture stays where it is. */
export function about({ width, height }: Picture, matrix: readonly number[]): Affine {
  const [a, b, d, e] = matrix as [number, number, number, number];
  const x = width / 2, y = height / 2;
  return [a, b, x - a * x - b * y, d, e, y - d * x - e * y];
}
