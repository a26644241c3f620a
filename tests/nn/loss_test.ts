import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Step } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { jsdCrossEntropy } from "../../lib/nn/jsd.ts";
import { HISTORY, softmaxCrossEntropy } from "../../lib/nn/loss.ts";
import { Stream } from "../../lib/random/stream.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { largestError } from "../layout.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as twin from "../reference/loss.ts";
import { normal, type Values } from "../reference/values.ts";
import { pairsOf, recordLoss, runLoss } from "./loss.ts";

const record = (gpu: Gpu, logits: Values, pairs: readonly twin.LabelPair[]) =>
  recordLoss(gpu, softmaxCrossEntropy, logits, pairs);

const runOnce = (
  gpu: Gpu,
  logits: Values,
  pairs: readonly twin.LabelPair[],
  step: Partial<Step> = {},
) => runLoss(gpu, softmaxCrossEntropy, logits, pairs, step);

const plainOf = (labels: readonly number[]) => labels.map((label) => twin.plain(label));

gpuTest("softmaxCrossEntropy() gradients agree with central differences", async (gpu) => {
  for (const shape of [[1, 1], [3, 5], [1, 10], [3, 17], [65, 33], [3, 100]]) {
    for (const weight of [0, 0.3, 1]) {
      const name = `${shape} weighted ${weight}`;
      const logits = normal(shape, new Stream(shape[1]!, 0), 1, 3);
      const pairs = pairsOf(shape[0]!, shape[1]!, weight);
      const { losses, top1, top5, gradient, history } = await runOnce(gpu, logits, pairs);
      const judged = twin.softmaxCrossEntropy(logits, pairs);
      assert.ok(largestError(losses, judged.map(({ loss }) => loss)) < 1e-5, name);
      assert.ok(largestError(top1, judged.map(({ top1 }) => top1)) < 1e-7, name);
      assert.ok(largestError(top5, judged.map(({ top5 }) => top5)) < 1e-7, name);
      const sums = [losses, top1, top5].map((values) => values.reduce((a, b) => a + b));
      assert.ok(largestError(history.slice(0, 4), [...sums, 0]) < 1e-4 * sums[0]! + 1e-6, name);
      const objective = () =>
        twin.softmaxCrossEntropy(logits, pairs).reduce((sum, { loss }) => sum + loss, 0) /
        shape[0]!;
      assertGradient(`${name}: dlogits`, gradient, logits, objective);
    }
  }
});

gpuTest("softmaxCrossEntropy() has one label's bits where the other has no weight", async (gpu) => {
  const shape = [33, 17];
  const logits = normal(shape, new Stream(7, 0), 0, 20);
  const pairs = pairsOf(shape[0]!, shape[1]!, 1);
  const expected = await runOnce(gpu, logits, plainOf(pairs.map(({ first }) => first)));
  assert.deepEqual(await runOnce(gpu, logits, pairs), expected);
  const swapped = pairs.map(({ first, second }) => ({ first: second, second: first, weight: 0 }));
  assert.deepEqual(await runOnce(gpu, logits, swapped), expected);
  assert.deepEqual(new Set([...expected.top1, ...expected.top5]), new Set([0, 1]));
});

gpuTest(
  "softmaxCrossEntropy() is exact for logits of ±120, far beyond exp() of f32",
  async (gpu) => {
    const rows = [[120, -120, 0], [-120, -120, 120], [-120, -120, -120], [120, 120, 120]];
    const logits = { shape: [4, 3], data: Float64Array.from(rows.flat()) };
    const { losses, gradient } = await runOnce(gpu, logits, plainOf([1, 2, 0, 1]));
    assert.ok(largestError(losses, [240, 0, Math.log(3), Math.log(3)]) < 1e-4, `${losses}`);
    const third = 1 / 12;
    const expected = [[0.25, -0.25, 0], [0, 0, 0], [-2 * third, third, third], [
      third,
      -2 * third,
      third,
    ]];
    assert.ok(largestError(gradient, expected.flat()) < 1e-6, `${gradient}`);
    const pairs = [[1, 0], [2, 1], [0, 1], [1, 1]].map(([first, second]) => (
      { first: first!, second: second!, weight: 0.25 }
    ));
    const mixed = await runOnce(gpu, logits, pairs);
    assert.ok(largestError(mixed.losses, [60, 180, Math.log(3), Math.log(3)]) < 1e-4);
    const [p, q] = [third - 0.0625, third - 0.1875];
    const weighted = [[0.0625, -0.0625, 0], [0, -0.1875, 0.1875], [p, q, third], expected[3]!];
    assert.ok(largestError(mixed.gradient, weighted.flat()) < 1e-6, `${mixed.gradient}`);
  },
);

