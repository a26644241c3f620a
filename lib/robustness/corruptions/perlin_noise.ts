import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { clip } from "./rounding.ts";

/** The lattice goes on from its beginning after as many places. */
const PERIOD = 256;
/** The highest octave, as a multiple of the first frequency. */
const HIGHEST = 16;

/** A gradient for each place of a lattice. */
interface Lattice {
  /** An order of 0 … PERIOD - 1. */
  order: Uint32Array;
  gradientX: Float64Array;
  gradientY: Float64Array;
}

/** Clouds of grey, light ones, blended with the picture: `perlin_noise`. */
export function perlinNoise(picture: Picture, strength: number, random: Stream): Picture {
  const { width, height } = picture;
  const cell = 32 * Math.min(width, height) / 224, share = 0.5 * strength;
  const lattice = drawLattice(random);
  const rgb = new Float64Array(picture.rgb.length);
  for (let i = 0; i < width * height; i++) {
    const noise = turbulence(lattice, Math.floor(i / width) / cell, i % width / cell);
    const cloud = share * clip(0.5 * noise + 0.5, 0, 1);
    for (let c = 3 * i; c < 3 * i + 3; c++) rgb[c] = (1 - share) * picture.rgb[c]! + cloud;
  }
  return { ...picture, rgb };
}

/** Directions to whole numbers -256 … 255, so more of them along the diagonals, as published. */
function drawLattice(random: Stream): Lattice {
  const gradientX = new Float64Array(PERIOD), gradientY = new Float64Array(PERIOD);
  for (let i = 0; i < PERIOD; i++) {
    const x = random.integer(2 * PERIOD) - PERIOD, y = random.integer(2 * PERIOD) - PERIOD;
    // (0, 0) has no direction.
    const length = Math.max(Math.hypot(x, y), 1);
    gradientX[i] = x / length;
    gradientY[i] = y / length;
  }
  return { gradientX, gradientY, order: random.permutation(PERIOD) };
}

/** The sum of the octaves' absolute values. */
function turbulence(lattice: Lattice, x: number, y: number): number {
  let sum = 0;
  for (let octave = 1; octave <= HIGHEST; octave *= 2) {
    sum += Math.abs(gradientNoise(lattice, octave * x, octave * y)) / octave;
  }
  return sum;
}

/** Noise about 0 at a place that is not negative; its cells have a side of 1. Source: Perlin 1985. */
function gradientNoise({ order, gradientX, gradientY }: Lattice, x: number, y: number): number {
  const column = Math.floor(x), row = Math.floor(y), dx = x - column, dy = y - row;
  const left = order[column % PERIOD]!, right = order[(column + 1) % PERIOD]!;
  const corner = (start: number, down: number, fromX: number, fromY: number) => {
    const gradient = order[(start + row + down) % PERIOD]!;
    return fromX * gradientX[gradient]! + fromY * gradientY[gradient]!;
  };
  const across = dx * dx * (3 - 2 * dx), down = dy * dy * (3 - 2 * dy);
  const upperLeft = corner(left, 0, dx, dy), lowerLeft = corner(left, 1, dx, dy - 1);
  const upper = upperLeft + across * (corner(right, 0, dx - 1, dy) - upperLeft);
  const lower = lowerLeft + across * (corner(right, 1, dx - 1, dy - 1) - lowerLeft);
  return 1.5 * (upper + down * (lower - upper));
}
