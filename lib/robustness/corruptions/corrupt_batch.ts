import type { Dataset } from "../../data/dataset.ts";
import { Stream } from "../../random/stream.ts";
import {
  type Picture,
  pictureOfBytes,
  type Scale,
  type Severity,
  storedBytes,
} from "./corruption.ts";
import { type Suite, type SuiteName, suites } from "./suites.ts";

/** What is done to pictures. */
export interface CorruptionSpec {
  suite: SuiteName;
  /** The official name, such as "gaussian_noise". */
  corruption: string;
  severity: Severity;
  /** An unsigned 32-bit number. */
  seed: number;
  /** Which table of settings is used; by default that of the pictures' size, `scaleOf()`. */
  scale?: Scale;
  /** Pictures of frost instead of the built-in ones. */
  frost?: readonly Picture[];
}

/** Several pictures of one size. */
export interface RgbBatch {
  width: number;
  height: number;
  /** (count × height × width × 3) */
  rgb: Uint8Array;
}

/** The table of settings for pictures of a size: CIFAR's up to 64 pixels on the longer side. */
export function scaleOf({ width, height }: { width: number; height: number }): Scale {
  return Math.max(width, height) <= 64 ? "cifar" : "imagenet";
}

/**
 * Pictures corrupted, as (count × height × width × 3) bytes. What becomes of a picture depends on
 * the spec and its index alone.
 *
 * @param first the index of the first picture in its set, which its random numbers depend on
 * @throws {RangeError} for a corruption, severity or seed that there is not
 */
export function corruptPictures(
  { width, height, rgb }: RgbBatch,
  spec: CorruptionSpec,
  first: number,
): Uint8Array {
  const { suite, severity, seed, frost, scale = scaleOf({ width, height }) } = spec;
  const { purpose, corruptions }: Suite = suites[suite];
  const number = corruptions[scale].findIndex(({ name }) => name === spec.corruption);
  if (number < 0) {
    const names = corruptions[scale].map(({ name }) => name).join(", ");
    throw new RangeError(
      `Cannot corrupt: expected one of ${names} but found ${spec.corruption}`,
    );
  }
  check("severity", severity, 1, 5);
  check("seed", seed, 0, 2 ** 32 - 1);
  const bytes = width * height * 3;
  const corrupted = new Uint8Array(rgb.length);
  for (let at = 0, index = first; at < rgb.length; at += bytes, index++) {
    const picture = pictureOfBytes(rgb.subarray(at, at + bytes), width, height);
    const random = new Stream(seed, purpose, index, severity, number);
    const result = corruptions[scale][number]!.corrupt(picture, severity, { random, scale, frost });
    corrupted.set(storedBytes(result), at);
  }
  return corrupted;
}

/**
 * The pictures `first` … `first + count - 1` of a data set, corrupted: (count × height × width × 3)
 * bytes, the same as those that `layermix corrupt` writes with this seed.
 *
 * @throws {RangeError} for pictures, a corruption, severity or seed that there is not
 */
export function corruptBatch(
  data: Dataset,
  spec: CorruptionSpec,
  first: number,
  count: number,
): Uint8Array {
  check("first picture", first, 0, data.count - 1);
  check("count", count, 1, data.count - first);
  return corruptPictures(rgbOf(data, first, count), spec, first);
}

/** Some pictures of a data set without their alpha. */
export function rgbOf(data: Dataset, first: number, count: number): RgbBatch {
  const { width, height, rgba } = data;
  const start = first * width * height;
  const rgb = new Uint8Array(count * width * height * 3);
  for (let pixel = 0; pixel < count * width * height; pixel++) {
    for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = rgba[4 * (start + pixel) + c]!;
  }
  return { width, height, rgb };
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot corrupt: expected a ${name} of ${least} … ${most} but found ${value}`,
  );
}
