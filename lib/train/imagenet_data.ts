import { methods } from "../augment/methods.ts";
import { openMixingSet, resizedSide } from "../data/open.ts";
import { openPictures } from "../data/open_pictures.ts";
import { type LoadedPictures, streamedPictures } from "../data/loader/streamed_pictures.ts";
import { holdOutNumbers } from "../data/dataset.ts";
import { STREAMED } from "../robustness/predict.ts";
import { imageNetDefaults, type TrainFlags } from "./flags.ts";
import { checkMixing, type RunData } from "./run_data.ts";
import { TrainError } from "./train.ts";

/**
 * Opens the folders of pictures that the flags name; they are decoded while they are needed, crops of
 * training pictures drawn anew in each epoch.
 *
 * @param note told how many there are
 * @param workers threads that decode; as many as there are processors by default
 * @throws {DataError | TrainError} when some are missing, or their classes are not the same
 */
export async function openImageNet(
  flags: TrainFlags,
  note: (line: string) => void,
  workers?: number,
): Promise<RunData> {
  const { dataStandard, dataVal, numClasses, side = imageNetDefaults.side!, seed } = flags;
  if (!dataStandard || !dataVal) {
    throw new TrainError(
      "Cannot train: give the folders of pictures with --data-standard and --data-val",
    );
  }
  const train = await openPictures(dataStandard, { numClasses });
  const test = await openPictures(dataVal, { classes: train.classes });
  const parts = flags.holdout
    ? holdOutNumbers({ name: dataStandard, count: train.count }, flags.holdout, seed)
    : undefined;
  const asTested = { kind: "evaluation", resize: resizedSide(side), size: side } as const;
  const view = { kind: "training", size: side, seed } as const;
  const streams = {
    train: streamedPictures(train, "imagenet", "train", {
      ...{ view, batch: flags.batchSize, workers, numbers: parts?.train },
    }),
    test: streamedPictures(test, "imagenet", "test", { view: asTested, batch: STREAMED, workers }),
    ...(parts && {
      holdout: streamedPictures(train, "imagenet", "train", {
        ...{ view: asTested, batch: STREAMED, workers, numbers: parts.holdout },
      }),
    }),
  };
  note(
    `imagenet: ${streams.train.count} training and ${test.count} test pictures, ` +
      `${train.classes.length} classes, ${side} × ${side} pixels`,
  );
  const close = () => {
    for (const stream of Object.values(streams)) {
      tellCorrupt(stream, note);
      stream.close();
    }
    for (const source of [train, test]) source.close();
  };
  if (!methods[flags.method].mixing) return { ...streams, close };
  const mixing = await openMixingSet(checkMixing(flags), side);
  note(`mixing set: ${mixing.count} pictures`);
  return { ...streams, mixing, close };
}

function tellCorrupt({ corrupt, split }: LoadedPictures, note: (line: string) => void): void {
  const [first] = corrupt;
  if (!first) return;
  note(
    `note: ${corrupt.length} ${split} pictures could not be read (first: ${first.name}: ` +
      `${first.reason}); others were shown in their place`,
  );
}
