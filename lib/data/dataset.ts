import { createHash } from "node:crypto";
import { Purpose, Stream } from "../random/stream.ts";
import type { CorruptPicture } from "./corrupt_pictures.ts";

/** Labelled pictures of one size, in memory or elsewhere. */
export interface LabelledPictures {
  /** "cifar10", "cifar100", "shapes" or "imagenet". */
  name: string;
  /** Which part of the data set. */
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
  labels: Uint8Array | Uint16Array;
  /** Official files that are not there, so that the set is only a part; absent for built-in data. */
  missing?: string[];
  /** SHA-256 of what tells this set from others, as 64 hexadecimal digits. */
  fingerprint: string;
}

/** Labelled pictures that are all in memory. */
export interface Dataset extends LabelledPictures {
  /** One for each picture, in {0, …, classes.length-1}. */
  labels: Uint8Array;
  /** (count × height × width × 4): red, green, blue and 255 for each pixel. */
  rgba: Uint8Array;
}

/** Labelled pictures that are read, and cut to size, while they are needed. */
export interface StreamedDataset extends LabelledPictures {
  /**
   * The pictures `order` names, `size` at a time and fewer at last; a batch holds until the next one
   * is asked for. What is cut out of pictures is a function of the epoch and their numbers alone. The
   * next ones are read meanwhile; `return` ends that.
   *
   * @throws {DataError} when too many cannot be read
   */
  batches(order: Uint32Array, size: number, epoch: number): AsyncGenerator<PictureBatch, void>;
}

/** Pictures of a data set, one after another. */
export interface PictureBatch {
  /** (pictures × height × width × 4): red, green, blue, ignored. */
  rgba: Uint8Array;
  /** One for each; of what is shown, where another picture stands in for one that is damaged. */
  labels: ArrayLike<number>;
  /** What of it could not be read; absent for pictures in memory. */
  unreadable?: CorruptPicture[];
}

/** The batches of any pictures, as `StreamedDataset` gives them. */
export function batchesOf(
  data: Dataset | StreamedDataset,
  order: Uint32Array,
  size: number,
  epoch: number,
): AsyncGenerator<PictureBatch, void> {
  return "rgba" in data ? batchesInMemory(data, order, size) : data.batches(order, size, epoch);
}

async function* batchesInMemory(
  { rgba, labels, width, height }: Dataset,
  order: Uint32Array,
  size: number,
): AsyncGenerator<PictureBatch, void> {
  const bytes = 4 * width * height;
  const batch = new Uint8Array(Math.min(size, order.length) * bytes);
  for (let start = 0; start < order.length; start += size) {
    const numbers = order.subarray(start, start + size);
    numbers.forEach((number, i) => {
      batch.set(rgba.subarray(number * bytes, (number + 1) * bytes), i * bytes);
    });
    yield {
      rgba: batch.subarray(0, numbers.length * bytes),
      labels: Array.from(numbers, (number) => labels[number]!),
    };
  }
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
  const { train, holdout } = holdOutNumbers(data, count, seed);
  return { train: picked(data, train), holdout: picked(data, holdout) };
}

/**
 * Numbers of pictures in two parts, each in rising order.
 *
 * @throws {RangeError} when there would be no picture left
 */
export function holdOutNumbers(
  { name, count: all }: Pick<LabelledPictures, "name" | "count">,
  count: number,
  seed: number,
): { train: Uint32Array; holdout: Uint32Array } {
  if (!(count < all)) {
    throw new RangeError(
      `Cannot hold out pictures: expected fewer than the ${all} of ${name} but found ${count}`,
    );
  }
  const order = new Stream(seed, Purpose.holdout).permutation(all);
  return { train: order.slice(count).sort(), holdout: order.slice(0, count).sort() };
}

/** Some of a data set's pictures, in their order. */
function picked(data: Dataset, numbers: Uint32Array): Dataset {
  const bytes = 4 * data.width * data.height;
  const labels = new Uint8Array(numbers.length), rgba = new Uint8Array(numbers.length * bytes);
  numbers.forEach((number, i) => {
    labels[i] = data.labels[number]!;
    rgba.set(data.rgba.subarray(number * bytes, (number + 1) * bytes), i * bytes);
  });
  const count = numbers.length, print = fingerprint(labels, rgba);
  return { ...data, count, labels, rgba, fingerprint: print };
}
