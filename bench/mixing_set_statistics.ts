/**
 * Compares folders of mixing pictures: how power falls with frequency, entropy, colour.
 *
 *     deno run --allow-read bench/mixing_set_statistics.ts data/fractals another/folder
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { decodePicture } from "../lib/data/picture_file.ts";
import type { Picture } from "../lib/data/pixels.ts";
import { centerCrop, resizeShorterSide } from "../lib/data/resize.ts";
import { richness } from "../lib/fractals/richness.ts";

/** The side to which pictures are brought before they are measured, in pixels. */
const SIDE = 256;

/** Figures that sets of pictures are compared by. */
export interface Statistics {
  /** Slope of log power over log frequency, radially averaged: about -2 for natural pictures. */
  slope: number;
  /** Entropy of luminance in 64 steps, in bits. */
  entropy: number;
  /** Mean of HSV's saturation, in [0, 1]. */
  saturation: number;
  /** Hasler and Süsstrunk, "Measuring colourfulness in natural images", 2003. */
  colourfulness: number;
}

/** The figures of a square picture whose side is a power of two. */
export function statistics(picture: Picture): Statistics {
  return {
    slope: spectrumSlope(picture),
    entropy: richness(picture).entropy,
    saturation: mean(
      pixels(picture).map(([r, g, b]) => {
        const most = Math.max(r, g, b);
        return most > 0 ? (most - Math.min(r, g, b)) / most : 0;
      }),
    ),
    colourfulness: colourfulness(picture),
  };
}

function pixels({ width, height, rgba }: Picture): [number, number, number][] {
  return Array.from(
    { length: width * height },
    (_, i) => [rgba[4 * i]!, rgba[4 * i + 1]!, rgba[4 * i + 2]!],
  );
}

function colourfulness(picture: Picture): number {
  const all = pixels(picture);
  const reds = all.map(([r, g]) => r - g), yellows = all.map(([r, g, b]) => (r + g) / 2 - b);
  const spread = Math.sqrt(variance(reds) + variance(yellows));
  return spread + 0.3 * Math.hypot(mean(reds), mean(yellows));
}

/** A line through log power over log frequency, from 4 to 3/8 of the side in waves per picture. */
export function spectrumSlope(picture: Picture): number {
  const side = picture.width;
  const power = radialPower(picture);
  const points: [number, number][] = [];
  for (let f = 4; f <= side * 3 / 8; f++) points.push([Math.log(f), Math.log(power[f]! + 1e-9)]);
  const [mx, my] = [mean(points.map(([x]) => x)), mean(points.map(([, y]) => y))];
  const covariance = points.reduce((sum, [x, y]) => sum + (x - mx) * (y - my), 0);
  return covariance / points.reduce((sum, [x]) => sum + (x - mx) ** 2, 0);
}

/** Mean power of luminance under a Hann window, at each whole frequency. */
function radialPower(picture: Picture): Float64Array {
  const side = picture.width;
  const light = pixels(picture).map(([r, g, b]) => 0.299 * r + 0.587 * g + 0.114 * b);
  const level = mean(light);
  const hann = (i: number) => 0.5 - 0.5 * Math.cos(2 * Math.PI * (i + 0.5) / side);
  const real = Float64Array.from(
    light,
    (value, i) => (value - level) * hann(i % side) * hann(Math.floor(i / side)),
  );
  const imaginary = new Float64Array(real.length);
  for (let line = 0; line < side; line++) fourier(real, imaginary, line * side, 1, side);
  for (let column = 0; column < side; column++) fourier(real, imaginary, column, side, side);
  const sums = new Float64Array(side), counts = new Float64Array(side);
  for (let i = 0; i < real.length; i++) {
    const [x, y] = [i % side, Math.floor(i / side)];
    const f = Math.round(Math.hypot(Math.min(x, side - x), Math.min(y, side - y)));
    sums[f]! += real[i]! ** 2 + imaginary[i]! ** 2;
    counts[f]!++;
  }
  return sums.map((sum, f) => counts[f]! > 0 ? sum / counts[f]! : 0);
}

/** Fourier transform in place of `count` numbers, a power of two, `step` apart (radix 2). */
function fourier(re: Float64Array, im: Float64Array, start: number, step: number, count: number) {
  const at = (i: number) => start + i * step;
  for (let i = 1, j = 0; i < count; i++) {
    let bit = count >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    [re[at(i)], re[at(j)]] = [re[at(j)]!, re[at(i)]!];
    [im[at(i)], im[at(j)]] = [im[at(j)]!, im[at(i)]!];
  }
  for (let length = 2; length <= count; length *= 2) {
    for (let k = 0; k < length / 2; k++) {
      const angle = -2 * Math.PI * k / length, c = Math.cos(angle), s = Math.sin(angle);
      for (let i = k; i < count; i += length) {
        const [a, b] = [at(i), at(i + length / 2)];
        const [x, y] = [re[b]! * c - im[b]! * s, re[b]! * s + im[b]! * c];
        [re[b], im[b]] = [re[a]! - x, im[a]! - y];
        [re[a], im[a]] = [re[a]! + x, im[a]! + y];
      }
    }
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function variance(values: readonly number[]): number {
  const middle = mean(values);
  return mean(values.map((value) => (value - middle) ** 2));
}

/** Mean and standard deviation of each figure over the PNG and JPEG files of a folder. */
async function ofFolder(folder: string): Promise<Record<string, string>> {
  const found: Statistics[] = [];
  for (const name of (await readdir(folder)).toSorted()) {
    if (!/\.(png|jpe?g)$/i.test(extname(name))) continue;
    const picture = await decodePicture(await readFile(join(folder, name)), name);
    found.push(statistics(centerCrop(resizeShorterSide(picture, SIDE), SIDE)));
  }
  const figures = ["slope", "entropy", "saturation", "colourfulness"] as const;
  return {
    folder,
    pictures: String(found.length),
    ...Object.fromEntries(figures.map((name) => {
      const values = found.map((one) => one[name]);
      return [name, `${mean(values).toFixed(2)} ± ${Math.sqrt(variance(values)).toFixed(2)}`];
    })),
  };
}

if (import.meta.main) {
  for (const folder of Deno.args) console.log(JSON.stringify(await ofFolder(folder)));
}
