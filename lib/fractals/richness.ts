import type { Picture } from "../data/pixels.ts";

/** How much there is to see in a picture. */
export interface Richness {
  /** Entropy of the histogram of luminance in 64 steps, in bits: 0 … 6. */
  entropy: number;
  /** Share of 8 × 8 blocks over the picture in which luminance has a standard deviation of 8 of 255. */
  lively: number;
  /** Correlation of the luminance of neighbours: 1 for one colour slope, about 0 for noise. */
  smoothness: number;
}

/** The least of each that a picture of a mixing set has. */
export const leastRichness: Richness = { entropy: 3.75, lively: 0.6, smoothness: 0.6 };

const STEPS = 64, BLOCKS = 8, LIVELY = 8;

/**
 * Measures a picture of at least 8 × 8 pixels. A picture of one colour has no neighbours that vary; its
 * smoothness is 0.
 */
export function richness({ width, height, rgba }: Picture): Richness {
  const light = new Float32Array(width * height);
  const histogram = new Uint32Array(STEPS);
  for (let i = 0; i < light.length; i++) {
    const value = 0.299 * rgba[4 * i]! + 0.587 * rgba[4 * i + 1]! + 0.114 * rgba[4 * i + 2]!;
    light[i] = value;
    histogram[Math.min(Math.floor(value / 4), STEPS - 1)]!++;
  }
  const entropy = histogram.reduce((sum, count) => {
    const share = count / light.length;
    return share > 0 ? sum - share * Math.log2(share) : sum;
  }, 0);
  return {
    entropy,
    lively: livelyShare(light, width, height),
    smoothness: smoothness(light, width),
  };
}

/** Whether a picture is neither nearly empty, nor nearly uniform, nor like noise. */
export function isRich(picture: Picture): boolean {
  const found = richness(picture);
  return found.entropy >= leastRichness.entropy && found.lively >= leastRichness.lively &&
    found.smoothness >= leastRichness.smoothness;
}

function livelyShare(light: Float32Array, width: number, height: number): number {
  const sums = new Float64Array(BLOCKS ** 2), squares = new Float64Array(BLOCKS ** 2);
  const counts = new Uint32Array(BLOCKS ** 2);
  for (let i = 0; i < light.length; i++) {
    const row = Math.floor(Math.floor(i / width) * BLOCKS / height);
    const block = row * BLOCKS + Math.floor(i % width * BLOCKS / width);
    sums[block]! += light[i]!;
    squares[block]! += light[i]! ** 2;
    counts[block]!++;
  }
  const lively = counts.filter((count, block) => {
    return squares[block]! / count - (sums[block]! / count) ** 2 >= LIVELY ** 2;
  });
  return lively.length / counts.length;
}

/** 1 - (mean squared difference to the right and lower neighbour) / (2 × variance). */
function smoothness(light: Float32Array, width: number): number {
  let sum = 0, square = 0, difference = 0, pairs = 0;
  for (let i = 0; i < light.length; i++) {
    sum += light[i]!;
    square += light[i]! ** 2;
    if (i % width === width - 1 || i + width >= light.length) continue;
    difference += (light[i + 1]! - light[i]!) ** 2 + (light[i + width]! - light[i]!) ** 2;
    pairs += 2;
  }
  const variance = square / light.length - (sum / light.length) ** 2;
  return variance > 1e-6 ? 1 - difference / pairs / (2 * variance) : 0;
}
