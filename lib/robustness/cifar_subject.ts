import { type DatasetName, openDataset } from "../data/open.ts";
import { openCorruptionFiles } from "./corruption_files.ts";
import { openMadePictures, openMadeSequences } from "./made_pictures.ts";
import { datasetOf, modelOf, readNetwork } from "./network.ts";
import { openSequenceFiles } from "./sequence_files.ts";
import { closeAll, openAll } from "./source.ts";
import {
  chosenOf,
  given,
  keptNotes,
  measuredOf,
  type Subject,
  type SubjectOptions,
  tellUnknown,
} from "./subject.ts";
import type { CorruptionSuiteName } from "./suites.ts";

/** What is evaluated, on which small pictures. */
export interface CifarOptions extends SubjectOptions {
  /** By default the data set the checkpoint was trained on. */
  dataset?: DatasetName;
  /** Folder of the official files; not for built-in data. */
  dataPath?: string;
  /** The folders of `.npy` files, for the suites of those names. */
  cDir?: string;
  /** Of suite c-bar. */
  cBarDir?: string;
  /** Of suite p. */
  pDir?: string;
}

/**
 * Reads the checkpoint and the test set, and opens the other pictures; the caller closes it.
 *
 * @throws {CheckpointError | DataError} one line for the user
 */
export async function openCifarSubject(options: CifarOptions): Promise<Subject> {
  const { notes, note } = keptNotes(options);
  const checkpoint = await readNetwork(options);
  const dataset = datasetOf(checkpoint, options.dataset);
  const test = await openDataset(dataset, options.dataPath, "test");
  const model = modelOf(checkpoint, options, test);
  const chosen = chosenOf(options), { seed, difficulty } = chosen;
  const { make, frost, cDir, cBarDir, pDir } = options;
  const corruptions = (suite: CorruptionSuiteName, folder?: string) => async () =>
    make && folder === undefined
      ? await openMadePictures(suite, test, { seed, frost })
      : await openCorruptionFiles(given(suite, folder, `--${suite}-dir`), suite, test, note);
  const sources = await openAll(chosen.suites, {
    c: corruptions("c", cDir),
    "c-bar": corruptions("c-bar", cBarDir),
    p: async () =>
      make && pDir === undefined
        ? openMadeSequences(test, { seed }, difficulty)
        : await openSequenceFiles(given("p", pDir, "--p-dir"), test, difficulty),
  });
  tellUnknown(sources, note);
  const { name, count, fingerprint, missing = [] } = test;
  return {
    ...{ checkpoint, test, model, sources, chosen, notes },
    data: { dataset: name, path: options.dataPath ?? "built in", count, fingerprint, missing },
    measured: measuredOf(checkpoint, model, options.weights),
    close: () => closeAll(sources),
  };
}
