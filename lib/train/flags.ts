import { type MethodName, methodNames, methods, type MethodSettings } from "../augment/methods.ts";
import type { DatasetName } from "../data/open.ts";
import { checkModel, type ModelName, models } from "../models/model.ts";
import type { TrainSettings } from "./settings.ts";

/** The flags of `layermix train` that decide a run's bits, under their published names. */
export interface TrainFlags extends Omit<TrainSettings, "model"> {
  /** Which data set. */
  dataset: DatasetName | "imagenet";
  /** CIFAR: folder of the official files, binary or python; not for built-in data. */
  dataPath?: string;
  /** ImageNet: a folder with a folder of pictures for each class, or what `layermix pack` made. */
  dataStandard?: string;
  /** The same of the pictures that are tested. */
  dataVal?: string;
  /** ImageNet: 200 takes those of ImageNet-R's classes out of 1000; by default all that are there. */
  numClasses?: number;
  /** ImageNet: pixels of a side of the pictures. */
  side?: number;
  /** Folder tree of pictures, or "fractals". */
  mixingSet?: string;
  /** File of weights to begin with. */
  pretrained?: string;
  /** The network. */
  model: ModelName;
  /** Depth. */
  layers: number;
  /** How many times as wide as the narrowest. */
  widenFactor: number;
  /** Dropout, in [0, 1). */
  droprate: number;
}

/** The published CIFAR recipe. */
export const cifarDefaults: TrainFlags & { dataset: DatasetName } = {
  dataset: "cifar10",
  method: "layermix",
  ...methods.layermix.defaults,
  jsd: false,
  model: "wrn",
  layers: 40,
  widenFactor: 4,
  droprate: 0.3,
  epochs: 100,
  batchSize: 128,
  evalBatchSize: 1000,
  learningRate: 0.1,
  warmupEpochs: 0,
  momentum: 0.9,
  decay: 5e-4,
  labelSmoothing: 0,
  precision: "f32",
  accumulate: 1,
  emaDecay: 0,
  holdout: 0,
  seed: 1,
};

/** The published ImageNet recipe. */
export const imageNetDefaults: TrainFlags = {
  ...cifarDefaults,
  dataset: "imagenet",
  model: "imagenet_resnet50",
  layers: 50,
  widenFactor: 1,
  droprate: 0,
  epochs: 90,
  evalBatchSize: 64,
  learningRate: 0.01,
  side: 224,
};

/** All flags: those that are given, else the method's and the network's own and the recipe's. */
export function completed(given: Partial<TrainFlags>): TrainFlags {
  const isLarge = given.dataset === "imagenet";
  const recipe = isLarge ? imageNetDefaults : cifarDefaults;
  const { defaults, largeDefaults, jsd = false } = methods[given.method ?? recipe.method];
  const { layers, widenFactor, dropRate: droprate = 0 } = models[given.model ?? recipe.model];
  return {
    ...recipe,
    ...defaults,
    ...(isLarge ? largeDefaults : {}),
    ...{ jsd, layers, widenFactor, droprate },
    ...given,
  };
}

/** What a run does that is recorded without some of these, as it began before they could be chosen. */
export function earlierSettings(method: MethodName): MethodSettings & Partial<TrainSettings> {
  const { warmupEpochs, labelSmoothing, precision, accumulate, emaDecay, holdout } = cifarDefaults;
  const none = { warmupEpochs, labelSmoothing, precision, accumulate, emaDecay, holdout };
  return { ...methods[method].defaults, jsd: false, ...none };
}

/**
 * The settings that the flags stand for, for a data set of `classes` classes.
 *
 * @throws {RangeError} when the learning rate is not above 0, there is no such network, or views are
 * wanted of a method that has none
 */
export function settingsOf(flags: TrainFlags, classes: number): TrainSettings {
  const { model: name, layers, widenFactor, droprate: dropRate } = flags;
  const { method, jsd, ops, allOps, magnitude, blendingRatio, k, t, grayMixing, alpha } = flags;
  const { mixtureWidth, mixtureDepth, epochs, batchSize, evalBatchSize } = flags;
  const { learningRate, warmupEpochs, momentum, decay, seed } = flags;
  const { labelSmoothing, precision, accumulate, emaDecay, holdout } = flags;
  const model = { name, layers, widenFactor, dropRate, classes };
  checkModel(model);
  if (!(learningRate > 0)) {
    throw new RangeError(
      `Cannot train: expected a learning rate above 0 but found ${learningRate}`,
    );
  }
  if (!(warmupEpochs < epochs)) {
    throw new RangeError(
      `Cannot train: expected a warm-up shorter than the ${epochs} epochs but found ${warmupEpochs}`,
    );
  }
  if (batchSize % accumulate) {
    throw new RangeError(
      `Cannot train: ${accumulate} equal parts of a batch of ${batchSize} pictures are none`,
    );
  }
  if (jsd && !methods[method].views) {
    const able = methodNames.filter((name) => methods[name].views);
    throw new RangeError(
      `Cannot train with ${method} and --jsd: it has no views of a picture to compare, as ${
        able.join(", ")
      } have`,
    );
  }
  return {
    model,
    ...{ method, jsd, ops, allOps, magnitude, blendingRatio, k, t, mixtureWidth, mixtureDepth },
    ...{ grayMixing, alpha },
    ...{ epochs, batchSize, evalBatchSize, learningRate, warmupEpochs, momentum, decay, seed },
    ...{ labelSmoothing, precision, accumulate, emaDecay, holdout },
  };
}

/** Flags that say where the pictures are: they may have moved, and their fingerprints are compared. */
const PLACES = ["dataPath", "dataStandard", "dataVal", "mixingSet"] as const;

type Place = typeof PLACES[number];

/** A flag that was typed for a run that goes on, and is not what the run began with. */
export interface ChangedFlag {
  /** As it is typed. */
  flag: string;
  before: unknown;
  now: unknown;
}

/** The flags that differ from those a run began with, but for where the pictures are. */
export function changedFlags(begun: TrainFlags, given: Partial<TrainFlags>): ChangedFlag[] {
  return Object.entries(given).flatMap(([name, now]) => {
    const before = begun[name as keyof TrainFlags];
    if (now === before || PLACES.includes(name as Place)) return [];
    const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return [{ flag, before, now }];
  });
}

/**
 * The flags of a run that goes on: those it was begun with, but for where the pictures are now.
 *
 * @param given the flags that were typed this time
 * @param force whether others than the run began with are taken
 * @throws {RangeError} when some differ, naming them and both values, unless forced
 */
export function flagsOfResumed(
  begun: TrainFlags,
  given: Partial<TrainFlags>,
  folder: string,
  force = false,
): TrainFlags {
  const changed = changedFlags(begun, given);
  if (changed.length && !force) {
    const list = (which: "before" | "now") =>
      changed.map((one) => `${one.flag} ${one[which] ?? "left out"}`).join(", ");
    throw new RangeError(
      `Cannot resume ${folder}: expected ${list("before")}, as the run began, but found ` +
        `${list("now")}; --force takes it`,
    );
  }
  const moved = PLACES.filter((place) => given[place] !== undefined)
    .map((place) => [place, given[place]]);
  return { ...begun, ...(force ? given : {}), ...Object.fromEntries(moved) };
}
