import assert from "node:assert/strict";
import { recordAugment } from "../../lib/augment/augmenter.ts";
import type { MethodName } from "../../lib/augment/methods.ts";
import type { PicturePlan } from "../../lib/augment/plan.ts";
import { fractals } from "../../lib/data/fractals.ts";
import { mixingSetFromPictures } from "../../lib/data/mixing_set.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { writeStep } from "../../lib/gpu/step.ts";
import { padded, Tape } from "../../lib/gpu/tape.ts";
import { recordModel } from "../../lib/models/model.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { cifarNormalization } from "../../lib/robustness/predict.ts";
import { completed, settingsOf, type TrainFlags } from "../../lib/train/flags.ts";
import { cosine } from "../../lib/train/schedule.ts";
import { openSession } from "../../lib/train/session.ts";
import type { TrainSettings } from "../../lib/train/settings.ts";
import { gpuTest } from "../gpu.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as twin from "../reference/loss.ts";
import { type Values, zeros } from "../reference/values.ts";

const data = shapes("train", 64, 3);
const mixing = mixingSetFromPictures(fractals(4, 72, 3), 36);
const classes = data.classes.length;

function settingsWith(flags: Partial<TrainFlags>): TrainSettings {
  const small = { layers: 10, widenFactor: 1, batchSize: 8, evalBatchSize: 8 };
  return settingsOf(completed({ ...small, ...flags }), classes);
}

/** What the network says of a step on `indices` before training, and what was done to the pictures. */
async function untrained(
  gpu: Gpu,
  settings: TrainSettings,
  indices: readonly number[],
): Promise<{ logits: Values; plans: PicturePlan[] }> {
  const { width, height, rgba } = data;
  const views = settings.jsd ? 3 : 1;
  const size = { batch: indices.length, views, width, height, padding: 4 };
  const tape = new Tape(gpu, false);
  const step = tape.region("step", 16);
  const augmenter = recordAugment(tape, { ...settings, ...cifarNormalization, ...size }, mixing);
  const parameters = new Parameters();
  const network = { tape, step, parameters, training: true };
  const output = recordModel(network, augmenter.output, settings.model);
  parameters.allocate(gpu);
  initialize(gpu, parameters, settings.seed);
  const program = await tape.compile();
  const plans = augmenter.plan(indices, 0);
  const bytes = 4 * width * height;
  const pictures = indices.flatMap((i) => [...rgba.subarray(i * bytes, (i + 1) * bytes)]);
  augmenter.upload(gpu, Uint8Array.from(pictures), plans);
  writeStep(gpu, step, { batch: plans.length, number: 0, seed: settings.seed, learningRate: 0 });
  program.run();
  const floats = await readFloats(gpu, output.data);
  const logits = zeros([plans.length, classes]);
  logits.data.forEach((_, i) =>
    logits.data[i] = floats[Math.floor(i / classes) * padded(classes) + i % classes]!
  );
  program.destroy();
  parameters.destroy();
  return { logits, plans };
}

/** A session's first step on `indices`: its loss, and the gradient by the last layer's bias. */
async function firstStep(gpu: Gpu, settings: TrainSettings, indices: readonly number[]) {
  const session = await openSession(gpu, settings, data, mixing);
  initialize(gpu, session.parameters, settings.seed);
  await session.step(Uint32Array.from(indices), 0, 0, 100);
  const { loss } = await session.sums(0, 1);
  const bias = session.parameters.parameters.find(({ name }) => name === "fc.bias")!;
  const changed = await readFloats(gpu, bias.data);
  session.destroy();
  // The bias began as 0: Nesterov's first step is (1 + momentum) times the gradient.
  const rate = cosine(settings.learningRate, 0, 100) * (1 + settings.momentum);
  return { loss, gradient: Array.from(changed.subarray(0, classes), (value) => -value / rate) };
}

/** Without dropout and decay, a first step is the twin's, with five pictures in a batch of eight. */
async function assertFirstStep(
  gpu: Gpu,
  method: MethodName,
  twinLoss: typeof twin.softmaxCrossEntropy,
): Promise<PicturePlan[]> {
  const settings = settingsWith({ method, droprate: 0, decay: 0 });
  const indices = [40, 3, 17, 22, 9];
  const { logits, plans } = await untrained(gpu, settings, indices);
  const pairs = indices.map((index, i): twin.LabelPair => {
    const { partner } = plans[i * plans.length / indices.length]!;
    const second = indices[partner?.place ?? i]!;
    const weight = 1 - (partner?.weight ?? 0);
    return { first: data.labels[index]!, second: data.labels[second]!, weight };
  });
  const shift = zeros([classes]);
  const sum = () => {
    const shifted = logits.data.map((value, i) => value + shift.data[i % classes]!);
    const judged = twinLoss({ ...logits, data: shifted }, pairs);
    return judged.reduce((sum, { loss }) => sum + loss, 0);
  };
  const { loss, gradient } = await firstStep(gpu, settings, indices);
  assert.ok(Math.abs(loss / sum() - 1) < 1e-5, `${method}: ${loss} and ${sum()}`);
  assertGradient(`${method}: fc.bias`, gradient, shift, () => sum() / indices.length);
  return plans;
}

for (const method of ["augmix", "ipmix"] as const) {
  gpuTest(`a step of ${method} is AugMix's loss of three views, by picture`, async (gpu) => {
    const plans = await assertFirstStep(gpu, method, twin.jsdCrossEntropy);
    assert.equal(plans.length, 15);
  });
}

for (const method of ["mixup", "cutmix"] as const) {
  gpuTest(`a step of ${method} is the cross-entropies of both labels, weighted`, async (gpu) => {
    const plans = await assertFirstStep(gpu, method, twin.softmaxCrossEntropy);
    const weight = plans[0]!.partner!.weight;
    assert.ok(weight > 0.05 && weight < 0.95, `${weight} would not tell the labels apart`);
  });
}

gpuTest("training with --jsd lowers the loss, and counts pictures", async (gpu) => {
  const settings = settingsWith({ method: "augmix", batchSize: 16 });
  const session = await openSession(gpu, settings, data);
  initialize(gpu, session.parameters, settings.seed);
  const losses: number[] = [];
  for (let epoch = 0; epoch < 4; epoch++) {
    for (let start = 0; start < 64; start += 16) {
      const indices = Uint32Array.from({ length: 16 }, (_, i) => start + i);
      await session.step(indices, epoch, 4 * epoch + start / 16, 16);
    }
    const { count, loss, correct5 } = await session.sums(4 * epoch, 4 * epoch + 4);
    assert.equal(count, 64);
    assert.ok(correct5 <= 64);
    losses.push(loss / count);
  }
  session.destroy();
  assert.ok(losses.every(Number.isFinite) && losses[3]! < 0.95 * losses[0]!, `${losses}`);
});
