import type { Stream } from "../../random/stream.ts";
import type { Picture } from "./corruption.ts";
import { motionBlur } from "./motion_blur.ts";
import { drawnField, mapped } from "./raster.ts";
import { clip } from "./rounding.ts";
import { clippedZoom } from "./zoom.ts";

/** How it snows. */
export interface Snowfall {
  /** Mean and standard deviation of the noise that flakes are cut from. */
  mean: number;
  deviation: number;
  /** How much flakes are enlarged, from 1. */
  zoom: number;
  /** Where the noise is above it, there is a flake. */
  threshold: number;
  /** Of the motion blur of the flakes, in pixels. */
  radius: number;
  sigma: number;
  /** How much is left of the picture; the rest is whitened. */
  blend: number;
}

/** Flakes that fall at an angle drawn from -135 … -45 degrees: `snow`. */
export function snow(picture: Picture, snowfall: Snowfall, random: Stream): Picture {
  const { mean, deviation } = snowfall;
  const drawn = drawnField(picture, () => mean + deviation * random.normal()).values;
  return snowed(picture, snowfall, drawn, random.between(-135, -45));
}

/** The picture under flakes cut from (height × width) numbers, falling at an angle in degrees. */
export function snowed(
  picture: Picture,
  { zoom, threshold, radius, sigma, blend }: Snowfall,
  drawn: Float64Array,
  angle: number,
): Picture {
  const { width, height } = picture;
  const large = clippedZoom({ width, height, channels: 1, values: drawn }, zoom);
  const flakes = mapped(
    large,
    (value) => value < threshold ? 0 : Math.trunc(clip(value, 0, 1) * 255) / 255,
  );
  const layer = motionBlur(flakes, { radius, sigma, angle }).values;
  const rgb = new Float64Array(picture.rgb.length);
  for (let i = 0; i < layer.length; i++) {
    const added = layer[i]! + layer[layer.length - 1 - i]!;
    const grey = 0.299 * picture.rgb[3 * i]! + 0.587 * picture.rgb[3 * i + 1]! +
      0.114 * picture.rgb[3 * i + 2]!;
    const white = grey * 1.5 + 0.5;
    for (let j = 3 * i; j < 3 * i + 3; j++) {
      const value = picture.rgb[j]!;
      rgb[j] = blend * value + (1 - blend) * Math.max(value, white) + added;
    }
  }
  return { ...picture, rgb };
}
