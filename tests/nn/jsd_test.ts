import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Step } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { jsdCrossEntropy } from "../../lib/nn/jsd.ts";
import { HISTORY, softmaxCrossEntropy } from "../../lib/nn/loss.ts";
import { Stream } from "../../lib/random/stream.ts";
import { golden } from "../golden.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { largestError, relativeError } from "../layout.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as twin from "../reference/loss.ts";
import { normal, type Values } from "../reference/values.ts";
import { pairsOf, recordLoss, runLoss } from "./loss.ts";

const runOnce = (
  gpu: Gpu,
  logits: Values,
  pairs: readonly twin.LabelPair[],
  step: Partial<Step> = {},
) => runLoss(gpu, jsdCrossEntropy, logits, pairs, step);

/** What the gradient is of. */
const meanLoss = (logits: Values, pairs: readonly twin.LabelPair[]) =>
  twin.jsdCrossEntropy(logits, pairs).reduce((sum, { loss }) => sum + loss, 0) / pairs.length;

/** The logits of pictures × 3 views, one row after another. */
const logitsOf = (rows: number[][]): Values => ({
  shape: [rows.length, rows[0]!.length],
  data: Float64Array.from(rows.flat()),
});

gpuTest("jsdCrossEntropy() equals AugMix's published loss in PyTorch", async (gpu) => {
  const tensors = golden("jsd");
  const values = (name: string) => Array.from(tensors.get(`jsd/${name}`)!.data, Number);
  // All clean views come first there, and then all first augmented ones.
  const byPicture = (numbers: number[]) =>
    Array.from({ length: 12 }, (_, row) => {
      const from = 10 * (4 * (row % 3) + Math.floor(row / 3));
      return numbers.slice(from, from + 10);
    });
  const logits = logitsOf(byPicture(values("logits")));
  const pairs = values("labels").map((label) => twin.plain(label));
  const { history, gradient } = await runOnce(gpu, logits, pairs);
  assert.ok(relativeError([history[0]! / 4], values("loss")) < 1e-6);
  assert.ok(relativeError([meanLoss(logits, pairs)], values("loss")) < 1e-6);
  const expected = byPicture(values("grad")).flat();
  assert.ok(largestError(gradient, expected) < 1e-6);
});

gpuTest("jsdCrossEntropy() gradients agree with central differences", async (gpu) => {
  for (const [pictures, classes] of [[1, 3], [5, 10], [33, 17], [65, 5], [2, 100]] as const) {
    for (const weight of [0, 0.3, 1]) {
      const name = `${pictures} × ${classes} weighted ${weight}`;
      const logits = normal([3 * pictures, classes], new Stream(classes, 0), 1, 3);
      const pairs = pairsOf(pictures, classes, weight);
      const { losses, top1, top5, gradient, history } = await runOnce(gpu, logits, pairs);
      const judged = twin.jsdCrossEntropy(logits, pairs);
      assert.ok(largestError(losses, judged.map(({ loss }) => loss)) < 1e-5, name);
      assert.ok(largestError(top1, judged.map(({ top1 }) => top1)) < 1e-7, name);
      assert.ok(largestError(top5, judged.map(({ top5 }) => top5)) < 1e-7, name);
      const sums = [losses, top1, top5].map((values) => values.reduce((a, b) => a + b));
      assert.ok(largestError(history.slice(0, 4), [...sums, 0]) < 1e-4 * sums[0]!, name);
      assertGradient(`${name}: dlogits`, gradient, logits, () => meanLoss(logits, pairs));
    }
  }
});

gpuTest("jsdCrossEntropy() of equal views is the cross-entropy of one", async (gpu) => {
  const [pictures, classes] = [5, 10];
  const clean = normal([pictures, classes], new Stream(8, 0), 0, 3);
  const rows = Array.from(
    { length: pictures },
    (_, n) => Array.from(clean.data.slice(n * classes, (n + 1) * classes)),
  );
  const pairs = pairsOf(pictures, classes, 0.3);
  const expected = await runLoss(gpu, softmaxCrossEntropy, clean, pairs);
  const actual = await runOnce(gpu, logitsOf(rows.flatMap((row) => [row, row, row])), pairs);
  assert.ok(largestError(actual.losses, expected.losses) < 1e-5);
  assert.deepEqual(actual.top1, expected.top1);
  assert.deepEqual(actual.top5, expected.top5);
  const of = (isClean: boolean) =>
    actual.gradient.filter((_, i) => (Math.floor(i / classes) % 3 === 0) === isClean);
  assert.ok(largestError(of(true), expected.gradient) < 1e-6);
  assert.ok(of(false).every((g) => Math.abs(g) < 1e-6));
});

