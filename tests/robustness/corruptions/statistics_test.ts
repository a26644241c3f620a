import assert from "node:assert/strict";
import { Purpose, Stream } from "../../../lib/random/stream.ts";
import { cCorruptions } from "../../../lib/robustness/corruptions/c.ts";
import type { Scale, Severity } from "../../../lib/robustness/corruptions/corruption.ts";
import { plasma } from "../../../lib/robustness/corruptions/plasma.ts";
import { formulaFrost, plain } from "./pictures.ts";

/** The values of a plain grey picture of 150 × 100 pixels, corrupted. */
function values(
  name: string,
  level: number,
  severity: Severity,
  scale: Scale = "cifar",
  index = 0,
): Float64Array {
  const number = cCorruptions.findIndex((corruption) => corruption.name === name);
  const random = new Stream(3, Purpose.corrupt_c, index, severity, number);
  const surroundings = { random, scale, frost: formulaFrost };
  return cCorruptions[number]!.corrupt(
    plain(150, 100, [level, level, level]),
    severity,
    surroundings,
  )
    .rgb;
}

const mean = (numbers: ArrayLike<number>) =>
  Array.from(numbers).reduce((a, b) => a + b) / numbers.length;
const variance = (numbers: ArrayLike<number>) => {
  const middle = mean(numbers);
  return mean(Array.from(numbers, (value) => (value - middle) ** 2));
};

/** Within four standard errors of 45,000 independent numbers; of a variance, for a normal one. */
function agree(numbers: Float64Array, expectedMean: number, expectedVariance: number): void {
  const errors = Math.sqrt(expectedVariance / numbers.length);
  assert.ok(Math.abs(mean(numbers) - expectedMean) < 4 * errors, `mean ${mean(numbers)}`);
  const ratio = variance(numbers) / expectedVariance;
  assert.ok(Math.abs(ratio - 1) < 4 * Math.sqrt(2 / numbers.length) + 0.005, `variance × ${ratio}`);
}

Deno.test("gaussian, shot and speckle noise have the published mean and variance", () => {
  for (const level of [0.2, 0.8]) {
    agree(values("gaussian_noise", level, 3), level, 0.08 ** 2);
    agree(values("gaussian_noise", level, 5, "imagenet"), level, 0.38 ** 2);
    agree(values("speckle_noise", level, 2), level, (level * 0.1) ** 2);
    agree(values("shot_noise", level, 1), level, level / 500);
    agree(values("shot_noise", level, 4), level, level / 75);
    agree(values("shot_noise", level, 3, "imagenet"), level, level / 12);
  }
});

Deno.test("impulse noise sets as many values to 0 as to 1, each channel by itself", () => {
  const found = values("impulse_noise", 0.5, 5, "imagenet");
  const share = (level: number) => mean(found.map((value) => Number(value === level)));
  const error = 4 * Math.sqrt(0.135 * 0.865 / found.length);
  assert.ok(Math.abs(share(0) - 0.135) < error, `${share(0)} are 0`);
  assert.ok(Math.abs(share(1) - 0.135) < error, `${share(1)} are 1`);
  assert.ok(Math.abs(share(0.5) - 0.73) < 2 * error);
  let alone = 0;
  for (let i = 0; i < found.length; i += 3) alone += Number(found[i] !== found[i + 1]);
  assert.ok(alone / found.length * 3 > 0.35, "channels differ");
});

Deno.test("random corruptions differ between pictures, seeds and severities, not between runs", () => {
  for (const name of ["gaussian_noise", "snow", "fog", "frost", "spatter"]) {
    const first = values(name, 0.4, 2);
    assert.deepEqual(values(name, 0.4, 2), first, name);
    assert.notDeepEqual(values(name, 0.4, 2, "cifar", 1), first, name);
    assert.notDeepEqual(values(name, 0.4, 3), first, name);
  }
});

Deno.test("a cloud goes from 0 to 1, goes on at its edge, and is smoother the larger its decay", () => {
  const steps = [1.5, 3].map((decay) => {
    const { values } = plasma(64, decay, new Stream(1, 99));
    assert.deepEqual([Math.min(...values), Math.max(...values)], [0, 1]);
    const [across, around] = [0, 63].map((x) =>
      mean(
        Array.from({ length: 64 }, (_, y) =>
          Math.abs(values[64 * y + x]! - values[64 * y + (x + 1) % 64]!)),
      )
    ) as [number, number];
    assert.ok(around < 2 * across, `${around} around the edge, ${across} inside`);
    return mean(values.map((value, i) => Math.abs(value - values[i ^ 1]!)));
  });
  assert.ok(steps[0]! > 1.5 * steps[1]!, `${steps}`);
});
