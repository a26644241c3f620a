import { resolve } from "node:path";
import { methods } from "../augment/methods.ts";
import {
  type Dataset,
  holdOut,
  type LabelledPictures,
  type StreamedDataset,
} from "../data/dataset.ts";
import type { MixingSet } from "../data/mixing_set.ts";
import { BUILT_IN_MIXING_SET, openDataset, openMixingSet } from "../data/open.ts";
import type { TrainFlags } from "./flags.ts";
import { TrainError } from "./train.ts";

/** The pictures of a run. */
export interface RunData {
  train: Dataset | StreamedDataset;
  test: Dataset | StreamedDataset;
  /** Training pictures that were left out. */
  holdout?: Dataset | StreamedDataset;
  mixing?: MixingSet;
  /** Gives back what reads pictures meanwhile. */
  close?(): void;
}

/**
 * Opens the CIFAR pictures, or built-in ones, that the flags name.
 *
 * @param note told how many there are, and how many files of the mixing set were skipped
 * @throws {DataError | TrainError} when some are missing or damaged
 */
export async function openCifar(
  flags: TrainFlags,
  note: (line: string) => void,
): Promise<RunData> {
  if (flags.dataset === "imagenet") {
    throw new RangeError("imagenet is no data set of small pictures");
  }
  const all = await openDataset(flags.dataset, flags.dataPath, "train");
  const { train, holdout } = holdOut(all, flags.holdout, flags.seed);
  const test = await openDataset(flags.dataset, flags.dataPath, "test");
  note(
    `${flags.dataset}: ${train.count} training and ${test.count} test pictures, ${train.classes.length} classes` +
      (holdout ? `, ${holdout.count} training pictures held out` : ""),
  );
  const missing = [...train.missing ?? [], ...test.missing ?? []];
  if (missing.length) {
    note(`note: only a part of ${flags.dataset}: ${missing.join(", ")} not there`);
  }
  if (!methods[flags.method].mixing) return { train, test, holdout };
  const mixing = await openMixingSet(checkMixing(flags));
  const skipped = mixing.skipped.length;
  note(
    `mixing set: ${mixing.count} pictures` +
      (skipped
        ? `, ${skipped} files skipped (first: ${mixing.skipped[0]!.file}: ${
          mixing.skipped[0]!.reason
        })`
        : ""),
  );
  return { train, test, holdout, mixing };
}

/** @throws {TrainError} when no mixing set is named */
export function checkMixing({ method, mixingSet }: TrainFlags): string {
  if (mixingSet) return mixingSet;
  throw new TrainError(
    `Cannot train with ${method}: give a folder of pictures with --mixing-set, or --mixing-set ${BUILT_IN_MIXING_SET}`,
  );
}

/** What `run.json` says of the pictures. */
export function describeData(
  { dataset, dataPath, dataStandard, dataVal, mixingSet }: TrainFlags,
  { train, test, holdout, mixing }: RunData,
): Record<string, Record<string, unknown>> {
  const set = ({ split, count, missing, fingerprint }: LabelledPictures) => ({
    name: dataset,
    path: dataPath ?? (split === "train" ? dataStandard : dataVal) ?? "built in",
    count,
    ...(missing?.length ? { missing } : {}),
    fingerprint,
  });
  const sets = {
    ...{ train: set(train), test: set(test) },
    ...(holdout ? { holdout: set(holdout) } : {}),
  };
  if (!mixing) return sets;
  const { count, skipped, fingerprint } = mixing;
  return {
    ...sets,
    mixing: { path: mixingSet, count, skipped, fingerprint },
  };
}

/** Paths that do not depend on the folder the command was given in. */
export function absolute<F extends Partial<TrainFlags>>(flags: F): F {
  const { mixingSet } = flags;
  const paths = (["dataPath", "dataStandard", "dataVal", "pretrained"] as const)
    .flatMap((name) => flags[name] ? [[name, resolve(flags[name])]] : []);
  return {
    ...flags,
    ...Object.fromEntries(paths),
    ...(mixingSet && mixingSet !== BUILT_IN_MIXING_SET ? { mixingSet: resolve(mixingSet) } : {}),
  };
}
