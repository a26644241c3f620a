import { type Augmenter, recordAugment } from "../augment/augmenter.ts";
import { methods } from "../augment/methods.ts";
import { identityPlan } from "../augment/plan.ts";
import { batchesOf, type Dataset, type StreamedDataset } from "../data/dataset.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Region } from "../gpu/kernel.ts";
import type { Program } from "../gpu/program.ts";
import { STEP_BYTES, writeStep } from "../gpu/step.ts";
import { padded, Tape, type Tensor } from "../gpu/tape.ts";
import type { Tuning } from "../gpu/tuning.ts";
import { type ModelOptions, recordModel } from "../models/model.ts";
import type { Parameters } from "../nn/parameters.ts";
import type { Preparation } from "../tune/record_tuned.ts";

/** Pictures to classify: interleaved r, g, b, ignored (count × height × width × 4), 0 … 255. */
export interface Pictures {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

/** Mean and standard deviation per channel, of values in [0, 1]. */
export interface Normalization {
  readonly mean: readonly [number, number, number];
  readonly std: readonly [number, number, number];
}

/** (x - 0.5) / 0.5, the published normalisation for CIFAR. */
export const cifarNormalization: Normalization = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] };

/** ImageNet's, as torchvision's networks were trained with. */
export const imageNetNormalization: Normalization = {
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
};

/** The published normalisation of a data set. */
export function normalizationOf(dataset: string): Normalization {
  return dataset === "imagenet" ? imageNetNormalization : cifarNormalization;
}

/** A network recorded for evaluation, to be weighed and then compiled. */
export interface RecordedPredictor {
  tape: Tape;
  /** @param building told while the kernels are built */
  compile(building?: (state: Preparation) => void): Promise<Predictor>;
}

/** A network that classifies any number of pictures, always with running statistics. */
export interface Predictor {
  /**
   * Logits (count × stride), `classes` of them real and the rest zero; nothing when `progress`,
   * which is told how many pictures are done, answers false before the end.
   */
  logits(
    pictures: Pictures,
    progress?: (done: number) => boolean,
  ): Promise<Float32Array | undefined>;
  /** Floats per row of the logits. */
  readonly stride: number;
  destroy(): void;
}

/** What else decides how a network is evaluated. */
export interface PredictorOptions {
  /** By default CIFAR's. */
  normalization?: Normalization;
  /** By default the fixed kernels. */
  tuning?: Tuning;
}

/** Records evaluation of `batch` pictures at once over parameters that are or will be declared. */
export function recordPredictor(
  gpu: Gpu,
  parameters: Parameters,
  model: ModelOptions,
  { width, height }: { width: number; height: number },
  batch: number,
  { normalization = cifarNormalization, tuning }: PredictorOptions = {},
): RecordedPredictor {
  const tape = new Tape(gpu, false, tuning);
  const step = tape.region("step", STEP_BYTES);
  const draws = {
    method: "baseline",
    ...methods.baseline.defaults,
    seed: 0,
  } as const;
  const size = { width, height, padding: 0, batch };
  const augmenter = recordAugment(tape, { ...draws, ...normalization, ...size });
  const network = { tape, step, parameters, training: false };
  const logits = recordModel(network, augmenter.output, model);
  tape.keep(logits.data);
  return {
    tape,
    async compile(building) {
      const program = await tape.compile((done, total) =>
        building?.({ task: "building", done, total })
      );
      return {
        stride: padded(model.classes),
        destroy: () => program.destroy(),
        logits: (pictures, progress) =>
          classify({ gpu, step, augmenter, logits, program, size }, pictures, progress),
      };
    },
  };
}

/** Pictures of a stream that are asked for at once. */
export const STREAMED = 64;

/** What `predictor.logits` gives, for pictures that are in memory or read meanwhile. */
export async function logitsOf(
  predictor: Predictor,
  data: Dataset | StreamedDataset,
  progress: (done: number) => boolean = () => true,
): Promise<Float32Array | undefined> {
  if ("rgba" in data) return await predictor.logits(data, progress);
  const { width, height, count } = data;
  const all = new Float32Array(count * predictor.stride);
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  let done = 0;
  for await (const { rgba } of batchesOf(data, order, STREAMED, 0)) {
    const pictures = { width, height, rgba, count: Math.min(STREAMED, count - done) };
    const logits = await predictor.logits(pictures, (some) => progress(done + some));
    if (!logits) return undefined;
    all.set(logits, done * predictor.stride);
    done += pictures.count;
  }
  return all;
}

interface Compiled {
  gpu: Gpu;
  step: Region;
  augmenter: Augmenter;
  logits: Tensor;
  program: Program;
  size: { width: number; height: number; batch: number };
}

/** Keeps two batches under way: one is read back while the next is computed. */
async function classify(
  { gpu, step, augmenter, logits, program, size }: Compiled,
  pictures: Pictures,
  progress: (done: number) => boolean = () => true,
): Promise<Float32Array | undefined> {
  checkSize(pictures, size.width, size.height);
  const stride = padded(logits.shape[1]!);
  const bytes = 4 * size.width * size.height;
  const all = new Float32Array(pictures.count * stride);
  let pending = Promise.resolve(0);
  for (let start = 0; start < pictures.count; start += size.batch) {
    const count = Math.min(size.batch, pictures.count - start);
    const plans = Array.from({ length: count }, (_, i) => identityPlan(start + i, 0));
    augmenter.upload(gpu, pictures.rgba.slice(start * bytes, (start + count) * bytes), plans);
    writeStep(gpu, step, { batch: count, number: 0, seed: 0, learningRate: 0 });
    program.run();
    const arriving = collect(gpu, logits, count * stride, all, start * stride)
      .then(() => start + count);
    // Whoever waits for it throws; until then a lost device must not end the process.
    arriving.catch(() => {});
    if (!progress(await pending)) return undefined;
    pending = arriving;
  }
  progress(await pending);
  return all;
}

function checkSize(pictures: Pictures, width: number, height: number): void {
  if (pictures.width !== width || pictures.height !== height) {
    throw new RangeError(
      `Cannot classify: expected pictures of ${width} × ${height} pixels but found ` +
        `${pictures.width} × ${pictures.height}`,
    );
  }
}

async function collect(
  gpu: Gpu,
  from: Tensor,
  count: number,
  to: Float32Array,
  offset: number,
): Promise<void> {
  const { buffer, offset: start }: Region = from.data;
  to.set(new Float32Array(await gpu.read(buffer!, start, 4 * count)), offset);
}
