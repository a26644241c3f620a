import type { Mixing } from "../augment/mixing.ts";
import type { Dataset, StreamedDataset } from "../data/dataset.ts";
import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/error.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import { recordFitting } from "../gpu/memory.ts";
import { type Program, readFloats } from "../gpu/program.ts";
import type { Tuning } from "../gpu/tuning.ts";
import { HISTORY } from "../nn/loss.ts";
import {
  initialLossScale,
  type LossScale,
  readLossScale,
  writeLossScale,
} from "../nn/loss_scaling.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Predictor } from "../robustness/predict.ts";
import { type Preparation, recordTuned, type TuneOptions } from "../tune/record_tuned.ts";
import { tableOf, type TuningTable } from "../tune/table.ts";
import { recordTraining, weightOf } from "./recorded_step.ts";
import { noSums, type TrainSettings, type TrainSums } from "./settings.ts";
import { openStepper, type Stepper } from "./stepper.ts";

/** A training step and an evaluation, compiled, over one set of parameters. */
export interface Session extends Stepper {
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
   * The sums of steps `from` … `to - 1`, the last `HISTORY` at most, added to `before` one by one in
   * f64: the same bits wherever an epoch is cut.
   */
  sums(from: number, to: number, before?: TrainSums): Promise<TrainSums>;
  destroy(): void;
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
  mixing?: Mixing,
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
      (part) => {
        const sized = { ...settings, batchSize: part * accumulate };
        return recordTraining(gpu, tuning, sized, { data, mixing });
      },
      weightOf,
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
    ...openStepper(gpu, recorded, program, settings, data),
    gpu,
    parameters: recorded.parameters,
    averages: recorded.averages,
    predictor,
    lossScale: recorded.scaling && lossScaleOf(gpu, recorded.scaling),
    training: { program, launches: recorded.tape.finish() },
    bytes: weightOf(recorded).bytes,
    table: tune && tableOf(gpu, tuning),
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
