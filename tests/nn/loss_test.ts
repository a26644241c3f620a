import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { type Step, writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { HISTORY, softmaxCrossEntropy } from "../../lib/nn/loss.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { readTensor } from "../layer.ts";
import { largestError, toChannelsLast } from "../layout.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as twin from "../reference/loss.ts";
import { normal, type Values } from "../reference/values.ts";

/** The loss of logits (batch × classes), compiled and fed; `run` replays it for a step. */
async function record(gpu: Gpu, logits: Values, labels: number[]) {
  const tape = new Tape(gpu);
  const step = tape.region("step", 16);
  const tensor = tape.tensor("logits", logits.shape);
  const loss = softmaxCrossEntropy(tape, step, tensor);
  const program = await tape.compile();
  const [batch, classes] = logits.shape as [number, number];
  const stored = toChannelsLast(logits.data, logits.shape);
  const stride = stored.length / batch;
  // Padded classes must not count, whatever a kernel might leave there.
  write(gpu, tensor.data, stored.map((v, i) => i % stride < classes ? v : 50));
  write(gpu, loss.labels, Uint32Array.from(labels));
  const run = async (values: Partial<Step> = {}) => {
    writeStep(gpu, step, { batch, number: 0, seed: 0, learningRate: 0, ...values });
    program.run();
    const results = (await readFloats(gpu, loss.results)).subarray(0, 4 * batch);
    return {
      losses: results.filter((_, i) => i % 4 === 0),
      top1: results.filter((_, i) => i % 4 === 1),
      top5: results.filter((_, i) => i % 4 === 2),
      history: await readFloats(gpu, loss.history),
      gradient: await readTensor(gpu, tape.received(tensor), logits.shape),
    };
  };
  return { run, program };
}

async function runOnce(gpu: Gpu, logits: Values, labels: number[], step: Partial<Step> = {}) {
  const { run, program } = await record(gpu, logits, labels);
  const result = await run(step);
  program.destroy();
  return result;
}

const labelsOf = ([batch, classes]: number[]) =>
  Array.from({ length: batch! }, (_, n) => (7 * n + 2) % classes!);

gpuTest("softmaxCrossEntropy() gradients agree with central differences", async (gpu) => {
  for (const shape of [[1, 1], [3, 5], [1, 10], [3, 17], [65, 33], [3, 100]]) {
    const logits = normal(shape, new Stream(shape[1]!, 0), 1, 3);
    const labels = labelsOf(shape);
    const { losses, top1, top5, gradient, history } = await runOnce(gpu, logits, labels);
    const judged = twin.softmaxCrossEntropy(logits, labels);
    assert.ok(largestError(losses, judged.map(({ loss }) => loss)) < 1e-5, `${shape}`);
    assert.deepEqual([...top1], judged.map(({ rank }) => Number(rank === 0)));
    assert.deepEqual([...top5], judged.map(({ rank }) => Number(rank < 5)));
    const sums = [losses, top1, top5].map((values) => values.reduce((a, b) => a + b));
    assert.ok(largestError(history.slice(0, 4), [...sums, 0]) < 1e-4 * sums[0]! + 1e-6);
    const objective = () =>
      twin.softmaxCrossEntropy(logits, labels).reduce((sum, { loss }) => sum + loss, 0) / shape[0]!;
    assertGradient(`${shape}: dlogits`, gradient, logits, objective);
  }
});

gpuTest(
  "softmaxCrossEntropy() is exact for logits of ±120, far beyond exp() of f32",
  async (gpu) => {
    const rows = [[120, -120, 0], [-120, -120, 120], [-120, -120, -120], [120, 120, 120]];
    const logits = { shape: [4, 3], data: Float64Array.from(rows.flat()) };
    const { losses, gradient } = await runOnce(gpu, logits, [1, 2, 0, 1]);
    assert.ok(largestError(losses, [240, 0, Math.log(3), Math.log(3)]) < 1e-4, `${losses}`);
    const third = 1 / 12;
    const expected = [[0.25, -0.25, 0], [0, 0, 0], [-2 * third, third, third], [
      third,
      -2 * third,
      third,
    ]];
    assert.ok(largestError(gradient, expected.flat()) < 1e-6, `${gradient}`);
  },
);

gpuTest("softmaxCrossEntropy() ranks equal logits by class number", async (gpu) => {
  const [batch, classes] = [8, 8];
  const data = new Float64Array(batch * classes).fill(0.5);
  const labels = Array.from({ length: batch }, (_, n) => n);
  const { top1, top5 } = await runOnce(gpu, { shape: [batch, classes], data }, labels);
  assert.deepEqual([...top1], labels.map((label) => Number(label === 0)));
  assert.deepEqual([...top5], labels.map((label) => Number(label < 5)));
});

gpuTest("softmaxCrossEntropy() leaves padding pictures out", async (gpu) => {
  const shape = [5, 10];
  const logits = normal(shape, new Stream(5, 0));
  const labels = labelsOf(shape);
  const some = { shape: [3, 10], data: logits.data.slice(0, 30) };
  const alone = await runOnce(gpu, some, labels.slice(0, 3));
  const among = await runOnce(gpu, logits, labels, { batch: 3 });
  assert.deepEqual(among.losses, Float32Array.of(...alone.losses, 0, 0));
  assert.deepEqual(among.history, alone.history);
  assert.deepEqual(among.gradient.subarray(0, 30), alone.gradient);
  assert.ok(among.gradient.subarray(30).every((g) => g === 0));
});

gpuTest("softmaxCrossEntropy() keeps the sums of 64 steps in a ring", async (gpu) => {
  const logits = normal([3, 5], new Stream(6, 0));
  const { run, program } = await record(gpu, logits, [0, 1, 2]);
  const { history: first } = await run({ number: 0 });
  const { history: second } = await run({ number: HISTORY + 5, batch: 1 });
  const { history: third } = await run({ number: 2 * HISTORY, batch: 2 });
  program.destroy();
  const entry = (history: Float32Array, i: number) => history.slice(4 * i, 4 * i + 4);
  assert.deepEqual(entry(second, 0), entry(first, 0));
  assert.ok(entry(second, 5)[0]! < entry(first, 0)[0]!);
  assert.deepEqual(entry(third, 5), entry(second, 5));
  assert.ok(entry(third, 0)[0]! > entry(second, 5)[0]!);
  assert.ok(entry(third, 0)[0]! < entry(first, 0)[0]!);
  const used = third.map((value, i) => [0, 5].includes(Math.floor(i / 4)) ? 0 : value);
  assert.ok(used.every((value) => value === 0), "other entries stay zero");
});
