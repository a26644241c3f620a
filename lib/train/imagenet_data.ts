import { type MixingMemory, resizedSide } from "../data/open.ts";
import { openPictures } from "../data/open_pictures.ts";
import { streamedPictures } from "../data/loader/streamed_pictures.ts";
import { holdOutNumbers } from "../data/dataset.ts";
import { STREAMED } from "../robustness/predict.ts";
import { imageNetDefaults, type TrainFlags } from "./flags.ts";
import { openMixingData } from "./mixing_data.ts";
import { closeMixing, type RunData, tellCorrupt } from "./run_data.ts";
import { TrainError } from "./train.ts";

/**
 * Opens the folders of pictures that the flags name; they are decoded while they are needed, crops of
 * training pictures drawn anew in each epoch.
 *
 * @param memory where the mixing set is kept, and how many threads decode
 * @param note told how many there are
 * @throws {DataError | TrainError} when some are missing, or their classes are not the same
 */
export async function openImageNet(
  flags: TrainFlags,
  memory: MixingMemory,
  note: (line: string) => void,
): Promise<RunData> {
  const { dataStandard, dataVal, numClasses, side = imageNetDefaults.side!, seed } = flags;
  if (!dataStandard || !dataVal) {
    throw new TrainError(
      "Cannot train: give the folders of pictures with --data-standard and --data-val",
    );
  }
  const { workers } = memory;
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
    for (const [name, stream] of Object.entries(streams)) {
      tellCorrupt(name, stream.corrupt, note, name === "train" ? "others" : "black");
      stream.close();
    }
    for (const source of [train, test]) source.close();
  };
  try {
    const mixing = await openMixingData(flags, side, memory, note);
    const closeAll = () => {
      close();
      closeMixing(mixing, note);
    };
    return { ...streams, mixing, close: closeAll };
  } catch (error) {
    close();
    throw error;
  }
}
