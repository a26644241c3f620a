import { type Augmenter, recordAugment } from "../augment/augmenter.ts";
import type { MixingPictures } from "../augment/mixing.ts";
import type { PicturePlan } from "../augment/plan.ts";
import {
  batchesOf,
  type Dataset,
  type PictureBatch,
  type StreamedDataset,
} from "../data/dataset.ts";
import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/error.ts";
import { recordFitting } from "../gpu/memory.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import { type Program, readFloats, write } from "../gpu/program.ts";
import { writeStep } from "../gpu/step.ts";
import { Tape } from "../gpu/tape.ts";
import type { Tuning } from "../gpu/tuning.ts";
import { recordModel } from "../models/model.ts";
import { jsdCrossEntropy, VIEWS } from "../nn/jsd.ts";
import { HISTORY, type Loss, softmaxCrossEntropy, Targets } from "../nn/loss.ts";
import {
  declareLossScaling,
  initialLossScale,
  type LossScale,
  readLossScale,
  writeLossScale,
} from "../nn/loss_scaling.ts";
import { Parameters } from "../nn/parameters.ts";
import { averageWeights, sgd } from "../nn/sgd.ts";
import {
  normalizationOf,
  type Predictor,
  type RecordedPredictor,
  recordPredictor,
} from "../robustness/predict.ts";
import { type Preparation, recordTuned, type TuneOptions } from "../tune/record_tuned.ts";
import { tableOf, type TuningTable } from "../tune/table.ts";
import { learningRateAt } from "./schedule.ts";
import { noSums, type TrainSettings, type TrainSums } from "./settings.ts";

/** A training step and an evaluation, compiled, over one set of parameters. */
export interface Session {
  readonly gpu: Gpu;
  readonly parameters: Parameters;
  /** The moving average of the parameters, which the predictor uses, where there is one. */
  readonly averages?: Parameters;
  readonly predictor: Predictor;
  /** The training step as it was compiled, for profiles. */
  readonly training: { readonly program: Program; readonly launches: readonly Launch[] };
  /** The state of loss scaling, where gradients are stored as f16. */
  readonly lossScale?: { read(): Promise<LossScale>; write(state: LossScale): void };
  /** Bytes of all buffers. */
  readonly bytes: number;
  /** The kernels that were chosen; nothing when all are the fixed defaults. */
  readonly table?: TuningTable;
  /**
   * Submits step `number` on the pictures with the given numbers (at most `batchSize`), and of the
   * given content where they are not in memory; waits only while two earlier steps are still running.
   */
  step(
    indices: Uint32Array,
    epoch: number,
    number: number,
    totalSteps: number,
    pictures?: PictureBatch,
  ): Promise<void>;
  /**
   * The sums of steps `from` … `to - 1`, the last `HISTORY` at most, added to `before` one by one in
   * f64: the same bits wherever an epoch is cut.
   */
  sums(from: number, to: number, before?: TrainSums): Promise<TrainSums>;
  destroy(): void;
}

/** Steps on the GPU's queue at once: enough that it seldom waits, few enough to stop soon. */
const IN_FLIGHT = 2;

interface Recorded {
  tape: Tape;
  step: Region;
  augmenter: Augmenter;
  loss: Loss;
  parameters: Parameters;
  averages?: Parameters;
  scaling?: Region;
}

/** Pixels around pictures of which crops are made; those that are streamed are crops already. */
const PADDING = 4;

/** Rows that the network sees of each picture. */
function viewsOf({ jsd }: TrainSettings): number {
  return jsd ? VIEWS : 1;
}

