import { checkHeader, type Checkpoint, parseHeader } from "../checkpoint/checkpoint.ts";
import { CheckpointError } from "../checkpoint/error.ts";
import { loadWeights, shapesOf } from "../checkpoint/load_weights.ts";
import { matchWeights } from "../checkpoint/match_weights.ts";
import { readWeights } from "../checkpoint/read_weights.ts";
import { type DatasetName, datasetNames, openDataset } from "../data/open.ts";
import type { Dataset } from "../data/dataset.ts";
import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import { recordFitting } from "../gpu/memory.ts";
import type { Tuning } from "../gpu/tuning.ts";
import { checkModel, type ModelName, type ModelOptions, models } from "../models/model.ts";
import { Parameters } from "../nn/parameters.ts";
import { type Preparation, recordTuned, type TuneLimits } from "../tune/record_tuned.ts";
import { tableOf, type TuningTable } from "../tune/table.ts";
import { layermixVersion } from "../version.ts";
import { evaluateLogits, type Evaluation } from "./classification.ts";
import { type Predictor, recordPredictor } from "./predict.ts";

/** What can be measured. */
export const suiteNames = ["clean"] as const;
export type SuiteName = typeof suiteNames[number];

/** What to evaluate, on what. */
export interface EvaluateOptions {
  /** A safetensors or PyTorch file. */
  checkpoint: string;
  suites: readonly SuiteName[];
  /** By default the data set the checkpoint was trained on. */
  dataset?: DatasetName;
  dataPath?: string;
  /** Needed for files that layermix did not write; must agree with those it did. */
  model?: ModelName;
  layers?: number;
  widenFactor?: number;
  /** The moving average, where there is one, by default; or the weights that were trained. */
  weights?: "averaged" | "trained";
  batchSize: number;
  adapter?: AdapterChoice;
  /** Time kernels and use the fastest, as in training; false by default: fixed kernels. */
  tune?: boolean | TuneLimits;
  /** Told what people want to know before the evaluation begins. */
  note?: (line: string) => void;
  /** While kernels are tuned and built. */
  preparing?: (state: Preparation) => void;
  progress?: (state: { suite: SuiteName; done: number; count: number }) => void;
}

/** The content of `results.json`. */
export interface Results {
  schema: 1;
  layermix: string;
  checkpoint: { file: string; sha256: string; header?: Checkpoint["header"] };
  model: ModelOptions;
  adapter: { name: string; software: boolean };
  /** The kernels that were chosen; null when all are the fixed defaults. */
  tuning: TuningTable | null;
  data: { dataset: string; path: string; count: number; fingerprint: string };
  suites: { clean?: Evaluation };
  date: string;
}

/**
 * Evaluates a checkpoint on CIFAR-10, CIFAR-100 or the built-in shapes. Errors are fractions, the
 * loss is the mean cross-entropy in nats.
 *
 * @throws {CheckpointError | DataError | GpuError} one line for the user
 */
export async function evaluateCifar(options: EvaluateOptions): Promise<Results> {
  const checkpoint = await readNetwork(options);
  const dataset = datasetOf(checkpoint, options.dataset);
  const test = await openDataset(dataset, options.dataPath, "test");
  const model = modelOf(checkpoint, options, test);
  const gpu = await Gpu.open(options.adapter);
  try {
    const network = await openNetwork(gpu, checkpoint, model, test, options);
    const suites: Results["suites"] = {};
    if (options.suites.includes("clean")) {
      suites.clean = await clean(network, model, test, options);
    }
    network.destroy();
    const { name, software } = gpu;
    return {
      schema: 1,
      layermix: layermixVersion,
      checkpoint: { file: checkpoint.file, sha256: checkpoint.sha256, header: checkpoint.header },
      model,
      adapter: { name, software },
      tuning: network.table,
      data: {
        dataset,
        path: options.dataPath ?? "built in",
        count: test.count,
        fingerprint: test.fingerprint,
      },
      suites,
      date: new Date().toISOString(),
    };
  } finally {
    gpu.close();
  }
}

interface Network {
  predictor: Predictor;
  table: TuningTable | null;
  destroy(): void;
}

/** The checkpoint's network, compiled for a batch that fits. */
async function openNetwork(
  gpu: Gpu,
  checkpoint: Checkpoint,
  model: ModelOptions,
  test: Dataset,
  { batchSize, tune, note, preparing }: EvaluateOptions,
): Promise<Network> {
  const record = (batch: number, tuning: Tuning) => {
    const parameters = new Parameters();
    return { parameters, ...recordPredictor(gpu, parameters, model, test, batch, { tuning }) };
  };
  const recordFor = (tuning: Tuning) =>
    recordFitting(
      gpu,
      "evaluate",
      Math.min(batchSize, test.count),
      (batch) => record(batch, tuning),
      ({ parameters, tape }) => ({
        bytes: tape.bytes() + parameters.bytes,
        largest: tape.largest(),
      }),
    );
  checkArchitecture(gpu, checkpoint, model, test);
  const options = tune ? { ...(tune === true ? {} : tune), note, progress: preparing } : undefined;
  const { recorded: { parameters, compile }, tuning } = await recordTuned(gpu, recordFor, options);
  parameters.allocate(gpu);
  loadWeights(gpu, parameters, checkpoint.tensors, checkpoint);
  const predictor = await compile(preparing);
  return {
    predictor,
    table: options ? tableOf(gpu, tuning) : null,
    destroy() {
      predictor.destroy();
      parameters.destroy();
    },
  };
}

/** Refuses a checkpoint of another network before time is spent on tuning. */
function checkArchitecture(
  gpu: Gpu,
  checkpoint: Checkpoint,
  model: ModelOptions,
  test: Dataset,
): void {
  const parameters = new Parameters();
  recordPredictor(gpu, parameters, model, test, 1);
  const { file, header, tensors } = checkpoint;
  checkHeader(file, header, model);
  matchWeights(shapesOf(parameters), tensors, { file });
}

async function clean(
  { predictor }: Network,
  model: ModelOptions,
  test: Dataset,
  { progress }: EvaluateOptions,
): Promise<Evaluation> {
  const logits = await predictor.logits(test, (done) => {
    progress?.({ suite: "clean", done, count: test.count });
    return true;
  });
  return evaluateLogits(logits!, test.labels, model.classes, predictor.stride);
}

/** A checkpoint of layermix, or weights of PyTorch, which say nothing of how they were made. */
async function readNetwork({ checkpoint: file, weights }: EvaluateOptions): Promise<Checkpoint> {
  const { tensors, sha256, metadata } = await readWeights(file, { which: weights });
  const header = metadata.header === undefined ? undefined : parseHeader(metadata.header, file);
  return { file, sha256, tensors, header };
}

function datasetOf({ file, header }: Checkpoint, asked?: DatasetName): DatasetName {
  const dataset = asked ?? header?.dataset;
  const known = datasetNames.find((name) => name === dataset);
  if (!known) {
    throw new CheckpointError(
      `Cannot evaluate ${file}: it does not name its data set; give --dataset`,
    );
  }
  return known;
}

function modelOf(
  { file, header }: Checkpoint,
  options: EvaluateOptions,
  test: Dataset,
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
