import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";

const GREY = 128;

/** Called for each pixel of a line with its share of the pixel, 0 … 1. */
type Plot = (row: number, column: number, share: number) => void;

/** Grey lines across the picture, anti-aliased, in directions about a drawn one: `lines`. */
export function lines(picture: Picture, strength: number, random: Stream): Picture {
  const { width, height } = picture, side = Math.min(width, height);
  const angle = random.between(0, 2 * Math.PI), variation = random.between(0.1, 1);
  const bytes = picture.rgb.map((value) => value * 255);
  const count = Math.trunc(strength * side), reach = Math.max(width, height);
  for (let i = 0; i < count; i++) {
    const row = height * random.uniform(), column = width * random.uniform();
    const turned = angle + 2 * Math.PI * variation * (random.uniform() - 0.5);
    const down = Math.cos(turned) * reach, across = Math.sin(turned) * reach;
    const ends = [row - down, column - across, row + down, column + across].map(Math.trunc);
    plotLine(ends as [number, number, number, number], (row, column, share) => {
      if (row < 0 || column < 0 || row >= height || column >= width) return;
      for (let c = (row * width + column) * 3, end = c + 3; c < end; c++) {
        // The published code keeps bytes from line to line.
        bytes[c] = Math.trunc((1 - share) * bytes[c]! + share * GREY);
      }
    });
  }
  return { ...picture, rgb: bytes.map((byte) => byte / 255) };
}

/**
 * A line between two places, with its neighbours to one side and the other.
 *
 * Source: Zingl 2012, "A rasterizing algorithm for drawing curves", as skimage.draw.line_aa.
 */
function plotLine(
  [row0, column0, row1, column1]: [number, number, number, number],
  plot: Plot,
): void {
  const across = Math.abs(column1 - column0), down = Math.abs(row1 - row0);
  const stepX = column0 < column1 ? 1 : -1, stepY = row0 < row1 ? 1 : -1;
  const length = across + down === 0 ? 1 : Math.sqrt(across * across + down * down);
  const shareAt = (distance: number) => 1 - Math.abs(distance) / length;
  let x = column0, y = row0, error = across - down;
  for (;;) {
    plot(y, x, shareAt(error - across + down));
    const before = error, beforeX = x;
    if (2 * before >= -across) {
      if (x === column1) return;
      if (before + down < length) plot(y + stepY, x, shareAt(before + down));
      error -= down;
      x += stepX;
    }
    if (2 * before <= down) {
      if (y === row1) return;
      if (across - before < length) plot(y, beforeX + stepX, shareAt(across - before));
      error += across;
      y += stepY;
    }
  }
}
