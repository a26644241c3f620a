import { readCifar } from "./cifar.ts";
import type { Dataset } from "./dataset.ts";
import { DataError } from "./error.ts";
import { fractals } from "./fractals.ts";
import { type MixingSet, mixingSetFromPictures, readMixingSet } from "./mixing_set.ts";
import { shapes } from "./shapes.ts";

/** The data sets of 32 × 32 pictures; `shapes` is made by layermix itself. */
export const datasetNames = ["cifar10", "cifar100", "shapes"] as const;
export type DatasetName = typeof datasetNames[number];

/** The name that stands for fractals made by layermix instead of a mixing set's folder. */
export const BUILT_IN_MIXING_SET = "fractals";

/** How many pictures of the built-in data are made, and of which seed. */
const BUILT_IN = { train: 4000, test: 1000, fractals: 64, seed: 1 };

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

/**
 * Opens a mixing set for pictures of a side: every picture is resized to a shorter side of 36 pixels
 * for 32 × 32, and of 256 for 224 × 224, out of which crops are drawn.
 *
 * @param path a folder tree of pictures, or "fractals"
 * @throws {DataError} when there is no picture in it
 */
export async function openMixingSet(path: string, side = 32): Promise<MixingSet> {
  const size = side === 32 ? 36 : resizedSide(side);
  if (path !== BUILT_IN_MIXING_SET) return await readMixingSet(path, { size });
  return mixingSetFromPictures(
    fractals(BUILT_IN.fractals, Math.max(72, size), BUILT_IN.seed),
    size,
  );
}

/** The shorter side, in pixels, that pictures get before a square of `side` is cut out: 256 for 224. */
export function resizedSide(side: number): number {
  return Math.round(side * 256 / 224);
}
