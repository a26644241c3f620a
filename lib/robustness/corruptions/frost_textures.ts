import { Purpose, Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { FROST_TEXTURES } from "./frost.ts";
import { gaussianFilter } from "./gaussian_filter.ts";
import { plasma } from "./plasma.ts";
import type { Raster } from "./raster.ts";

const WIDTH = 400, HEIGHT = 300;
/** The same for everyone, as published pictures are. No picture is corrupted with severity 0. */
const SEED = 1, SEVERITY = 0;

/** Mean colours and standard deviations of light like those of the five published pictures. */
const looks = [
  { color: [0.32, 0.56, 0.64], deviation: 0.08, ferns: 200 },
  { color: [0.79, 0.81, 0.84], deviation: 0.09, ferns: 800 },
  { color: [0.77, 0.81, 0.85], deviation: 0.09, ferns: 500 },
  { color: [0.54, 0.60, 0.65], deviation: 0.11, ferns: 600 },
  { color: [0.44, 0.48, 0.53], deviation: 0.16, ferns: 800 },
] as const;

let made: readonly Picture[] | undefined;

/**
 * Five pictures of 400 × 300 pixels that are used where there are no published ones: ferns of ice on
 * uneven panes, lit from the upper left. They are always the same.
 */
export function frostTextures(): readonly Picture[] {
  return made ??= Array.from({ length: FROST_TEXTURES }, (_, index) => drawTexture(index));
}

function drawTexture(index: number): Picture {
  const { color, deviation, ferns } = looks[index]!;
  const random = new Stream(SEED, Purpose.corrupt_c, index, SEVERITY);
  const cloud = plasma(512, 1.7, random).values;
  const ice = new Float64Array(WIDTH * HEIGHT);
  for (let fern = 0; fern < ferns; fern++) drawFern(ice, random);
  const soft = gaussianFilter({ width: WIDTH, height: HEIGHT, channels: 1, values: ice }, 0.7);
  const light = standardised(
    lit(soft).map((value, i) => {
      const x = i % WIDTH, y = Math.floor(i / WIDTH);
      return value + 0.8 * cloud[y * 512 + x]!;
    }),
  );
  const rgb = new Float64Array(WIDTH * HEIGHT * 3).map((_, i) => {
    const value = color[i % 3]! + deviation * light[Math.floor(i / 3)]!;
    return Math.round(Math.min(Math.max(value, 0), 1) * 255) / 255;
  });
  return { width: WIDTH, height: HEIGHT, rgb };
}

/** A straight stem with needles at 60 degrees on both sides that shorten towards its tip. */
function drawFern(ice: Float64Array, random: Stream): void {
  const [x, y] = [random.between(0, WIDTH), random.between(0, HEIGHT)];
  const angle = random.between(0, 2 * Math.PI), length = random.between(8, 45);
  const strength = random.between(0.3, 1), spacing = random.between(2, 5);
  drawNeedle(ice, x, y, angle, length, strength);
  for (let along = spacing; along < length; along += spacing) {
    const reach = 0.4 * (length - along) * random.between(0.6, 1);
    for (const side of [-1, 1]) {
      const [atX, atY] = [x + along * Math.cos(angle), y + along * Math.sin(angle)];
      drawNeedle(ice, atX, atY, angle + side * Math.PI / 3, reach, 0.7 * strength);
    }
  }
}

/** A line that fades towards its tip; where it is thicker than what is there, it covers that. */
function drawNeedle(
  ice: Float64Array,
  x: number,
  y: number,
  angle: number,
  length: number,
  strength: number,
): void {
  const dx = Math.cos(angle) / 2, dy = Math.sin(angle) / 2;
  for (let step = 0; step < 2 * length; step++) {
    const column = Math.floor(x + step * dx), row = Math.floor(y + step * dy);
    if (column < 0 || row < 0 || column >= WIDTH || row >= HEIGHT) return;
    const thick = strength * (1 - step / (2 * length + 1));
    ice[row * WIDTH + column] = Math.max(ice[row * WIDTH + column]!, thick);
  }
}

/** The thickness of ice, and what its slopes reflect of light from the upper left. */
function lit({ values }: Raster): Float64Array {
  return values.map((value, i) => {
    const isEdge = i < WIDTH || i % WIDTH === 0;
    return isEdge ? value : value + 1.5 * (value - values[i - WIDTH - 1]!);
  });
}

/** Mean 0, variance 1, cut at three standard deviations. */
function standardised(values: Float64Array): Float64Array {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const deviation = Math.sqrt(variance);
  return values.map((value) => Math.min(Math.max((value - mean) / deviation, -3), 3));
}