gpuTest("jsdCrossEntropy() gradients know where the mean is clipped", async (gpu) => {
  // Classes 2 and 3 are below 1e-7 in the mean of the views, class 4 far below.
  const rows = [[0, -14, -17, -18, -40], [0, -15, -17.5, -16.5, -41], [0, -14.5, -18, -19, -40]];
  const logits = logitsOf(rows), pairs = [twin.plain(0)];
  const { losses, gradient } = await runOnce(gpu, logits, pairs);
  assert.ok(largestError(losses, [meanLoss(logits, pairs)]) < 1e-5);
  const { data } = logits;
  gradient.forEach((actual, i) => {
    const kept = data[i]!, h = 1e-4;
    data[i] = kept + h;
    const above = meanLoss(logits, pairs);
    data[i] = kept - h;
    const expected = (above - meanLoss(logits, pairs)) / (2 * h);
    data[i] = kept;
    // The clip changes a gradient of 1e-7 by itself, too little for a share of the largest one.
    const allowed = 2e-3 * Math.abs(expected) + 2e-11;
    if (i % 5) assert.ok(Math.abs(actual - expected) < allowed, `${i}: ${actual}, ${expected}`);
  });
});

gpuTest("jsdCrossEntropy() is finite and right for gaps of 40, 120 and 10000", async (gpu) => {
  for (const gap of [40, 120, 1e4]) {
    const high = [gap, 0, 0, 1], other = [0, gap, 1, 0], even = [0, 0, 0, 0];
    const views = [[high, high, high], [high, other, even], [even, high, high], [
      other,
      even,
      high,
    ]];
    const logits = logitsOf(views.flat());
    const pairs = pairsOf(4, 4, 0.3);
    const { losses, gradient } = await runOnce(gpu, logits, pairs);
    const expected = twin.jsdCrossEntropy(logits, pairs).map(({ loss }) => loss);
    assert.ok(relativeError(losses, expected) < 1e-6, `${gap}: ${losses}`);
    assertGradient(`gap ${gap}: dlogits`, gradient, logits, () => meanLoss(logits, pairs));
  }
});

gpuTest("jsdCrossEntropy() counts hits of clean views alone", async (gpu) => {
  const of = (label: number) => Array.from({ length: 7 }, (_, c) => c === label ? 9 : -c);
  const logits = logitsOf([[2, 1, 1], [1, 2, 2], [0, 1, 1]].flat().map(of));
  const { top1, top5 } = await runOnce(gpu, logits, [2, 2, 6].map((label) => twin.plain(label)));
  assert.deepEqual([...top1], [1, 0, 0]);
  assert.deepEqual([...top5], [1, 1, 0]);
});

gpuTest("jsdCrossEntropy() leaves padding pictures out", async (gpu) => {
  const logits = normal([15, 10], new Stream(5, 0));
  const pairs = pairsOf(5, 10, 0.3);
  const some = { shape: [9, 10], data: logits.data.slice(0, 90) };
  const alone = await runOnce(gpu, some, pairs.slice(0, 3));
  logits.data.fill(NaN, 90);
  const among = await runOnce(gpu, logits, pairs, { batch: 9 });
  assert.deepEqual(among.losses, Float32Array.of(...alone.losses, 0, 0));
  assert.deepEqual(among.history, alone.history);
  assert.deepEqual(among.gradient.subarray(0, 90), alone.gradient);
  assert.ok(among.gradient.subarray(90).every((g) => g === 0));
});

gpuTest("jsdCrossEntropy() keeps the sums of 64 steps in a ring", async (gpu) => {
  const logits = normal([9, 5], new Stream(6, 0));
  const { run, program } = await recordLoss(gpu, jsdCrossEntropy, logits, pairsOf(3, 5, 1));
  const { losses } = await run({ number: 0 });
  const { history } = await run({ number: HISTORY + 5, batch: 6 });
  program.destroy();
  assert.ok(Math.abs(history[0]! - (losses[0]! + losses[1]! + losses[2]!)) < 1e-5);
  assert.ok(Math.abs(history[20]! - (losses[0]! + losses[1]!)) < 1e-5);
});

Deno.test("jsdCrossEntropy() refuses rows that are not three for each picture", () => {
  const tape = new Tape(describedGpu);
  const logits = tape.tensor("logits", [8, 10]);
  assert.throws(
    () => jsdCrossEntropy(tape, tape.region("step", 16), logits),
    /^RangeError: .*3 views of each picture but found 8/,
  );
});
