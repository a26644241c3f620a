import { deepEqual, equal } from "node:assert/strict";
import { reliabilityBins } from "../../lib/robustness/reliability.ts";

/** Answers of which nothing but these is read. */
function answers(confidence: number[], correct: number[]) {
  return {
    ...{ count: confidence.length, missed5: 0, loss_sum: 0 },
    confidence: Float64Array.from(confidence),
    correct: Uint8Array.from(correct),
  };
}

Deno.test("answers are in the bin of their confidence, whose upper end is part of it", () => {
  const parts = [answers([0, 0.0625, 1 / 15], [0, 1, 0]), answers([0.067, 0.99, 1], [1, 1, 0])];
  const bins = reliabilityBins(parts);
  equal(bins.length, 15);
  deepEqual(bins[0], {
    ...{ low: 0, high: 1 / 15, count: 3 },
    ...{ confidence: (0.0625 + 1 / 15) / 3, accuracy: 1 / 3 },
  });
  deepEqual(bins[1], { low: 1 / 15, high: 2 / 15, count: 1, confidence: 0.067, accuracy: 1 });
  deepEqual(bins[2], { low: 2 / 15, high: 3 / 15, count: 0, confidence: null, accuracy: null });
  deepEqual(bins[14], { low: 14 / 15, high: 1, count: 2, confidence: 0.995, accuracy: 0.5 });
});

Deno.test("a confidence just above 1 is in the last bin, and one that is NaN in none", () => {
  const bins = reliabilityBins([answers([1 + 1e-15, NaN], [1, 1])]);
  equal(bins[14]!.count, 1);
  equal(bins.reduce((sum, { count }) => sum + count, 0), 1);
});
