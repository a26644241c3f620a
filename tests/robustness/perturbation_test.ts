import assert from "node:assert/strict";
import { measurePerturbation, perturbationFigures } from "../../lib/robustness/perturbation.ts";
import { golden } from "../golden.ts";
import { goldenCase } from "./golden_case.ts";

const logits = golden("metrics").get("videos/logits")!.data as Float32Array;
const shape = { frames: 31, classes: 10 };

interface Expected {
  flip_probability: number;
  top5_distance: number;
  zipf_distance: number;
  flip_per_video: number[];
  top5_per_video: number[];
}

function near(actual: number, wanted: number): void {
  assert(Math.abs(actual - wanted) <= 1e-9, `${actual}, expected ${wanted}`);
}

for (const name of ["plain/d1", "plain/d2", "plain/d3", "noise/d1"]) {
  Deno.test(`measurePerturbation() equals the golden figures of ${name}, at any stride`, () => {
    const { params: { noise, difficulty }, expected } = goldenCase<
      { noise: boolean; difficulty: number },
      Expected
    >(`metrics/perturbation/${name}`);
    const options = { ...shape, noise, difficulty };
    const padded = new Float32Array(6 * 31 * 12).fill(1e9);
    for (let row = 0; row < 6 * 31; row++) {
      padded.set(logits.subarray(row * 10, row * 10 + 10), row * 12);
    }
    const sums = [
      measurePerturbation(logits, options),
      measurePerturbation(padded, { ...options, stride: 12 }),
    ];
    for (const figures of sums.map(perturbationFigures)) {
      near(figures.flip_probability, expected.flip_probability);
      near(figures.top5_distance, expected.top5_distance);
      near(figures.zipf_distance, expected.zipf_distance);
    }
    for (let video = 0; video < 6; video++) {
      const own = logits.subarray(video * 310, (video + 1) * 310);
      const figures = perturbationFigures(measurePerturbation(own, options));
      near(figures.flip_probability, expected.flip_per_video[video]!);
      near(figures.top5_distance, expected.top5_per_video[video]!);
    }
  });
}

Deno.test("noise keeps to its first frame at every difficulty", () => {
  const at = (difficulty: number) =>
    measurePerturbation(logits, { ...shape, noise: true, difficulty });
  assert.deepEqual(at(3), at(1));
});

Deno.test("measurePerturbation() counts pairs, and moves of ranks by hand", () => {
  // Ranks 1 2 3 4 5 6, then classes 0 and 5 change places, then the same again.
  const rows = [[6, 5, 4, 3, 2, 1], [1, 5, 4, 3, 2, 6], [1, 5, 4, 3, 2, 6]];
  const sums = measurePerturbation(Float32Array.from(rows.flat()), { frames: 3, classes: 6 });
  assert.deepEqual([sums.pairs, sums.flips], [2, 1]);
  // The first class falls to rank 6, where t is 5; the sixth is not among the five.
  assert.equal(sums.top5_distance, 5);
  near(sums.zipf_distance, (1 - 1 / 6) / 1 + (1 - 1 / 6) / 6);
  const equal = measurePerturbation(new Float32Array(12).fill(1), { frames: 2, classes: 6 });
  assert.deepEqual(equal, { pairs: 1, flips: 0, top5_distance: 0, zipf_distance: 0 });
});

Deno.test("measurePerturbation() refuses what cannot be compared", () => {
  const refuses = (count: number, frames: number, classes: number, difficulty: number) =>
    assert.throws(
      () => measurePerturbation(new Float32Array(count), { frames, classes, difficulty }),
      /^RangeError: Cannot compare frames: expected /,
    );
  refuses(10, 2, 5, 1);
  refuses(12, 2, 6, 2);
  refuses(13, 2, 6, 1);
  refuses(0, 2, 6, 1);
});
