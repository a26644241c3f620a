import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { gaussianFilter } from "./gaussian_filter.ts";
import { about, movedFrame } from "./moved_frame.ts";
import { drawnField, mapped, type Raster } from "./raster.ts";
import { snowed, type Snowfall } from "./snow.ts";
import { watered } from "./spatter.ts";
import { cropped, type Window } from "./window.ts";

/** The picture, then the mean of it and ever more enlarged ones, each by 0.004 more: `zoom_blur`. */
export function* zoomingIn(picture: Picture, count: number, window: Window): Iterable<Picture> {
  const first = cropped(picture, window);
  const sum = first.rgb.slice();
  yield first;
  for (let i = 1; i < count; i++) {
    const scale = 1 + 0.004 * i;
    const { rgb } = movedFrame(picture, about(picture, [1 / scale, 0, 0, 1 / scale]), window);
    for (let j = 0; j < sum.length; j++) sum[j] = sum[j]! + rgb[j]!;
    yield { ...first, rgb: sum.map((value) => value / (i + 1)) };
  }
}

/** The same flakes falling at angles from -150 degrees on, each 4 degrees more: `snow`. */
export function* turningSnow(
  picture: Picture,
  count: number,
  snowfall: Snowfall,
  random: Stream,
): Iterable<Picture> {
  const { mean, deviation } = snowfall;
  const drawn = drawnField(picture, () => mean + deviation * random.normal()).values;
  for (let i = 0; i < count; i++) yield snowed(picture, snowfall, drawn, 4 * i - 150);
}

/** Drops of water that run down. */
export interface Flow {
  /** Mean and standard deviation of the noise that drops are cut from. */
  mean: number;
  deviation: number;
  /** The standard deviation of the Gaussian that makes drops of it, in pixels. */
  sigma: number;
  /** Where the noise is above it, there is liquid. */
  threshold: number;
  /** From frame to frame: by how many pixels liquid moves down at the least, … */
  start: number;
  /** … and how much of it comes as far, a pixel farther, and so on. */
  shares: readonly number[];
}

/** Drops of water on the lens, running down: `spatter`. */
export function* runningWater(
  picture: Picture,
  count: number,
  { mean, deviation, sigma, threshold, start, shares }: Flow,
  random: Stream,
): Iterable<Picture> {
  const drawn = drawnField(picture, () => mean + deviation * random.normal());
  let drops = mapped(gaussianFilter(drawn, sigma), (value) => value < threshold ? 0 : value);
  for (let i = 0; i < count; i++) {
    yield watered(picture, drops, 0.6);
    drops = flowed(drops, start, shares);
  }
}

/** A raster of one channel convolved down its columns; nothing comes in from outside. */
function flowed(raster: Raster, start: number, shares: readonly number[]): Raster {
  const { width, height, values } = raster;
  const moved = new Float64Array(values.length);
  for (let y = 0; y < height; y++) {
    for (const [i, share] of shares.entries()) {
      const from = y - start - i;
      if (from < 0 || from >= height) continue;
      for (let x = 0; x < width; x++) moved[y * width + x]! += share * values[from * width + x]!;
    }
  }
  return { ...raster, values: moved };
}
