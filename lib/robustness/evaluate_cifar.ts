import { type Checkpoint, readCheckpoint, restore } from "../checkpoint/checkpoint.ts";
import { CheckpointError } from "../checkpoint/error.ts";
import { type DatasetName, datasetNames, openDataset } from "../data/open.ts";
import type { Dataset } from "../data/dataset.ts";
import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import { recordFitting } from "../gpu/memory.ts";
import type { ModelOptions } from "../models/model.ts";
import { Parameters } from "../nn/parameters.ts";
import { layermixVersion } from "../version.ts";
import { evaluateLogits, type Evaluation } from "./classification.ts";
import { recordPredictor } from "./predict.ts";

/** What can be measured. */
export const suiteNames = ["clean"] as const;
export type SuiteName = typeof suiteNames[number];

/** What to evaluate, on what. */
export interface EvaluateOptions {
  /** A safetensors file. */
  checkpoint: string;
  suites: readonly SuiteName[];
  /** By default the data set the checkpoint was trained on. */
  dataset?: DatasetName;
  dataPath?: string;
  /** Needed for files that layermix did not write; must agree with those it did. */
  layers?: number;
  widenFactor?: number;
  batchSize: number;
  adapter?: AdapterChoice;
  progress?: (state: { suite: SuiteName; done: number; count: number }) => void;
}

/** The content of `results.json`. */
export interface Results {
  schema: 1;
  layermix: string;
  checkpoint: { file: string; sha256: string; header?: Checkpoint["header"] };
  model: ModelOptions;
  adapter: { name: string; software: boolean };
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
  const checkpoint = await readCheckpoint(options.checkpoint);
  const dataset = datasetOf(checkpoint, options.dataset);
  const test = await openDataset(dataset, options.dataPath, "test");
  const model = modelOf(checkpoint, options, test);
  const gpu = await Gpu.open(options.adapter);
  try {
    const suites: Results["suites"] = {};
    if (options.suites.includes("clean")) {
      suites.clean = await clean(gpu, checkpoint, model, test, options);
    }
    const { name, software } = gpu;
    return {
      schema: 1,
      layermix: layermixVersion,
      checkpoint: { file: checkpoint.file, sha256: checkpoint.sha256, header: checkpoint.header },
      model,
      adapter: { name, software },
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

async function clean(
  gpu: Gpu,
  checkpoint: Checkpoint,
  model: ModelOptions,
  test: Dataset,
  options: EvaluateOptions,
): Promise<Evaluation> {
  const record = (batch: number) => {
    const parameters = new Parameters();
    return { parameters, recorded: recordPredictor(gpu, parameters, model, test, batch) };
  };
  const batch = Math.min(options.batchSize, test.count);
  const fitting = recordFitting(gpu, "evaluate", batch, record, ({ parameters, recorded }) => ({
    bytes: recorded.tape.bytes() + parameters.bytes,
    largest: recorded.tape.largest(),
  }));
  const { parameters, recorded } = fitting;
  parameters.allocate(gpu);
  restore(gpu, parameters, checkpoint, model);
  const predictor = await recorded.compile();
  const logits = await predictor.logits(test, (done) => {
    options.progress?.({ suite: "clean", done, count: test.count });
    return true;
  });
  predictor.destroy();
  parameters.destroy();
  return evaluateLogits(logits!, test.labels, model.classes, predictor.stride);
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
  const layers = options.layers ?? header?.model.layers;
  const widenFactor = options.widenFactor ?? header?.model.widenFactor;
  if (layers === undefined || widenFactor === undefined) {
    throw new CheckpointError(
      `Cannot evaluate ${file}: it does not say its architecture; give --layers and --widen-factor`,
    );
  }
  const dropRate = header?.model.dropRate ?? 0;
  return {
    name: header?.model.name ?? "wrn",
    layers,
    widenFactor,
    dropRate,
    classes: test.classes.length,
  };
}
