import { type Augmenter, recordAugment } from "../augment/augmenter.ts";
import { type MethodName, methods } from "../augment/methods.ts";
import type { MixingPictures } from "../augment/mixing.ts";
import type { Dataset } from "../data/dataset.ts";
import { openDataset, openMixingSet } from "../data/open.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import { recordFitting } from "../gpu/memory.ts";
import { type Program, write } from "../gpu/program.ts";
import { STEP_BYTES, writeStep } from "../gpu/step.ts";
import { Tape } from "../gpu/tape.ts";
import type { Tuning } from "../gpu/tuning.ts";
import { type ModelName, recordModel } from "../models/model.ts";
import { initialize } from "../nn/initialize.ts";
import { type Loss, softmaxCrossEntropy, Targets } from "../nn/loss.ts";
import { Parameters } from "../nn/parameters.ts";
import { sgd } from "../nn/sgd.ts";
import { cifarNormalization } from "../robustness/predict.ts";
import { completed, settingsOf } from "../train/flags.ts";
import type { TrainSettings } from "../train/settings.ts";
import { recordTuned, type TuneOptions } from "../tune/record_tuned.ts";
import type { Work } from "./clock.ts";
import { enlarged, enlargedSet } from "./enlarge.ts";
import { CountingTuning } from "./counting_tuning.ts";

/** A training step that is measured. */
export interface StepSize {
  /** By default a Wide ResNet. */
  model?: ModelName;
  layers: number;
  widenFactor: number;
  batchSize: number;
  /** Pixels of a side of the pictures, 32 by default. */
  side?: number;
  /** Without one, normalised pictures are there already, and nothing is dropped out. */
  method?: MethodName;
}

/** A step that is ready to be timed. */
export interface OpenedStep extends Work {
  readonly program: Program;
  readonly launches: readonly Launch[];
  /** Of all buffers. */
  readonly bytes: number;
  /** Of all convolutions, were they computed directly. */
  readonly flops: number;
  /** Milliseconds that JavaScript took for the last call. */
  readonly hostMs: number;
}

/** For example "step_wrn16_1_b32", or "step_imagenet_resnet50_224_b4". */
export function stepName(
  { model = "wrn", layers, widenFactor, batchSize, side = SIDE }: StepSize,
): string {
  const network = model === "wrn" ? `wrn${layers}_${widenFactor}` : model;
  return `step_${network}${side === SIDE ? "" : `_${side}`}_b${batchSize}`;
}

/** Of the built-in pictures. */
const SIDE = 32;

interface Recorded {
  tape: Tape;
  step: Region;
  parameters: Parameters;
  loss: Loss;
  augmenter?: Augmenter;
}

function record(
  gpu: Gpu,
  tuning: Tuning,
  settings: TrainSettings,
  { width, height }: Dataset,
  method?: MethodName,
  mixing?: MixingPictures,
): Recorded {
  const { batchSize: batch } = settings;
  const tape = new Tape(gpu, true, tuning);
  const step = tape.region("step", STEP_BYTES);
  const augmenter = method && recordAugment(
    tape,
    { ...settings, ...cifarNormalization, method, batch, width, height, padding: 4 },
    mixing,
  );
  const pictures = augmenter?.output ?? tape.tensor("pictures", [batch, height, width, 3], false);
  const parameters = new Parameters();
  const network = { tape, step, parameters, training: true };
  const loss = softmaxCrossEntropy(tape, step, recordModel(network, pictures, settings.model));
  sgd(tape, step, parameters, settings);
  tape.finish();
  return { tape, step, parameters, loss, augmenter };
}

/**
 * Records, tunes where asked to, and compiles a step on built-in pictures.
 *
 * @throws {GpuError} when the batch does not fit the memory
 */
export async function openStep(
  gpu: Gpu,
  { method, side = SIDE, ...size }: StepSize,
  tune?: TuneOptions,
): Promise<OpenedStep> {
  const data = await pictures(side, size.batchSize);
  const mixing = method && methods[method].mixing
    ? enlargedSet(await openMixingSet("fractals"), side)
    : undefined;
  const flags = completed(size);
  const droprate = method ? flags.droprate : 0;
  const settings = settingsOf({ ...flags, droprate }, data.classes.length);
  const recordStep = (tuning: Tuning) =>
    recordFitting(
      gpu,
      "train",
      settings.batchSize,
      (batchSize) => record(gpu, tuning, { ...settings, batchSize }, data, method, mixing),
      ({ tape, parameters }) => ({
        bytes: tape.bytes() + parameters.bytes,
        largest: tape.largest(),
      }),
    );
  const { recorded, tuning } = await recordTuned(gpu, recordStep, tune);
  const counting = new CountingTuning(tuning.chosen);
  record(gpu, counting, settings, data, method, mixing);
  const { tape, parameters } = recorded;
  parameters.allocate(gpu);
  initialize(gpu, parameters, settings.seed);
  const program = await tape.compile();
  let [number, hostMs] = [0, 0];
  return {
    program,
    launches: tape.finish(),
    bytes: tape.bytes() + parameters.bytes,
    flops: counting.flops,
    get hostMs() {
      return hostMs;
    },
    call() {
      const began = performance.now();
      submit(gpu, recorded, program, settings, data, number++);
      hostMs = performance.now() - began;
    },
    idle: () => gpu.idle(),
    release() {
      program.destroy();
      parameters.destroy();
    },
  };
}

/** Built-in pictures, a batch of them enlarged where they are to have another size. */
async function pictures(side: number, batchSize: number): Promise<Dataset> {
  const data = await openDataset("shapes", undefined, "train");
  if (side === SIDE) return data;
  const count = Math.min(batchSize, data.count);
  const rgba = enlarged(data.rgba, SIDE, side, count);
  return { ...data, width: side, height: side, count, labels: data.labels.slice(0, count), rgba };
}

/** What a training run does for each step: plan, send, replay. */
function submit(
  gpu: Gpu,
  { step, loss, augmenter }: Recorded,
  program: Program,
  { batchSize: batch, seed, learningRate }: TrainSettings,
  data: Dataset,
  number: number,
): void {
  const indices = Uint32Array.from({ length: batch }, (_, i) => i % data.count);
  if (augmenter) {
    const bytes = 4 * data.width * data.height;
    const pictures = new Uint8Array(batch * bytes);
    indices.forEach((index, i) =>
      pictures.set(data.rgba.subarray(index * bytes, (index + 1) * bytes), i * bytes)
    );
    augmenter.upload(gpu, pictures, augmenter.plan(indices, number));
  }
  write(gpu, loss.targets, Targets.of(indices.map((index) => data.labels[index]!)).data);
  writeStep(gpu, step, { batch, number, seed, learningRate });
  program.run();
}
