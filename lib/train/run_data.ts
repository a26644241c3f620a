import { resolve } from "node:path";
import type { CorruptPicture } from "../data/corrupt_pictures.ts";
import {
  type Dataset,
  holdOut,
  type LabelledPictures,
  type StreamedDataset,
} from "../data/dataset.ts";
import type { MixingSet } from "../data/mixing_set.ts";
import type { MixingStream } from "../data/mixing_stream.ts";
import { BUILT_IN_MIXING_SET } from "../data/built_in_mixing.ts";
import { type MixingMemory, openDataset } from "../data/open.ts";
import type { TrainFlags } from "./flags.ts";
import { describeMixing, openMixingData } from "./mixing_data.ts";

/** The pictures of a run. */
export interface RunData {
  train: Dataset | StreamedDataset;
  test: Dataset | StreamedDataset;
  /** Training pictures that were left out. */
  holdout?: Dataset | StreamedDataset;
  mixing?: MixingSet | MixingStream;
  /** Gives back what reads pictures meanwhile. */
  close?(): void;
}

/**
 * Opens the CIFAR pictures, or built-in ones, that the flags name.
 *
 * @param memory where the mixing set is kept
 * @param note told how many there are, and how many files of the mixing set were skipped
 * @throws {DataError | TrainError} when some are missing or damaged
 */
export async function openCifar(
  flags: TrainFlags,
  memory: MixingMemory,
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
  const mixing = await openMixingData(flags, train.width, memory, note);
  return { train, test, holdout, mixing, close: () => closeMixing(mixing, note) };
}

/** Gives back what reads a mixing set, and tells which of its pictures could not be read. */
export function closeMixing(mixing: RunData["mixing"], note: (line: string) => void): void {
  if (!mixing || "rgba" in mixing) return;
  tellCorrupt("mixing", mixing.corrupt, note);
  mixing.close();
}

/**
 * Tells of pictures that could not be read, if any.
 *
 * @param instead what was shown: other pictures where they are drawn, black where each is measured
 */
export function tellCorrupt(
  what: string,
  corrupt: readonly CorruptPicture[],
  note: (line: string) => void,
  instead: "others" | "black" = "others",
): void {
  const [first] = corrupt;
  if (!first) return;
  note(
    `note: ${corrupt.length} ${what} pictures could not be read (first: ${first.name}: ` +
      `${first.reason}); ${
        instead === "black" ? "black ones" : "others"
      } were shown in their place`,
  );
}

/** What `run.json` says of the pictures. */
export function describeData(
  flags: TrainFlags,
  { train, test, holdout, mixing }: RunData,
): Record<string, Record<string, unknown>> {
  const { dataset, dataPath, dataStandard, dataVal } = flags;
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
  return mixing ? { ...sets, mixing: describeMixing(flags, mixing) } : sets;
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
