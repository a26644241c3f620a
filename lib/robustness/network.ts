import { checkHeader, type Checkpoint, parseHeader } from "../checkpoint/checkpoint.ts";
import { CheckpointError } from "../checkpoint/error.ts";
import { loadWeights, shapesOf } from "../checkpoint/load_weights.ts";
import { matchWeights } from "../checkpoint/match_weights.ts";
import { readWeights } from "../checkpoint/read_weights.ts";
import type { LabelledPictures } from "../data/dataset.ts";
import { type DatasetName, datasetNames } from "../data/open.ts";
import type { Gpu } from "../gpu/device.ts";
import { recordFitting } from "../gpu/memory.ts";
import type { Tuning } from "../gpu/tuning.ts";
import { checkModel, type ModelName, type ModelOptions, models } from "../models/model.ts";
import { Parameters } from "../nn/parameters.ts";
import { type Preparation, recordTuned, type TuneOptions } from "../tune/record_tuned.ts";
import { tableOf, type TuningTable } from "../tune/table.ts";
import { type Attack, type PgdOptions, recordPgd } from "./pgd.ts";
import { normalizationOf, type Predictor, recordPredictor } from "./predict.ts";

/** Which network, for files that do not say it all. */
export interface NetworkOptions {
  /** A safetensors or PyTorch file. */
  checkpoint: string;
  /** The moving average, where there is one, by default; or the weights that were trained. */
  weights?: "averaged" | "trained";
  /** Needed for files that layermix did not write; must agree with those it did. */
  model?: ModelName;
  /** Depth. */
  layers?: number;
  /** How many times as wide as the narrowest. */
  widenFactor?: number;
}

/** A network on the GPU, compiled for evaluation. */
export interface OpenedNetwork {
  predictor: Predictor;
  /** Where an attack was asked for. */
  attack?: Attack;
  /** The kernels that were chosen; null when all are the fixed defaults. */
  table: TuningTable | null;
  destroy(): void;
}

/** How a network is compiled. */
export interface OpenOptions {
  batchSize: number;
  /** The attack that is asked for. */
  pgd?: PgdOptions;
  /** How the fastest kernels are found; without it the fixed defaults are used. */
  tune?: TuneOptions;
  /** Told while kernels are built. */
  building?: (state: Preparation) => void;
}

/**
 * A checkpoint of layermix, or weights of PyTorch, which say nothing of how they were made.
 *
 * @throws {CheckpointError} when there is none, or it is damaged
 */
export async function readNetwork(
  { checkpoint: file, weights }: NetworkOptions,
): Promise<Checkpoint> {
  const { tensors, sha256, metadata } = await readWeights(file, { which: weights });
  const header = metadata.header === undefined ? undefined : parseHeader(metadata.header, file);
  return { file, sha256, tensors, header };
}

/**
 * The data set a checkpoint is of, or the one that was asked for.
 *
 * @throws {CheckpointError} when neither says it
 */
export function datasetOf({ file, header }: Checkpoint, asked?: DatasetName): DatasetName {
  const dataset = asked ?? header?.dataset;
  if (dataset === "imagenet") {
    throw new CheckpointError(
      `Cannot evaluate ${file}: it was trained on large pictures; use layermix evaluate imagenet`,
    );
  }
  const known = datasetNames.find((name) => name === dataset);
  if (!known) {
    throw new CheckpointError(
      `Cannot evaluate ${file}: it does not name its data set; give --dataset`,
    );
  }
  return known;
}

/**
 * The architecture of a checkpoint, for as many classes as the data has.
 *
 * @throws {CheckpointError | RangeError} when neither the file nor the options say it, or there is
 * no such network
 */
export function modelOf(
  { file, header }: Checkpoint,
  options: NetworkOptions,
  test: LabelledPictures,
): ModelOptions {
  const name = options.model ?? header?.model.name;
  if (!name) {
    throw new CheckpointError(
      `Cannot evaluate ${file}: it does not say its architecture; give --model, and for wrn ` +
        "--layers and --widen-factor",
    );
  }
  const { layers, widenFactor } = models[name], told = header?.model;
  const model = {
    name,
    layers: options.layers ?? told?.layers ?? layers,
    widenFactor: options.widenFactor ?? told?.widenFactor ?? widenFactor,
    dropRate: told?.dropRate ?? 0,
    classes: test.classes.length,
  };
  checkModel(model);
  return model;
}

/**
 * Compiles the checkpoint's network for a batch that fits, and the attack on it if asked for.
 *
 * @throws {CheckpointError | GpuError} when the file is of another network, or nothing fits
 */
export async function openNetwork(
  gpu: Gpu,
  checkpoint: Checkpoint,
  model: ModelOptions,
  test: LabelledPictures,
  { batchSize, pgd, tune, building }: OpenOptions,
): Promise<OpenedNetwork> {
  checkArchitecture(gpu, checkpoint, model, test);
  const record = (batch: number, tuning: Tuning) => {
    const parameters = new Parameters(true);
    const common = { tuning, normalization: normalizationOf(test.name) };
    const evaluation = recordPredictor(gpu, parameters, model, test, batch, common);
    const attack = pgd && recordPgd(gpu, parameters, model, test, batch, pgd, common);
    return { parameters, evaluation, attack };
  };
  const recordFor = (tuning: Tuning) =>
    recordFitting(
      gpu,
      "evaluate",
      Math.min(batchSize, test.count),
      (batch) => record(batch, tuning),
      ({ parameters, evaluation, attack }) => ({
        bytes: evaluation.tape.bytes() + (attack?.tape.bytes() ?? 0) + parameters.bytes,
        largest: (attack ?? evaluation).tape.largest(),
      }),
    );
  const { recorded, tuning } = await recordTuned(gpu, recordFor, tune);
  const { parameters } = recorded;
  parameters.allocate(gpu);
  loadWeights(gpu, parameters, checkpoint.tensors, checkpoint);
  const predictor = await recorded.evaluation.compile(building);
  const attack = await recorded.attack?.compile(building);
  return {
    predictor,
    attack,
    table: tune ? tableOf(gpu, tuning) : null,
    destroy() {
      predictor.destroy();
      attack?.destroy();
      parameters.destroy();
    },
  };
}

/** Refuses a checkpoint of another network before time is spent on tuning. */
function checkArchitecture(
  gpu: Gpu,
  checkpoint: Checkpoint,
  model: ModelOptions,
  test: LabelledPictures,
): void {
  const parameters = new Parameters();
  recordPredictor(gpu, parameters, model, test, 1);
  const { file, header, tensors } = checkpoint;
  checkHeader(file, header, model);
  matchWeights(shapesOf(parameters), tensors, { file });
}
