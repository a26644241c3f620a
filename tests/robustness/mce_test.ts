import assert from "node:assert/strict";
import {
  alexNetErrors,
  alexNetMce,
  combinedMeanError,
  mean,
  meanError,
  relativeAlexNetMce,
} from "../../lib/robustness/mce.ts";
import { corruptionNames } from "../../lib/robustness/suites.ts";
import { goldenCase } from "./golden_case.ts";

const { params, expected } = goldenCase<{
  corruptions: string[];
  errors_by_severity: number[][];
  alexnet: number[];
  cbar_mean_errors: number[];
}, { mce_percent: number; plain_mean_error_percent: number; c_and_cbar_percent: number }>(
  "metrics/mce",
);
const errors = new Map(params.corruptions.map((name, i) => [name, params.errors_by_severity[i]!]));

function near(actual: number, wanted: number): void {
  assert(Math.abs(actual - wanted) <= 1e-9, `${actual}, expected ${wanted}`);
}

Deno.test("the corruptions of C and AlexNet's errors are the published ones, in their order", () => {
  assert.deepEqual(corruptionNames.c.test, params.corruptions);
  assert.deepEqual(corruptionNames.c.test.map((name) => alexNetErrors[name]), params.alexnet);
});

Deno.test("mean error, mCE by AlexNet, and C with C-bar equal the golden figures", () => {
  near(100 * meanError(errors), expected.plain_mean_error_percent);
  near(100 * alexNetMce(errors), expected.mce_percent);
  const cBar = meanError(new Map(params.cbar_mean_errors.map((error, i) => [`${i}`, [error]])));
  near(100 * combinedMeanError(meanError(errors), cBar), expected.c_and_cbar_percent);
});

Deno.test("relativeAlexNetMce() is 1 for AlexNet, 0 for a network that loses nothing", () => {
  const alexNet = new Map(Object.entries(alexNetErrors).map(([name, error]) => [name, [error]]));
  near(relativeAlexNetMce(alexNet, 0.435), 1);
  const steady = new Map(corruptionNames.c.test.map((name) => [name, [0.2, 0.2]]));
  near(relativeAlexNetMce(steady, 0.2), 0);
  // Twice what AlexNet loses in every corruption, from another clean error.
  const twice = new Map(
    [...alexNet].map(([name, [error]]) => [name, [0.1 + 2 * (error! - 0.435)]]),
  );
  near(relativeAlexNetMce(twice, 0.1), 2);
});

Deno.test("AlexNet's mCE refuses a corruption that is missing, and mean() no values", () => {
  const fewer = new Map(errors);
  fewer.delete("snow");
  assert.throws(() => alexNetMce(fewer), /expected errors of snow but found none/);
  assert.throws(() => relativeAlexNetMce(fewer, 0), RangeError);
  assert.throws(() => mean([]), RangeError);
});
