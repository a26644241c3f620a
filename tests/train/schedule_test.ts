import assert from "node:assert/strict";
import { cosine, learningRateAt } from "../../lib/train/schedule.ts";
import { goldenFile } from "../golden.ts";

interface Case {
  name: string;
  op: string;
  params: { base_lr: number; total_steps: number; floor_factor: number; warmup: number };
  expected: { steps: number[]; lr: number[] };
}

const cases: Case[] = JSON.parse(Deno.readTextFileSync(goldenFile("metrics.json")));

for (const { name, params, expected } of cases.filter(({ op }) => op === "cosine_lr")) {
  Deno.test(`cosine() equals ${name}`, () => {
    const { base_lr, total_steps, floor_factor, warmup } = params;
    for (const [index, step] of expected.steps.entries()) {
      const found = cosine(base_lr, step, total_steps, base_lr * floor_factor, warmup);
      assert(Math.abs(found - expected.lr[index]!) <= 1e-12, `step ${step}: ${found}`);
    }
  });
}

Deno.test("a warm-up that is shorter than the run leaves it a step at least", () => {
  const settings = { learningRate: 0.1, epochs: 1, warmupEpochs: 0.99 };
  for (const [step, rate] of [[0, 1e-6], [9, 0.1]] as const) {
    assert.ok(Math.abs(learningRateAt(settings, step, 10) - rate) < 1e-12);
  }
});

Deno.test("cosine() ends at a floor of 1e-6 without warm-up unless told otherwise", () => {
  assert.equal(cosine(0.1, 0, 10), 0.1);
  for (const step of [10, 11, 1000]) assert(Math.abs(cosine(0.1, step, 10) - 1e-6) < 1e-18);
});

Deno.test("cosine() refuses steps and rates that make no schedule", () => {
  assert.throws(() => cosine(0.1, 0, 0), RangeError);
  assert.throws(() => cosine(0.1, 0, 5, 1e-6, 5), /warm-up < total steps but found 5 and 5/);
  assert.throws(() => cosine(0, 0, 5), RangeError);
  assert.throws(() => cosine(0.1, -1, 5), RangeError);
  assert.throws(() => cosine(0.1, NaN, 5), RangeError);
});