function record(
  gpu: Gpu,
  tuning: Tuning,
  settings: TrainSettings,
  data: Dataset | StreamedDataset,
  mixing?: MixingPictures,
): Recorded {
  const { width, height, name } = data;
  const { jsd, model, labelSmoothing: smoothing, accumulate, emaDecay, batchSize, precision } =
    settings;
  const views = viewsOf(settings), batch = batchSize / accumulate;
  const tape = new Tape(gpu, true, tuning, precision);
  const scaling = precision === "f16" ? declareLossScaling(tape) : undefined;
  const step = tape.region("step", 16);
  const augmenter = recordAugment(
    tape,
    {
      ...settings,
      ...normalizationOf(name),
      batch,
      sources: batchSize,
      views,
      width,
      height,
      padding: "rgba" in data ? PADDING : 0,
    },
    mixing,
  );
  const parameters = new Parameters();
  const network = { tape, step, parameters, training: true };
  const logits = recordModel(network, augmenter.output, model);
  const recordLoss = jsd ? jsdCrossEntropy : softmaxCrossEntropy;
  const loss = recordLoss(tape, step, logits, { smoothing, scaling });
  sgd(tape, step, parameters, { ...settings, inParts: accumulate > 1, scaling });
  const averages = emaDecay > 0 ? parameters.untrainedTwin() : undefined;
  if (averages) averageWeights(tape, step, parameters, averages, emaDecay);
  return { tape, step, augmenter, loss, parameters, averages, scaling };
}

interface RecordedAll extends Recorded {
  evaluation: RecordedPredictor;
}

function recordAll(
  gpu: Gpu,
  tuning: Tuning,
  settings: TrainSettings,
  data: Dataset | StreamedDataset,
  mixing?: MixingPictures,
): RecordedAll {
  const recorded = record(gpu, tuning, settings, data, mixing);
  // Its kernels are asked for before those of the evaluation, which takes less of the time.
  recorded.tape.finish();
  const { model, batchSize, evalBatchSize, accumulate } = settings;
  const batch = Math.min(evalBatchSize, batchSize / accumulate);
  const parameters = recorded.averages ?? recorded.parameters;
  return {
    ...recorded,
    evaluation: recordPredictor(gpu, parameters, model, data, batch, {
      tuning,
      normalization: normalizationOf(data.name),
    }),
  };
}

function bytesOf({ tape, evaluation, parameters, averages }: RecordedAll): number {
  return tape.bytes() + evaluation.tape.bytes() + parameters.bytes + (averages?.bytes ?? 0);
}

/** How a session gets ready. */
export interface SessionOptions {
  /** How the fastest kernels are found; without it the fixed defaults are used. */
  tune?: TuneOptions;
  /** Told while the training step's kernels are built. */
  building?: (state: Preparation) => void;
}

/**
 * Records, weighs and compiles training.
 *
 * @throws {GpuError} when the batch does not fit, naming the largest that does, or the adapter
 * cannot store f16 and that is asked for
 */
export async function openSession(
  gpu: Gpu,
  settings: TrainSettings,
  data: Dataset | StreamedDataset,
  mixing?: MixingPictures,
  { tune, building }: SessionOptions = {},
): Promise<Session> {
  const { accumulate, precision } = settings;
  if (precision === "f16" && !gpu.device.features.has("shader-f16")) {
    throw new GpuError(
      `Cannot train with --precision f16: ${gpu.name} has no shader-f16; leave it out for f32`,
    );
  }
  const recordStep = (tuning: Tuning) =>
    recordFitting(
      gpu,
      accumulate > 1 ? `train in ${accumulate} parts, each` : "train",
      settings.batchSize / accumulate,
      (part) => recordAll(gpu, tuning, { ...settings, batchSize: part * accumulate }, data, mixing),
      (recorded) => ({ bytes: bytesOf(recorded), largest: recorded.tape.largest() }),
      "; --accumulate makes a batch in parts, which take less",
    );
  const { recorded, tuning } = await recordTuned(gpu, recordStep, tune);
  recorded.parameters.allocate(gpu);
  recorded.averages?.allocate(gpu);
  const [program, predictor] = await Promise.all([
    recorded.tape.compile((done, total) => building?.({ task: "building", done, total })),
    recorded.evaluation.compile(),
  ]);
  return {
    gpu,
    parameters: recorded.parameters,
    averages: recorded.averages,
    predictor,
    lossScale: recorded.scaling && lossScaleOf(gpu, recorded.scaling),
    training: { program, launches: recorded.tape.finish() },
    bytes: bytesOf(recorded),
    table: tune && tableOf(gpu, tuning),
    step: stepper(gpu, recorded, program, settings, data),
    sums: (from, to, before = noSums()) =>
      readSums(gpu, recorded.loss.history, { from, to, before }, settings.batchSize, data.count),
    destroy() {
      program.destroy();
      predictor.destroy();
      recorded.parameters.destroy();
      recorded.averages?.destroy();
    },
  };
}

