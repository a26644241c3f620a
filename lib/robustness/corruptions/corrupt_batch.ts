import type { Dataset } from "../../data/dataset.ts";
import { Stream } from "../../random/stream.ts";
import {
  type Corruption,
  type Picture,
  pictureOfBytes,
  type Scale,
  type Severity,
  storedBytes,
} from "./corruption.ts";
import type { Difficulty, Perturbation } from "./perturbation.ts";
import { framesOf, type Suite, type SuiteName, suites } from "./suites.ts";
import { windowOf } from "./window.ts";

/** What is done to pictures. */
export interface CorruptionSpec {
  /** Which suite it is of. */
  suite: SuiteName;
  /** The official name, such as "gaussian_noise". */
  corruption: string;
  /** Of P, how strong noises are: 1, 2 or 3. */
  severity: Severity;
  /** An unsigned 32-bit number. */
  seed: number;
  /** Which table of settings is used; by default that of the pictures' size, `scaleOf()`. */
  scale?: Scale;
  /** Pictures of frost instead of the built-in ones. */
  frost?: readonly Picture[];
  /** Of P, how many pixels of both sides frames show, in the middle; all by default. */
  shown?: number;
}

/** Several pictures of one size. */
export interface RgbBatch {
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
  /** (count × height × width × 3) */
  rgb: Uint8Array;
}

/** The table of settings for pictures of a size: CIFAR's up to 64 pixels on the longer side. */
export function scaleOf({ width, height }: { width: number; height: number }): Scale {
  return Math.max(width, height) <= 64 ? "cifar" : "imagenet";
}

/**
 * Pictures corrupted, as (count × height × width × 3) bytes; of P, as (count × frames × height ×
 * width × 3), with the height and width that are shown. What becomes of a picture depends on the spec
 * and its index alone.
 *
 * @param first the index of the first picture in its set, which its random numbers depend on
 * @throws {RangeError} for a corruption, severity or seed that there is not
 */
export function corruptPictures(
  { width, height, rgb }: RgbBatch,
  spec: CorruptionSpec,
  first: number,
): Uint8Array {
  const { suite, severity, seed, shown } = spec;
  const { purpose, severities }: Suite = suites[suite];
  check("severity", severity, 1, severities.length);
  check("seed", seed, 0, 2 ** 32 - 1);
  const window = windowOf({ width, height }, suite === "p" ? shown : undefined);
  const scale = spec.scale ?? scaleOf(window);
  const { number, corruption } = find(suite, spec.corruption, scale);
  const size = width * height * 3, frame = window.width * window.height * 3;
  const corrupted = new Uint8Array(
    rgb.length / size * (framesOf(suite, scale)(spec.corruption) ?? 1) * frame,
  );
  for (let at = 0, to = 0, index = first; at < rgb.length; at += size, index++) {
    const picture = pictureOfBytes(rgb.subarray(at, at + size), width, height);
    const random = new Stream(seed, purpose, index, severity, number);
    for (const result of resultsOf(corruption, picture, { ...spec, random, scale })) {
      corrupted.set(storedBytes(result), to);
      to += frame;
    }
  }
  return corrupted;
}

function find(
  suite: SuiteName,
  name: string,
  scale: Scale,
): { number: number; corruption: Corruption | Perturbation } {
  const { corruptions }: Suite = suites[suite];
  const number = corruptions[scale].findIndex((corruption) => corruption.name === name);
  if (number >= 0) return { number, corruption: corruptions[scale][number]! };
  const names = corruptions[scale].map(({ name }) => name).join(", ");
  throw new RangeError(`Cannot corrupt: expected one of ${names} but found ${name}`);
}

function resultsOf(
  corruption: Corruption | Perturbation,
  picture: Picture,
  spec: CorruptionSpec & { random: Stream; scale: Scale },
): Iterable<Picture> {
  if ("corrupt" in corruption) return [corruption.corrupt(picture, spec.severity, spec)];
  return corruption.sequence(picture, { ...spec, difficulty: spec.severity as Difficulty });
}

/**
 * The pictures `first` … `first + count - 1` of a data set, corrupted: bytes as those of
 * `corruptPictures()`, the same as `layermix corrupt` writes with this seed.
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
