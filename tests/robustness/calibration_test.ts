import assert from "node:assert/strict";
import { calibration } from "../../lib/robustness/calibration.ts";
import { golden, goldenFile } from "../golden.ts";

interface Case {
  name: string;
  op: string;
  input: string[];
  expected: Record<string, number>;
}

const cases: Case[] = JSON.parse(Deno.readTextFileSync(goldenFile("metrics.json")));

function assertClose(actual: number, expected: number, what: string): void {
  assert(Math.abs(actual - expected) <= 1e-9, `${what}: ${actual}, expected ${expected}`);
}

for (const { name, input, expected } of cases.filter(({ op }) => op === "calibration")) {
  Deno.test(`calibration() equals the published definitions in ${name}`, () => {
    const tensors = golden("metrics");
    const [confidence, correct] = input.map((key) => tensors.get(key)!.data);
    const figures = calibration(confidence as Float32Array, correct as Int32Array);
    assertClose(figures.rms, expected.rms_corrected!, "rms");
    assertClose(figures.rms_reference, expected.rms_reference!, "rms_reference");
    assertClose(figures.mad, expected.mad_corrected!, "mad");
    assertClose(figures.mad_reference, expected.mad_reference!, "mad_reference");
    assertClose(figures.aurra, expected.aurra!, "aurra");
    assertClose(figures.soft_f1, expected.soft_f1!, "soft_f1");
  });
}

Deno.test("calibration() of fewer than 100 samples is one bin", () => {
  const figures = calibration(Float64Array.of(0.9, 0.5, 0.7), [1, 0, 1]);
  assertClose(figures.rms, 0.1 / 3, "rms"); // confidence 0.7 on average, accuracy 2/3
  assertClose(figures.mad, 0.1 / 3, "mad");
  assert.equal(figures.rms_reference, 0);
  assertClose(figures.aurra, (1 + 1 + 2 / 3) / 3, "aurra");
  assertClose(figures.soft_f1, 2 * 0.5 / 1.9, "soft_f1"); // doubts .1 .5 .3, one wrong answer
});

Deno.test("calibration() is perfect for answers that are sure and right", () => {
  const figures = calibration(new Float32Array(250).fill(1), new Uint8Array(250).fill(1));
  assert.deepEqual(figures, {
    rms: 0,
    rms_reference: 0,
    mad: 0,
    mad_reference: 0,
    aurra: 1,
    soft_f1: 0,
  });
});

Deno.test("calibration() of a confidence that is not a number is not a number", () => {
  for (const value of Object.values(calibration(Float64Array.of(0.5, NaN, 1), [1, 0, 1]))) {
    assert(Number.isNaN(value));
  }
});

Deno.test("calibration() refuses no samples and lengths that differ", () => {
  assert.throws(() => calibration(new Float64Array(0), []), RangeError);
  assert.throws(() => calibration(new Float64Array(2), [1]), /found 1 and 2/);
});