gpuTest("softmaxCrossEntropy() ranks equal logits by class number", async (gpu) => {
  const [batch, classes] = [8, 8];
  const data = new Float64Array(batch * classes).fill(0.5);
  const labels = Array.from({ length: batch }, (_, n) => n);
  const { top1, top5 } = await runOnce(gpu, { shape: [batch, classes], data }, plainOf(labels));
  assert.deepEqual([...top1], labels.map((label) => Number(label === 0)));
  assert.deepEqual([...top5], labels.map((label) => Number(label < 5)));
});

gpuTest("softmaxCrossEntropy() leaves padding pictures out", async (gpu) => {
  const shape = [5, 10];
  const logits = normal(shape, new Stream(5, 0));
  const pairs = pairsOf(shape[0]!, shape[1]!, 0.3);
  const some = { shape: [3, 10], data: logits.data.slice(0, 30) };
  const alone = await runOnce(gpu, some, pairs.slice(0, 3));
  const among = await runOnce(gpu, logits, pairs, { batch: 3 });
  assert.deepEqual(among.losses, Float32Array.of(...alone.losses, 0, 0));
  assert.deepEqual(among.history, alone.history);
  assert.deepEqual(among.gradient.subarray(0, 30), alone.gradient);
  assert.ok(among.gradient.subarray(30).every((g) => g === 0));
});

gpuTest("softmaxCrossEntropy() keeps the sums of 64 steps in a ring", async (gpu) => {
  const logits = normal([3, 5], new Stream(6, 0));
  const { run, program } = await record(gpu, logits, plainOf([0, 1, 2]));
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

gpuTest("smoothed labels are spread over all classes, with one or two labels", async (gpu) => {
  const smoothing = 0.1;
  for (const [shape, weight] of [[[3, 5], 1], [[65, 33], 0.3]] as const) {
    const name = `${shape} weighted ${weight}`;
    const logits = normal([...shape], new Stream(shape[1], 0), 1, 3);
    const pairs = pairsOf(shape[0], shape[1], weight);
    const smoothed: typeof softmaxCrossEntropy = (tape, step, tensor) =>
      softmaxCrossEntropy(tape, step, tensor, { smoothing });
    const { losses, top1, gradient } = await runLoss(gpu, smoothed, logits, pairs);
    const judged = () =>
      twin.softmaxCrossEntropy(logits, pairs).map(({ loss, top1 }, n) => {
        const row = logits.data.subarray(n * shape[1], (n + 1) * shape[1]);
        const mean = twin.negativeLogSoftmax(row).reduce((a, b) => a + b) / shape[1];
        return { loss: (1 - smoothing) * loss + smoothing * mean, top1 };
      });
    assert.ok(largestError(losses, judged().map(({ loss }) => loss)) < 1e-5, name);
    assert.ok(largestError(top1, judged().map(({ top1 }) => top1)) < 1e-7, name);
    const objective = () => judged().reduce((sum, { loss }) => sum + loss, 0) / shape[0];
    assertGradient(`${name}: dlogits`, gradient, logits, objective);
  }
});

gpuTest("parts of a batch add up to the whole one's loss and gradients", async (gpu) => {
  for (const [loss, views] of [[softmaxCrossEntropy, 1], [jsdCrossEntropy, 3]] as const) {
    const classes = 7, pictures = 5, rows = views * pictures;
    const logits = normal([rows, classes], new Stream(3, 0), 0, 3);
    const pairs = pairsOf(pictures, classes, 0.3);
    const whole = await runLoss(gpu, loss, logits, pairs);
    for (const [from, to] of [[0, 2], [2, 5]] as const) {
      const part = {
        shape: [views * (to - from), classes],
        data: logits.data.slice(views * from * classes, views * to * classes),
      };
      const step = { part: { total: rows, first: views * from } };
      const found = await runLoss(gpu, loss, part, pairs.slice(from, to), step);
      const expected = whole.gradient.slice(views * from * classes, views * to * classes);
      assert.deepEqual(found.gradient, expected);
      assert.deepEqual(found.losses, whole.losses.slice(from, to));
    }
    const recorded = await recordLoss(gpu, loss, logits, pairs);
    await recorded.run({ batch: views * 2, part: { total: rows, first: 0 } });
    const { history } = await recorded.run({ batch: views * 3, part: { total: rows, first: 1 } });
    const sum = whole.losses.slice(0, 2).reduce((a, b) => a + b) +
      whole.losses.slice(0, 3).reduce((a, b) => a + b);
    assert.ok(Math.abs(history[0]! - sum) < 1e-5 * sum);
    recorded.program.destroy();
  }
});

Deno.test("label smoothing must be in [0, 1)", () => {
  const tape = new Tape(describedGpu), step = tape.region("step", 32);
  const logits = tape.tensor("logits", [3, 5]);
  for (const smoothing of [-0.1, 1, NaN]) {
    assert.throws(
      () => softmaxCrossEntropy(tape, step, logits, { smoothing }),
      /smoothing in \[0, 1\)/,
    );
  }
});
