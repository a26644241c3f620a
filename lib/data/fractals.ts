import { Purpose, Stream } from "../random/stream.ts";
import { type Color, drawMaps, findFrame, scatter } from "./iterated_maps.ts";
import type { Picture } from "./pixels.ts";

/** Cells along each side of a pixel, averaged for antialiasing. */
const CELLS = 2;
/** Points scattered for each pixel. */
const POINTS_PER_PIXEL = 20;
/** Redraws after which a fractal is taken as it is. */
const MAX_ATTEMPTS = 100;

/**
 * Fractals of iterated function systems, to mix into pictures: `count` of `size` × `size` pixels,
 * named "fractal-0" and so on. Fractal `index` is a function of (size, seed, index) alone.
 *
 * Each is the attractor of two to five random contractive affine maps (`drawMaps()`), on black or on a
 * coloured ground. Brightness is the logarithm of the density of points; a point takes half of its
 * colour from the last map, a quarter from the one before, and so on. A system is drawn again unless
 * `isRich()` holds for its picture. Throws a RangeError for a count or size that is no whole number
 * above 0.
 */
export function fractals(
  count: number,
  size: number,
  seed: number,
): { name: string; picture: Picture }[] {
  for (const number of [count, size]) {
    if (!Number.isInteger(number) || number < 1) {
      throw new RangeError(`Cannot make fractals: expected at least 1 but found ${number}`);
    }
  }
  return Array.from({ length: count }, (_, index) => {
    for (let attempt = 0;; attempt++) {
      const picture = draw(size, new Stream(seed, Purpose.fractals, index, 0, attempt));
      if (attempt === MAX_ATTEMPTS || isRich(picture)) return { name: `fractal-${index}`, picture };
    }
  });
}

/**
 * Whether a picture is neither nearly empty nor nearly uniform: its brightness has a standard deviation
 * of at least 28 (of 255), and, cut into 8 × 8 blocks, one of at least 10 in 38 of the 64 blocks.
 */
export function isRich({ width, height, rgba }: Picture): boolean {
  const sums = new Float64Array(64), squares = new Float64Array(64), counts = new Float64Array(64);
  for (let y = 0, i = 0; y < height; y++) {
    const row = Math.floor(y * 8 / height) * 8;
    for (let x = 0; x < width; x++, i += 4) {
      const light = 0.299 * rgba[i]! + 0.587 * rgba[i + 1]! + 0.114 * rgba[i + 2]!;
      const block = row + Math.floor(x * 8 / width);
      sums[block]! += light;
      squares[block]! += light * light;
      counts[block]!++;
    }
  }
  const total = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  const variance = (square: number, sum: number, n: number) => square / n - (sum / n) ** 2;
  const lively = counts.filter((n, block) => variance(squares[block]!, sums[block]!, n) >= 10 ** 2);
  return lively.length >= 38 && variance(total(squares), total(sums), width * height) >= 28 ** 2;
}

function draw(size: number, random: Stream): Picture {
  const maps = drawMaps(random);
  const frame = findFrame(maps, random);
  const side = size * CELLS;
  const cells = new Float32Array(side * side * 4);
  scatter(cells, side, maps, frame, POINTS_PER_PIXEL * size * size, random);
  const ground: Color = random.chance() ? [0, 0, 0] : [
    random.between(0, 160),
    random.between(0, 160),
    random.between(0, 160),
  ];
  return develop(cells, size, ground, random.between(0.45, 0.8));
}

/** Cells of (points, red, green, blue sums) to pixels; `gamma` below 1 lifts the thin parts. */
function develop(cells: Float32Array, size: number, ground: Color, gamma: number): Picture {
  const scale = 1 / Math.log1p(denseCount(cells));
  const rgba = new Uint8Array(size * size * 4).fill(255);
  const side = size * CELLS;
  for (let pixel = 0; pixel < size * size; pixel++) {
    const left = (pixel % size) * CELLS, top = Math.floor(pixel / size) * CELLS;
    const mean = [0, 0, 0];
    for (let cell = 0; cell < CELLS * CELLS; cell++) {
      const at = ((top + Math.floor(cell / CELLS)) * side + left + cell % CELLS) * 4;
      const points = cells[at]!;
      const weight = Math.min(Math.log1p(points) * scale, 1) ** gamma;
      for (let c = 0; c < 3; c++) {
        const color = points ? cells[at + 1 + c]! / points : 0;
        mean[c]! += (ground[c]! * (1 - weight) + color * weight) / (CELLS * CELLS);
      }
    }
    for (let c = 0; c < 3; c++) rgba[pixel * 4 + c] = Math.round(mean[c]!);
  }
  return { width: size, height: size, rgba };
}

/** The number of points that 98 % of the cells with any stay below: what is drawn in full colour. */
function denseCount(cells: Float32Array): number {
  const counts = Float32Array.from(
    { length: cells.length / 4 },
    (_, cell) => cells[cell * 4]!,
  ).filter((points) => points > 0).sort();
  return Math.max(1, counts[Math.floor(counts.length * 0.98)] ?? 1);
}
