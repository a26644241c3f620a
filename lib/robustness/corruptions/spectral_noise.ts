import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { inverseFft2 } from "./fft.ts";
import { drawnField } from "./raster.ts";

/** Noise of low frequencies, each channel by itself, added: `brownish_noise`. */
export function brownishNoise(picture: Picture, strength: number, random: Stream): Picture {
  const scale = 64 / 255 * strength;
  const noises = [0, 1, 2].map(() =>
    spectralNoise(picture, (distance) => 1 / (distance * distance + 1), random)
  );
  const rgb = picture.rgb.map((value, i) => value + scale * noises[i % 3]![Math.floor(i / 3)]!);
  return { ...picture, rgb };
}

/** Black wherever noise of high frequencies is low: `blue_noise_sample`. */
export function blueNoiseSample(picture: Picture, strength: number, random: Stream): Picture {
  const threshold = 3 * strength - 2.5;
  const noise = spectralNoise(picture, (distance) => distance, random);
  const rgb = picture.rgb.map((value, i) => noise[Math.floor(i / 3)]! > threshold ? value : 0);
  return { ...picture, rgb };
}

/**
 * (height × width) numbers of standard deviation 1 whose spectrum is `power` of the distance from
 * the middle of the spectrum, in cycles per shorter side; zeros, where there is but one number.
 *
 * As in the published code, phases are mirrored about the middle between two frequencies, so that
 * only the real part of a complex wave is taken.
 */
export function spectralNoise(
  picture: Picture,
  power: (distance: number) => number,
  random: Stream,
): Float64Array {
  const { width, height } = picture, side = Math.min(width, height);
  const phases = mirroredPhases(picture, random);
  const real = new Float64Array(width * height), imaginary = new Float64Array(width * height);
  for (let y = 0, i = 0; y < height; y++) {
    const toY = (y + Math.floor(height / 2)) % height;
    const down = (y - height / 2) * (side / height);
    for (let x = 0; x < width; x++, i++) {
      const across = (x - width / 2) * (side / width);
      const amplitude = power(Math.sqrt(across * across + down * down));
      const to = toY * width + (x + Math.floor(width / 2)) % width;
      real[to] = amplitude * Math.cos(phases[i]!);
      imaginary[to] = amplitude * Math.sin(phases[i]!);
    }
  }
  return normalised(inverseFft2({ real, imaginary }, width, height).real);
}

/** Angles drawn for the left half, and for the upper half of a middle column; 0 in the middle. */
function mirroredPhases({ width, height }: Picture, random: Stream): Float64Array {
  const half = Math.floor(width / 2);
  const left = drawnField({ width: half, height }, () => random.between(0, 2 * Math.PI)).values;
  const phases = new Float64Array(width * height), last = phases.length - 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < half; x++) {
      phases[y * width + x] = phases[last - y * width - x] = left[y * half + x]!;
    }
  }
  if (width % 2 === 1) {
    for (let y = 0; y < Math.floor(height / 2); y++) {
      const i = y * width + half;
      phases[i] = phases[last - i] = random.between(0, 2 * Math.PI);
    }
  }
  return phases;
}

function normalised(values: Float64Array): Float64Array {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return values.map((value) => variance > 0 ? value / Math.sqrt(variance) : 0);
}
