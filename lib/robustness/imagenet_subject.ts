import { stat } from "node:fs/promises";
import { cannotRead } from "../data/error.ts";
import { resizedSide } from "../data/open.ts";
import { openPack } from "../data/pack/open_pack.ts";
import { foldersIn } from "../data/picture_tree.ts";
import { readReason } from "../data/system_errors.ts";
import type { EvaluationView } from "../data/view.ts";
import { type ClassPictures, openClassPictures } from "./class_pictures.ts";
import { openCorruptionTrees, tellClasses, viewWords } from "./corruption_trees.ts";
import { streamedOriginals } from "./made_originals.ts";
import { openMadePictures, openMadeSequences } from "./made_pictures.ts";
import { modelOf, readNetwork } from "./network.ts";
import { type ClassesOptions, networkClasses } from "./network_classes.ts";
import { openPictureList } from "./picture_list.ts";
import { openSequenceTrees } from "./sequence_trees.ts";
import { closeAll, openAll, type Openers, type StreamedTest } from "./source.ts";
import { StreamedReader } from "./streamed_reader.ts";
import {
  chosenOf,
  given,
  keptNotes,
  measuredOf,
  type Subject,
  type SubjectOptions,
  tellUnknown,
} from "./subject.ts";
import type { CorruptionSuiteName, ListSuiteName } from "./suites.ts";

/** What is evaluated, on which large pictures. */
export interface ImageNetOptions extends SubjectOptions, ClassesOptions {
  /** The test set: a folder with a folder of pictures for each class, or a pack. */
  dataVal: string;
  /** The folders of the suites. */
  imagenetCDir?: string;
  /** Of suite c-bar: a folder in the layout of ImageNet-C. */
  imagenetCBarDir?: string;
  /** Of suite r: a folder of pictures for each class. */
  imagenetRDir?: string;
  /** Of suite a: a folder of pictures for each class. */
  imagenetADir?: string;
  /** Of suite p: sequences, in them classes, in them videos. */
  imagenetPDir?: string;
  /** Pixels of a side of what the network sees; by default as it was trained, else 224. */
  side?: number;
  /** Of the shorter side of corrupted pictures before the crop; by default the side. */
  resize?: number;
  /** Threads that decode; as many as there are processors by default. */
  workers?: number;
}

/**
 * Reads the checkpoint, lists the test set and opens the other pictures; the caller closes it.
 *
 * @throws {CheckpointError | DataError | RangeError} one line for the user
 */
export async function openImageNetSubject(options: ImageNetOptions): Promise<Subject> {
  const { notes, note } = keptNotes(options);
  const { dataVal, workers } = options;
  const checkpoint = await readNetwork(options);
  const classes = networkClasses(checkpoint, options, await classesIn(dataVal));
  const side = options.side ?? checkpoint.header?.width ?? 224;
  const view = { kind: "evaluation", resize: resizedSide(side), size: side } as const;
  const pictures = await openClassPictures(dataVal, classes);
  tellClasses(dataVal, { classes, note }, pictures.missing, pictures.unknown);
  const reader = new StreamedReader(workers);
  const test = testOf(pictures, classes, view, reader);
  const model = modelOf(checkpoint, options, test);
  const chosen = chosenOf(options);
  const trees = { classes, view: corruptedView(side, options.resize), reader, note, workers };
  const openers = openersOf(options, { pictures, view, difficulty: chosen.difficulty, trees });
  const sources = await openAll(chosen.suites, openers);
  tellUnknown(sources, note);
  const { count, fingerprint, missing, unknown } = pictures;
  return {
    ...{ checkpoint, test, model, sources, chosen, notes },
    data: {
      ...{ dataset: test.name, path: dataVal, count, fingerprint, missing, view: viewWords(view) },
      ...(unknown.length ? { unknown_classes: unknown } : {}),
    },
    measured: measuredOf(checkpoint, model, options.weights),
    async close() {
      reader.close();
      await closeAll(sources);
      pictures.source.close();
    },
  };
}

/** The names of the folders of a tree, or of the classes of a pack. */
async function classesIn(path: string): Promise<readonly string[]> {
  const info = await stat(path).catch((error: Error) => {
    throw cannotRead(path, "a folder of classes or a pack", readReason(error));
  });
  return info.isFile() ? openPack(path).classes : await foldersIn(path, "a folder of classes");
}

/** Corrupted pictures have been cropped already: 224 pixels of 256. */
function corruptedView(size: number, resize = size): EvaluationView {
  if (resize >= size) return { kind: "evaluation", resize, size };
  throw new RangeError(
    `Cannot evaluate: expected corrupted pictures of at least ${size} pixels but found --resize ` +
      `${resize}`,
  );
}

function testOf(
  pictures: ClassPictures,
  classes: readonly string[],
  view: EvaluationView,
  reader: StreamedReader,
): StreamedTest {
  const { count, labels, fingerprint, missing } = pictures;
  return {
    ...{ name: "imagenet", split: "test", classes: [...classes], count, labels, fingerprint },
    ...{ missing, width: view.size, height: view.size },
    read: (...which) => reader.read("test", { pictures, view }, ...which),
  };
}

interface Opening {
  pictures: ClassPictures;
  /** Of clean pictures. */
  view: EvaluationView;
  difficulty: number;
  /** Of corrupted ones. */
  trees: Parameters<typeof openSequenceTrees>[2];
}

function openersOf(
  options: ImageNetOptions,
  { pictures, view, difficulty, trees }: Opening,
): Openers {
  const { make, frost, seed = 1, workers, imagenetPDir } = options;
  const flag = (suite: string) => `--imagenet-${suite}-dir`;
  const corruptions = (suite: CorruptionSuiteName, folder?: string) => async () =>
    make && folder === undefined
      ? await openMadePictures(suite, await streamedOriginals(pictures, view), {
        ...{ seed, frost, workers },
      })
      : await openCorruptionTrees(given(suite, folder, flag(suite)), suite, trees);
  const list = (suite: ListSuiteName, folder?: string) => () =>
    openPictureList(given(suite, folder, flag(suite)), suite, { ...trees, view });
  return {
    c: corruptions("c", options.imagenetCDir),
    "c-bar": corruptions("c-bar", options.imagenetCBarDir),
    r: list("r", options.imagenetRDir),
    a: list("a", options.imagenetADir),
    p: async () =>
      make && imagenetPDir === undefined
        ? openMadeSequences(await streamedOriginals(pictures, view), { seed, workers }, difficulty)
        : await openSequenceTrees(given("p", imagenetPDir, flag("p")), difficulty, trees),
  };
}
