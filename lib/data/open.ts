import { BUILT_IN_MIXING_SET, builtInFractals } from "./built_in_mixing.ts";
import { readCifar } from "./cifar.ts";
import type { Dataset } from "./dataset.ts";
import { DataError } from "./error.ts";
import { bytesOf, measureMixing, openMixingSource } from "./mixing_source.ts";
import {
  type MixingSet,
  mixingSetFromPictures,
  mixingSetFromSource,
  readMixingSet,
} from "./mixing_set.ts";
import { MixingStream } from "./mixing_stream.ts";
import { shapes } from "./shapes.ts";

/** The data sets of 32 × 32 pictures; `shapes` is made by layermix itself. */
export const datasetNames = ["cifar10", "cifar100", "shapes"] as const;
/** One of them. */
export type DatasetName = typeof datasetNames[number];

/** How many pictures of the built-in data are made, and of which seed. */
const BUILT_IN = { train: 4000, test: 1000, seed: 1 };

/**
 * Opens one split of a data set.
 *
 * @param path the folder of its official files; not used for `shapes`
 * @throws {DataError} when a file is missing or damaged
 */
export async function openDataset(
  name: DatasetName,
  path: string | undefined,
  split: "train" | "test",
): Promise<Dataset> {
  if (name === "shapes") return shapes(split, BUILT_IN[split], BUILT_IN.seed);
  if (!path) {
    throw new DataError(
      `Cannot read ${name}: give the folder of its files with --data-path`,
    );
  }
  return await readCifar(path, name, split);
}

/** Where a mixing set is kept. */
export interface MixingMemory {
  /** Bytes that a set in memory may take; a larger one is read when it is needed. */
  most: number;
  /** Threads that read it then; as many as there are processors by default. */
  workers?: number;
}

/**
 * Opens a folder or a pack as a mixing set whose pictures have a shorter side of `size` pixels: read as
 * a whole, or where it would take more than `most` bytes, never. Draws from both are the same, pixel
 * for pixel, unless a file has the header of a picture but cannot be decoded: it is no part of a set in
 * memory, while another picture is shown for it where it is read when it is needed.
 *
 * @throws {DataError} when there is no picture in it
 */
export async function openMixing(
  path: string,
  size: number,
  { most, workers }: MixingMemory,
): Promise<MixingSet | MixingStream> {
  const opened = await openMixingSource(path);
  const measured = await measureMixing(opened, size);
  return bytesOf(measured) > most
    ? new MixingStream(opened.source, measured, workers)
    : await mixingSetFromSource(opened, size);
}

/** The shorter side, in pixels, that mixing pictures get for pictures of a side, as published. */
export function mixingSide(side: number): number {
  return side === 32 ? 36 : resizedSide(side);
}

/**
 * Opens a mixing set for pictures of a side: every picture is resized to a shorter side of 36 pixels
 * for 32 × 32, and of 256 for 224 × 224, out of which crops are drawn.
 *
 * @param path a folder tree of pictures, a pack, or "fractals"
 * @throws {DataError} when there is no picture in it
 */
export async function openMixingSet(path: string, side = 32): Promise<MixingSet> {
  const size = mixingSide(side);
  if (path !== BUILT_IN_MIXING_SET) return await readMixingSet(path, { size });
  return mixingSetFromPictures(builtInFractals(size), size);
}

/** The shorter side, in pixels, that pictures get before a square of `side` is cut out: 256 for 224. */
export function resizedSide(side: number): number {
  return Math.round(side * 256 / 224);
}
