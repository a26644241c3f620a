import { jpegRoundTrip } from "../../data/jpeg/round_trip.ts";
import { resize } from "../../data/resize.ts";
import type { Stream } from "../../random/stream.ts";
import { reflect } from "./border.ts";
import { type Picture, pictureOfBytes } from "./corruption.ts";
import { gaussianFilter } from "./gaussian_filter.ts";
import { throughHsv } from "./hsv.ts";
import { drawnField, pictureOf, rasterOf } from "./raster.ts";
import { clip } from "./rounding.ts";
import { type Affine, displaced, warpAffine } from "./warp.ts";

/** Every channel's distance from its mean times `factor`: `contrast`. */
export function changeContrast(picture: Picture, factor: number): Picture {
  const sums = [0, 0, 0];
  for (let i = 0; i < picture.rgb.length; i++) sums[i % 3]! += picture.rgb[i]!;
  const means = sums.map((sum) => sum * 3 / picture.rgb.length);
  const rgb = picture.rgb.map((value, i) => (value - means[i % 3]!) * factor + means[i % 3]!);
  return { ...picture, rgb };
}

/** `added` to every colour's HSV value: `brightness`. */
export function brighten(picture: Picture, added: number): Picture {
  return throughHsv(picture, (hsv) => hsv[2] = clip(hsv[2]! + added, 0, 1));
}

/** Every colour's HSV saturation times `factor`, and `added`: `saturate`. */
export function changeSaturation(picture: Picture, factor: number, added: number): Picture {
  return throughHsv(picture, (hsv) => hsv[1] = clip(hsv[1]! * factor + added, 0, 1));
}

/** Shrunk to `scale` of its sides, at least a pixel, and enlarged again, by boxes: `pixelate`. */
export function pixelate(picture: Picture, scale: number): Picture {
  const { width, height } = picture;
  const small = (side: number) => Math.max(Math.trunc(side * scale), 1);
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < picture.rgb.length; i++) {
    rgba[i + Math.floor(i / 3)] = Math.round(picture.rgb[i]! * 255);
  }
  const shrunk = resize({ width, height, rgba }, small(width), small(height), "box");
  const large = resize(shrunk, width, height, "box").rgba;
  const rgb = picture.rgb.map((_, i) => large[i + Math.floor(i / 3)]! / 255);
  return { ...picture, rgb };
}

/** Written as a JPEG file and read again: `jpeg_compression`. */
export function compressAsJpeg(picture: Picture, quality: number): Picture {
  const { width, height, rgb } = picture;
  const bytes = Uint8Array.from(rgb, (value) => Math.round(value * 255));
  return pictureOfBytes(jpegRoundTrip(bytes, width, height, quality), width, height);
}

/** How much a picture is bent, all in pixels. */
export interface Elasticity {
  /** The largest displacement before it is smoothed. */
  alpha: number;
  /** The standard deviation of the Gaussian that smooths displacements. */
  sigma: number;
  /** How far the three points move that set the affine map. */
  jitter: number;
}

/**
 * A random affine map, then each pixel taken from a smoothly drawn place near by:
 * `elastic_transform` (Simard, Steinkraus, Platt 2003).
 */
export function bend(picture: Picture, elasticity: Elasticity, random: Stream): Picture {
  const { alpha, sigma, jitter } = elasticity;
  const moved = warpAffine(rasterOf(picture), randomAffine(picture, jitter, random));
  const displacements = () => {
    const drawn = drawnField(picture, () => random.between(-1, 1));
    return gaussianFilter(drawn, sigma, { border: reflect, truncate: 3 }).values
      .map((value) => value * alpha);
  };
  const dx = displacements(), dy = displacements();
  return pictureOf(displaced(moved, dx, dy));
}

/** The map of three points, two of them on a diagonal about the middle, to where they are moved. */
function randomAffine({ width, height }: Picture, jitter: number, random: Stream): Affine {
  const middleX = Math.floor(width / 2), middleY = Math.floor(height / 2);
  const reach = Math.max(Math.floor(Math.min(width, height) / 3), 1);
  const points = [[reach, reach], [reach, -reach], [-reach, -reach]] as const;
  const [first, second, third] = points.map(([dx, dy]) => {
    // In 32 bits, as published: the warp rounds places, and would round some to others.
    const moved = (place: number) =>
      Math.fround(place + Math.fround(random.between(-jitter, jitter)));
    const x = moved(middleX + dx);
    return { x, y: moved(middleY + dy) };
  }) as [Point, Point, Point];
  const a = (second.x - third.x) / (2 * reach), b = (first.x - second.x) / (2 * reach);
  const d = (second.y - third.y) / (2 * reach), e = (first.y - second.y) / (2 * reach);
  const [x, y] = [middleX + reach, middleY + reach];
  return [a, b, first.x - a * x - b * y, d, e, first.y - d * x - e * y];
}

interface Point {
  x: number;
  y: number;
}
