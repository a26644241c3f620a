import { createHash } from "node:crypto";
import { Purpose, Stream } from "../random/stream.ts";

/** Labelled pictures of one size, all in memory. */
export interface Dataset {
  /** "cifar10", "cifar100" or "shapes". */
  name: string;
  split: Split;
  /** The name of every class; a label is an index into it. */
  classes: string[];
  /** Of each picture, in pixels. */
  width: number;
  /** Of each picture, in pixels. */
  height: number;
  /** How many pictures there are, at least 1. */
  count: number;
  /** One for each picture, in {0, …, classes.length-1}. */
  labels: Uint8Array;
  /** (count × height × width × 4): red, green, blue and 255 for each pixel. */
  rgba: Uint8Array;
  /** Official files that are not there, so that the set is only a part; absent for built-in data. */
  missing?: string[];
  /** What `fingerprint()` gives for the labels and the pixels. */
  fingerprint: string;
}

/** The part of a data set that is trained on, or the part that is evaluated. */
export type Split = "train" | "test";

/** SHA-256 of the given bytes, one part after another, as 64 hexadecimal digits. */
export function fingerprint(...parts: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}

/**
 * Parts a data set in two: `count` pictures drawn by the seed alone, in their order, and the rest.
 *
 * @throws {RangeError} when there would be no picture left
 */
export function holdOut(
  data: Dataset,
  count: number,
  seed: number,
): { train: Dataset; holdout?: Dataset } {
  if (count === 0) return { train: data };
  if (!(count < data.count)) {
    throw new RangeError(
      `Cannot hold out pictures: expected fewer than the ${data.count} of ${data.name} ` +
        `but found ${count}`,
    );
  }
  const order = new Stream(seed, Purpose.holdout).permutation(data.count);
  return { train: picked(data, order.slice(count)), holdout: picked(data, order.slice(0, count)) };
}

/** Some of a data set's pictures, in their order. */
function picked(data: Dataset, numbers: Uint32Array): Dataset {
  const bytes = 4 * data.width * data.height;
  const labels = new Uint8Array(numbers.length), rgba = new Uint8Array(numbers.length * bytes);
  numbers.sort().forEach((number, i) => {
    labels[i] = data.labels[number]!;
    rgba.set(data.rgba.subarray(number * bytes, (number + 1) * bytes), i * bytes);
  });
  const count = numbers.length, print = fingerprint(labels, rgba);
  return { ...data, count, labels, rgba, fingerprint: print };
}
