import assert from "node:assert/strict";
import { errorInterval, meanIntervals } from "../../lib/robustness/interval.ts";

/** The share of Binomial(n, p) that is at most k, by adding up in logarithms. */
function binomialShare(k: number, n: number, p: number): number {
  let share = 0, logarithm = n * Math.log(1 - p);
  for (let i = 0; i <= k; i++) {
    share += Math.exp(logarithm);
    logarithm += Math.log((n - i) / (i + 1)) + Math.log(p / (1 - p));
  }
  return share;
}

Deno.test("errorInterval() ends at the binomial's quantiles", () => {
  for (const [wrong, count] of [[1, 20], [7, 20], [530, 1000], [9999, 10000]] as const) {
    const p = wrong / count;
    const [low, high] = errorInterval(wrong, count).map((end) => Math.round(end * count));
    for (const [end, tail] of [[low!, 0.025], [high!, 0.975]] as const) {
      assert(binomialShare(end, count, p) >= tail, `${wrong} of ${count}: ${end}`);
      assert(end === 0 || binomialShare(end - 1, count, p) < tail, `${wrong} of ${count}: ${end}`);
    }
  }
  assert.deepEqual(errorInterval(0, 5), [0, 0]);
  assert.deepEqual(errorInterval(5, 5), [1, 1]);
  assert.throws(() => errorInterval(6, 5), RangeError);
  assert.throws(() => errorInterval(0, 0), RangeError);
});

Deno.test("meanIntervals() of one error agrees with errorInterval(), to what drawing allows", () => {
  const count = 2000, wrong = 600;
  const values = Float64Array.from({ length: count }, (_, i) => Number(i < wrong));
  const [drawn] = meanIntervals([values], 1);
  errorInterval(wrong, count).forEach((end, i) => assert(Math.abs(drawn![i]! - end) < 0.003));
});

Deno.test("meanIntervals() depends on seed and pictures alone, and keeps pictures whole", () => {
  const one = Float64Array.from({ length: 300 }, (_, i) => (i * 7) % 10 / 10);
  const other = one.map((value) => 1 - value);
  const both = meanIntervals([one, other], 5);
  assert.deepEqual(meanIntervals([one], 5)[0], both[0]);
  assert.notDeepEqual(meanIntervals([one], 6)[0], both[0]);
  // Where one mean is drawn high the other is drawn low: their sum is 1 in every resample.
  const [sum] = meanIntervals([one.map((value, i) => value + other[i]!)], 5);
  sum!.forEach((end) => assert(Math.abs(end - 1) < 1e-12));
  assert.throws(() => meanIntervals([], 1), RangeError);
  assert.throws(() => meanIntervals([one, other.subarray(1)], 1), RangeError);
});
