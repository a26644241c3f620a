import assert from "node:assert/strict";
import { alexNetErrors } from "../../lib/robustness/mce.ts";
import { corruptionNames } from "../../lib/robustness/suites.ts";
import { summarize } from "../../lib/robustness/summary.ts";
import { keyOf, type Unit, unitsOf, unitsOfShard } from "../../lib/robustness/units.ts";
import { allOptions, completeSources, outcomesFor } from "./outcomes.ts";

const count = 2500;

function near(actual: number | null | undefined, expected: number): void {
  assert(actual !== null && Math.abs(actual! - expected) < 1e-12, `${actual}, not ${expected}`);
}

/** One more in ten for each severity, and one for clean and attacked pictures. */
const wrongBySeverity = ({ severity, name }: Unit) =>
  name === "speckle_noise" ? 9 : severity + Number(severity === 0);

function summaryOf(sources = completeSources(count), wrong = wrongBySeverity) {
  const outcomes = outcomesFor(count, sources, wrong);
  return summarize({ options: allOptions, count, sources, outcomes });
}

Deno.test("means are over the corruptions of the suite alone, and named plain or by AlexNet", () => {
  const { suites, c_and_c_bar } = summaryOf();
  const { c, "c-bar": cBar, clean } = suites;
  near(clean!.error, 0.1);
  assert.deepEqual([c!.complete, c!.rows.length, c!.validation_rows.length], [true, 75, 20]);
  near(c!.mce, 0.3);
  near(c!.mean_errors.fog, 0.3);
  const alexNet = corruptionNames.c.test.map((name) => alexNetErrors[name]!);
  near(c!.mce_alexnet, alexNet.reduce((sum, error) => sum + 0.3 / error, 0) / 15);
  near(c!.relative_mce_alexnet, alexNet.reduce((sum, one) => sum + 0.2 / (one - 0.435), 0) / 15);
  const rms = c!.rows.reduce((sum, row) => sum + row.rms, 0) / 75;
  near(c!.mean_rms, rms);
  assert.deepEqual([c!.partial_mean_error, c!.partial_mean_rms, c!.missing], [null, null, []]);
  const answered = [clean!, c!, cBar!].map(({ reliability }) =>
    reliability.reduce((sum, bin) => sum + bin.count, 0)
  );
  assert.deepEqual(answered, [count, 75 * count, 50 * count]);
  near(cBar!.mce, 0.3);
  assert.deepEqual([cBar!.mce_alexnet, cBar!.relative_mce_alexnet], [null, null]);
  near(c_and_c_bar!.mean_error, 0.3);
  const speckle = c!.validation_rows.find((row) => row.corruption === "speckle_noise");
  near(speckle!.error, 0.9);
});

Deno.test("rows have their corruption's and severity's figures, with an interval around the error", () => {
  const { c } = summaryOf(undefined, ({ name, severity }) => name === "snow" ? severity : 0).suites;
  for (const { corruption, severity, error, error_interval: [low, high] } of c!.rows) {
    near(error, corruption === "snow" ? severity / 10 : 0);
    assert(low <= error && error <= high && high - low < 0.05);
  }
  const [low, high] = c!.mce_interval!;
  assert(low < c!.mce! && c!.mce! < high && high - low < 0.002);
});

Deno.test("the interval of C and C-bar weighs them as their mean", () => {
  // The same pictures are wrong in C and right in C-bar: 15/25 of one picture in ten.
  const { c_and_c_bar } = summaryOf(undefined, ({ suite }) => Number(suite === "c"));
  near(c_and_c_bar!.mean_error, 0.06);
  const [low, high] = c_and_c_bar!.interval!;
  assert(low > 0.045 && low < 0.06 && high > 0.06 && high < 0.075, `${low} ${high}`);
});

Deno.test("a suite that is not complete has means with partial in their name alone", () => {
  const sources = completeSources(count);
  sources.c.found = [{ name: "fog", severities: [1, 2] }, { name: "spatter", severities: [5] }];
  sources.p.found = sources.p.found.slice(1);
  const { suites: { c, p }, c_and_c_bar } = summaryOf(sources);
  near(c!.partial_mean_error, 0.15);
  assert(c!.partial_mean_rms! > 0);
  for (const name of ["mce", "mce_interval", "mce_alexnet", "relative_mce_alexnet", "mean_rms"]) {
    assert.equal(c![name as "mce"], null, name);
  }
  assert.equal(c!.complete, false);
  assert.deepEqual(c!.missing.find(({ corruption }) => corruption === "fog")!.severities, [
    3,
    4,
    5,
  ]);
  assert.equal(c!.missing.length, 15);
  assert.equal(c_and_c_bar, null);
  assert.deepEqual([p!.complete, p!.missing, p!.mfp, p!.mt5d], [
    false,
    ["gaussian_noise"],
    null,
    null,
  ]);
  near(p!.partial_mfp, 1 / 8);
  near(p!.partial_mt5d, 12 / 8);
});

Deno.test("of validation corruptions alone there is no mean at all", () => {
  const sources = completeSources(count);
  sources.c.found = [{ name: "spatter", severities: [5] }];
  const { c } = summaryOf(sources).suites;
  assert.deepEqual([c!.partial_mean_error, c!.partial_mean_rms, c!.rows], [null, null, []]);
  assert.equal(c!.validation_rows.length, 1);
});

Deno.test("P's means are over the ten sequences, and none divides by AlexNet", () => {
  const { p } = summaryOf(undefined, ({ name }) => name === "shear" ? 8 : 2).suites;
  near(p!.mfp, 2 / 8);
  near(p!.mt5d, 12 / 8);
  near(p!.mean_zipf_distance, 0.7 / 8);
  assert.deepEqual([p!.rows.length, p!.validation_rows.length], [10, 4]);
  near(p!.validation_rows.find((row) => row.sequence === "shear")!.flip_probability, 1);
  assert.doesNotMatch(JSON.stringify(p), /mfr|alexnet/i);
});

Deno.test("units cover every picture once, and shards every unit once", () => {
  const sources = completeSources(count);
  const units = unitsOf({ suites: allOptions.suites, count, sources });
  assert.equal(new Set(units.map(keyOf)).size, units.length);
  const covered = (suite: string) =>
    units.filter((unit) => unit.suite === suite).reduce((sum, unit) => sum + unit.count, 0);
  assert.deepEqual(["clean", "c", "c-bar", "p", "pgd"].map(covered), [
    count,
    19 * 5 * count,
    10 * 5 * count,
    14 * 4,
    count,
  ]);
  assert.equal(keyOf(units[0]!), "clean 0+1000");
  assert(units.some((unit) => keyOf(unit) === "c fog 3 0+2500"));
  for (const shards of [1, 2, 7, 300]) {
    const parts = Array.from({ length: shards }, (_, index) => {
      return unitsOfShard(units, { index, count: shards });
    });
    assert.deepEqual(new Set(parts.flat()), new Set(units));
    assert.equal(parts.flat().length, units.length);
  }
  // Even one suite has parts for several shards.
  const clean = unitsOf({ suites: ["clean"], count, sources: {} });
  assert.deepEqual(clean.map(({ first, count }) => [first, count]), [[0, 1000], [1000, 1000], [
    2000,
    500,
  ]]);
});
