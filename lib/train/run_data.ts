import { resolve } from "node:path";
import { methods } from "../augment/methods.ts";
import type { Dataset } from "../data/dataset.ts";
import type { MixingSet } from "../data/mixing_set.ts";
import { BUILT_IN_MIXING_SET, openDataset, openMixingSet } from "../data/open.ts";
import type { CifarFlags } from "./flags.ts";
import { TrainError } from "./train.ts";

/** The pictures of a run. */
export interface RunData {
  train: Dataset;
  test: Dataset;
  mixing?: MixingSet;
}

/**
 * Opens all pictures that the flags name.
 *
 * @param note told how many there are, and how many files of the mixing set were skipped
 * @throws {DataError | TrainError} when some are missing or damaged
 */
export async function openData(flags: CifarFlags, note: (line: string) => void): Promise<RunData> {
  const train = await openDataset(flags.dataset, flags.dataPath, "train");
  const test = await openDataset(flags.dataset, flags.dataPath, "test");
  note(
    `${flags.dataset}: ${train.count} training and ${test.count} test pictures, ${train.classes.length} classes`,
  );
  const missing = [...train.missing ?? [], ...test.missing ?? []];
  if (missing.length) {
    note(`note: only a part of ${flags.dataset}: ${missing.join(", ")} not there`);
  }
  if (!methods[flags.method].mixing) return { train, test };
  if (!flags.mixingSet) {
    throw new TrainError(
      `Cannot train with ${flags.method}: give a folder of pictures with --mixing-set, or --mixing-set ${BUILT_IN_MIXING_SET}`,
    );
  }
  const mixing = await openMixingSet(flags.mixingSet);
  const skipped = mixing.skipped.length;
  note(
    `mixing set: ${mixing.count} pictures` +
      (skipped
        ? `, ${skipped} files skipped (first: ${mixing.skipped[0]!.file}: ${
          mixing.skipped[0]!.reason
        })`
        : ""),
  );
  return { train, test, mixing };
}

/** What `run.json` says of the pictures. */
export function describeData(
  { dataset, dataPath, mixingSet }: CifarFlags,
  { train, test, mixing }: RunData,
): Record<string, Record<string, unknown>> {
  const set = ({ count, missing, fingerprint }: Dataset) => ({
    name: dataset,
    path: dataPath ?? "built in",
    count,
    ...(missing?.length ? { missing } : {}),
    fingerprint,
  });
  if (!mixing) return { train: set(train), test: set(test) };
  const { count, skipped, fingerprint } = mixing;
  return {
    train: set(train),
    test: set(test),
    mixing: { path: mixingSet, count, skipped, fingerprint },
  };
}

/** Paths that do not depend on the folder the command was given in. */
export function absolute<F extends Partial<CifarFlags>>(flags: F): F {
  const { dataPath, mixingSet } = flags;
  return {
    ...flags,
    ...(dataPath ? { dataPath: resolve(dataPath) } : {}),
    ...(mixingSet && mixingSet !== BUILT_IN_MIXING_SET ? { mixingSet: resolve(mixingSet) } : {}),
  };
}
