import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";

/**
 * Squares of a turned checkerboard in grey: of one colour, each with probability `strength`:
 * `checkerboard_cutout`.
 *
 * As in the published code, a square's number is its place without the fraction, so the squares on
 * both sides of the lines through the upper left corner share one draw.
 */
export function checkerboardCutout(picture: Picture, strength: number, random: Stream): Picture {
  const { width, height } = picture;
  const angle = random.between(0, 2 * Math.PI);
  const cell = Math.max(random.between(0.1, 0.25) * Math.min(width, height), 1);
  const cosine = Math.cos(angle) / cell, sine = Math.sin(angle) / cell;
  const count = Math.floor(4 * Math.max(width, height) / cell);
  const isCut = Uint8Array.from({ length: count * count }, () => Number(random.chance(strength)));
  const rgb = picture.rgb.slice();
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      const u = cosine * y + sine * x, v = cosine * x - sine * y;
      if (((Math.floor(u) ^ Math.floor(v)) & 1) !== 0) continue;
      // Squares left of and above the first are counted from the end of the grid.
      const row = (Math.trunc(u) + count) % count, column = (Math.trunc(v) + count) % count;
      if (isCut[row * count + column]) rgb.fill(128 / 255, i, i + 3);
    }
  }
  return { ...picture, rgb };
}