function lossScaleOf(gpu: Gpu, scaling: Region): Session["lossScale"] {
  writeLossScale(gpu, scaling, initialLossScale);
  return {
    read: () => readLossScale(gpu, scaling),
    write: (state) => writeLossScale(gpu, scaling, state),
  };
}

function stepper(
  gpu: Gpu,
  { step, augmenter, loss }: Recorded,
  program: Program,
  settings: TrainSettings,
  data: Dataset | StreamedDataset,
): Session["step"] {
  const { batchSize, accumulate, seed } = settings;
  const targets = new Targets(batchSize / accumulate);
  const views = viewsOf(settings), rows = views * batchSize / accumulate;
  let inFlight = 0;
  let waiting: Promise<void> | undefined;
  return async (indices, epoch, number, totalSteps, given) => {
    const { rgba, labels } = given ?? await firstBatch(data, indices, epoch);
    const plans = augmenter.plan(indices, epoch);
    if (inFlight === IN_FLIGHT) {
      // Deno waits inside the call of `idle` for all that was submitted, so it is not called after
      // every step; its promise comes 10 ms late, so the one before is awaited.
      await waiting;
      waiting = gpu.idle();
      // The next wait throws; until then a lost device must not end the process.
      waiting.catch(() => {});
      inFlight = 0;
    }
    const learningRate = learningRateAt(settings, number, totalSteps);
    const total = plans.length;
    for (let first = 0; first < total; first += rows) {
      const part = plans.slice(first, first + rows), batch = part.length;
      label(targets, part, labels, first / views, views);
      const sent = first === 0 ? rgba : undefined;
      augmenter.upload(gpu, sent, part, first / views);
      write(gpu, loss.targets, targets.data);
      writeStep(gpu, step, { batch, number, seed, learningRate, part: { total, first } });
      program.run();
    }
    inFlight++;
  };
}

async function firstBatch(
  data: Dataset | StreamedDataset,
  indices: Uint32Array,
  epoch: number,
): Promise<PictureBatch> {
  const { value } = await batchesOf(data, indices, indices.length, epoch).next();
  return value!;
}

/**
 * Gives each picture of a part its label, and its partner's by the partner's part of the picture.
 *
 * @param labels those of the whole batch, in which the part begins with picture `first`
 */
function label(
  targets: Targets,
  plans: readonly PicturePlan[],
  labels: ArrayLike<number>,
  first: number,
  views: number,
): void {
  for (let i = 0; views * i < plans.length; i++) {
    const { partner } = plans[views * i]!;
    const [own, second] = [labels[first + i]!, labels[partner?.place ?? first + i]!];
    targets.set(i, own, second, 1 - (partner?.weight ?? 0));
  }
}

async function readSums(
  gpu: Gpu,
  history: Region,
  { from, to, before }: { from: number; to: number; before: TrainSums },
  batchSize: number,
  pictures: number,
): Promise<TrainSums> {
  if (to - from > HISTORY) {
    throw new RangeError(`Cannot sum ${to - from} steps: only ${HISTORY} are kept`);
  }
  const rows = await readFloats(gpu, history);
  const steps = Math.ceil(pictures / batchSize);
  const sums = { ...before };
  for (let number = from; number < to; number++) {
    const row = 4 * (number % HISTORY);
    sums.count += Math.min(batchSize, pictures - (number % steps) * batchSize);
    sums.loss += rows[row]!;
    sums.correct += rows[row + 1]!;
    sums.correct5 += rows[row + 2]!;
  }
  return sums;
}
