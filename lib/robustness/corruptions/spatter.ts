import type { Stream } from "../../random/stream.ts";
import { canny } from "./canny.ts";
import type { Picture } from "./corruption.ts";
import { distanceTransform } from "./distance_transform.ts";
import { blur3, filter2d } from "./filter2d.ts";
import { gaussianFilter } from "./gaussian_filter.ts";
import { drawnField, mapped, type Raster } from "./raster.ts";
import { clip, roundToEven } from "./rounding.ts";

/** What is splashed on a lens. */
export interface Splash {
  /** Mean and standard deviation of the noise that drops are cut from. */
  mean: number;
  deviation: number;
  /** The standard deviation of the Gaussian that makes drops of it, in pixels. */
  sigma: number;
  /** Where the noise is above it, there is liquid. */
  threshold: number;
  /** How much water takes of a pixel; of mud, how its drops are smoothed, in pixels. */
  opacity: number;
  isMud: boolean;
}

const WATER = [175 / 255, 238 / 255, 238 / 255] as const;
const MUD = [63 / 255, 42 / 255, 20 / 255] as const;

/** Drops of pale turquoise water or of brown mud: `spatter`. */
export function spatter(picture: Picture, splash: Splash, random: Stream): Picture {
  const { mean, deviation, sigma, threshold, opacity, isMud } = splash;
  const drawn = drawnField(picture, () => mean + deviation * random.normal());
  const liquid = gaussianFilter(drawn, sigma);
  if (isMud) {
    const drops = mapped(liquid, (value) => Number(value > threshold));
    const cover = mapped(gaussianFilter(drops, opacity), (value) => value < 0.8 ? 0 : value);
    const rgb = picture.rgb.map((value, i) => {
      const share = cover.values[Math.floor(i / 3)]!;
      return value * (1 - share) + MUD[i % 3]! * share;
    });
    return { ...picture, rgb };
  }
  return watered(picture, mapped(liquid, (value) => value < threshold ? 0 : value), opacity);
}

/** The picture behind drops of water: where `drops`, of one channel, is not 0, it is this thick. */
export function watered(picture: Picture, drops: Raster, opacity: number): Picture {
  // As numpy's uint8, which begins anew at 256.
  const sheen = waterSheen(mapped(drops, (value) => Math.trunc(value * 255) & 255));
  const strongest = sheen.values.reduce((a, b) => Math.max(a, b));
  // The published code divides by 0 where there is no drop.
  const scale = strongest > 0 ? opacity / strongest : 0;
  const rgb = picture.rgb.map((value, i) =>
    value + sheen.values[Math.floor(i / 3)]! * scale * WATER[i % 3]!
  );
  return { ...picture, rgb };
}

/** How bright drops (0 … 255) shine: most at their lower right edges, as if lit from there. */
function waterSheen(drops: Raster): Raster {
  const { width, height } = drops;
  const distances = distanceTransform(canny(drops, 50, 150), width, height);
  const near = { ...drops, values: distances.map((distance) => Math.min(distance, 20)) };
  const flat = equalizeHistogram(mapped(blur3(near), Math.trunc));
  const embossed = filter2d(flat, { side: 3, weights: [-2, -1, 0, -1, 1, 1, 0, 1, 2] });
  const smooth = blur3(mapped(embossed, (value) => clip(value, 0, 255)));
  const values = smooth.values.map((value, i) => Math.round(value) * drops.values[i]!);
  return { ...drops, values };
}

/** Whole numbers 0 … 255 spread so that each is about as frequent: OpenCV's equalizeHist. */
function equalizeHistogram(raster: Raster): Raster {
  const counts = new Int32Array(256);
  for (const value of raster.values) counts[value]!++;
  const least = counts.findIndex((count) => count > 0), total = raster.values.length;
  if (counts[least] === total) return raster;
  const scale = Math.fround(255 / (total - counts[least]!));
  const levels = new Float64Array(256);
  for (let level = least + 1, sum = 0; level < 256; level++) {
    sum += counts[level]!;
    levels[level] = clip(roundToEven(Math.fround(sum * scale)), 0, 255);
  }
  return mapped(raster, (value) => levels[value]!);
}
