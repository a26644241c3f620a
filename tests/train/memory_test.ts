import assert from "node:assert/strict";
import { recordAugment } from "../../lib/augment/augmenter.ts";
import { fractals } from "../../lib/data/fractals.ts";
import { mixingSetFromPictures } from "../../lib/data/mixing_set.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Region } from "../../lib/gpu/kernel.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { recordModel } from "../../lib/models/model.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { softmaxCrossEntropy } from "../../lib/nn/loss.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { sgd } from "../../lib/nn/sgd.ts";
import { cifarNormalization, recordPredictor } from "../../lib/robustness/predict.ts";
import { cifarDefaults, settingsOf } from "../../lib/train/flags.ts";
import { openSession } from "../../lib/train/session.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { poisons, withoutSharing, withPoison } from "../memory.ts";
import { digest } from "./fixture.ts";

const data = shapes("train", 20, 3);
const mixing = mixingSetFromPictures(fractals(4, 72, 3), 36);
const settings = settingsOf({
  ...cifarDefaults,
  layers: 10,
  widenFactor: 1,
  droprate: 0.3,
  batchSize: 8,
  evalBatchSize: 6,
}, 10);

/** All that two epochs of LayerMix leave: two full batches and one of four, then an evaluation. */
async function train(gpu: Gpu): Promise<Record<string, unknown>> {
  const session = await openSession(gpu, settings, data, mixing);
  initialize(gpu, session.parameters, settings.seed);
  const batches = [[0, 1, 2, 3, 4, 5, 6, 7], [8, 9, 10, 11, 12, 13, 14, 15], [16, 17, 18, 19]];
  for (let number = 0; number < 6; number++) {
    const epoch = Math.floor(number / 3);
    await session.step(Uint32Array.from(batches[number % 3]!), epoch, number, 6);
  }
  const read = async (region: Region) => digest(await readFloats(gpu, region));
  const { values, momenta, statistics } = session.parameters.buffers;
  const sums = await session.sums(0, 6);
  assert.ok(Number.isFinite(sums.loss));
  const left = {
    weights: await read(values),
    momenta: await read(momenta),
    statistics: await read(statistics),
    sums,
    logits: [...(await session.predictor.logits(shapes("test", 8, 3)))!],
  };
  session.destroy();
  return left;
}

gpuTest(
  "training and evaluation give the same bits as with a buffer for each tensor",
  async (gpu) => {
    const shared = await train(gpu);
    assert.deepEqual(shared, await withoutSharing(() => train(gpu)));
  },
);

gpuTest(
  "training and evaluation give the same bits whatever shared memory holds before each run",
  async (gpu) => {
    const expected = await train(gpu);
    for (const word of poisons) {
      assert.deepEqual(await withPoison(word, () => train(gpu)), expected, word.toString(16));
    }
  },
);

/** Bytes of training WRN-40-4 with LayerMix and of evaluating it, all in all. */
function bytesOfLarge(gpu: Gpu, batch: number): number {
  const { model, ...large } = settingsOf({ ...cifarDefaults, batchSize: batch }, 10);
  const tape = new Tape(gpu);
  const step = tape.region("step", 16);
  const parameters = new Parameters();
  const size = { batch, width: 32, height: 32, padding: 4 };
  const { output } = recordAugment(tape, { ...large, ...cifarNormalization, ...size }, mixing);
  const logits = recordModel({ tape, step, parameters, training: true }, output, model);
  softmaxCrossEntropy(tape, step, logits);
  sgd(tape, step, parameters, large);
  const evaluation = recordPredictor(gpu, parameters, model, size, batch);
  return tape.bytes() + evaluation.tape.bytes() + parameters.bytes;
}

Deno.test("WRN-40-4 trains with a batch of 128 in 2.5 GB, on processors and on GPUs", () => {
  for (const software of [true, false]) {
    const bytes = bytesOfLarge({ ...describedGpu, software } as Gpu, 128);
    assert.ok(bytes < 2.5e9, `${bytes} bytes`);
  }
});
