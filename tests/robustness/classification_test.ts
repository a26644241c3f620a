import assert from "node:assert/strict";
import { calibration } from "../../lib/robustness/calibration.ts";
import {
  classify as answers,
  evaluateAnswers,
  evaluateLogits,
} from "../../lib/robustness/classification.ts";
import { golden, goldenFile } from "../golden.ts";

/** Answers and the figures made of them. */
function classify(...given: Parameters<typeof answers>) {
  const { confidence, correct } = answers(...given);
  return { ...evaluateLogits(...given), confidence, correct };
}

function assertClose(actual: number, expected: number): void {
  assert(Math.abs(actual - expected) <= 1e-12, `${actual}, expected ${expected}`);
}

Deno.test("classify() counts top-1 and top-5 errors as in metrics/topk, at any stride", () => {
  const cases: { name: string; expected: { top1: number; top5: number } }[] = JSON.parse(
    Deno.readTextFileSync(goldenFile("metrics.json")),
  );
  const { expected } = cases.find(({ name }) => name === "metrics/topk")!;
  const tensors = golden("metrics");
  const logits = tensors.get("topk/logits")!.data as Float32Array;
  const labels = tensors.get("topk/labels")!.data as Int32Array;
  const padded = new Float32Array(64 * 24).fill(1e9);
  for (let row = 0; row < 64; row++) {
    padded.set(logits.subarray(row * 20, row * 20 + 20), row * 24);
  }
  for (const figures of [classify(logits, labels, 20), classify(padded, labels, 20, 24)]) {
    assert.equal(figures.error, 1 - expected.top1);
    assert.equal(figures.top5_error, 1 - expected.top5);
    assert.equal(figures.correct.reduce((a, b) => a + b), 64 * expected.top1);
  }
});

Deno.test("classify() gives the softmax's cross-entropy and its largest probability", () => {
  const figures = classify(Float32Array.of(0, 1, 5, 5), [0, 1], 2);
  assertClose(figures.confidence[0]!, Math.E / (1 + Math.E));
  assertClose(figures.confidence[1]!, 1 / 2);
  assertClose(figures.loss, (Math.log(1 + Math.E) + Math.log(2)) / 2);
});

Deno.test("classify() stays finite for huge logits", () => {
  const { loss, confidence } = classify(Float32Array.of(3e38, -3e38, 1e4, 0), [0, 1], 2);
  assertClose(loss, 5000);
  assert.deepEqual([...confidence], [1, 1]);
});

Deno.test("classify() takes the first of equal logits as the largest", () => {
  const equal = new Float32Array(7).fill(2);
  const correct = (label: number) => classify(equal, [label], 7);
  assert.deepEqual([0, 1, 4, 5].map((label) => correct(label).error), [0, 1, 1, 1]);
  assert.deepEqual([0, 1, 4, 5].map((label) => correct(label).top5_error), [0, 0, 0, 1]);
});

Deno.test("classify() has no top-5 error with five classes or fewer", () => {
  for (const classes of [1, 2, 4, 5]) {
    const logits = Float32Array.from({ length: classes }, (_, index) => -index);
    assert.equal(classify(logits, [classes - 1], classes).top5_error, 0);
  }
});

Deno.test("classify() counts a row that is not a number as wrong and shows it in the loss", () => {
  const logits = Float32Array.of(NaN, 0, 0, 1, 0, NaN, 1, 0);
  const { error, loss, correct } = classify(logits, [0, 1, 0, 0], 2);
  assert.deepEqual([...correct], [0, 1, 0, 1]);
  assert.equal(error, 0.5);
  assert(Number.isNaN(loss));
});

Deno.test("classify() refuses labels out of range and missing logits", () => {
  const logits = new Float32Array(6);
  assert.throws(() => classify(logits, [0, 3], 3), /labels in 0\.\.2 but found 3 at 1/);
  assert.throws(() => classify(logits, [0, -1], 3), RangeError);
  assert.throws(() => classify(logits, [0, 1, 2], 3), /expected 9 logits for 3 labels but found 6/);
  assert.throws(() => classify(logits, [0], 3, 2), /stride/);
  assert.throws(() => classify(logits, [], 3), /at least 1 label/);
});

Deno.test("evaluateLogits() joins classification and calibration", () => {
  const tensors = golden("metrics");
  const logits = tensors.get("topk/logits")!.data as Float32Array;
  const labels = tensors.get("topk/labels")!.data as Int32Array;
  const figures = evaluateLogits(logits, labels, 20);
  const { confidence, correct, missed5, loss_sum } = answers(logits, labels, 20);
  const { mad_reference: _, ...calibrated } = calibration(confidence, correct);
  const wrong = 64 - correct.reduce((a, b) => a + b);
  const counted = {
    count: 64,
    error: wrong / 64,
    top5_error: missed5 / 64,
    loss: loss_sum / 64,
  };
  assert.deepEqual(figures, { ...counted, ...calibrated });
});

Deno.test("evaluateAnswers() of parts in order has the figures of the whole", () => {
  const tensors = golden("metrics");
  const logits = tensors.get("topk/logits")!.data as Float32Array;
  const labels = tensors.get("topk/labels")!.data as Int32Array;
  const parts = [[0, 10], [10, 11], [11, 64]].map(([from, to]) =>
    answers(logits.subarray(20 * from!, 20 * to!), labels.subarray(from, to), 20)
  );
  const { loss, ...figures } = evaluateAnswers(parts);
  const { loss: whole, ...expected } = evaluateLogits(logits, labels, 20);
  assert.deepEqual(figures, expected);
  assertClose(loss, whole);
});
