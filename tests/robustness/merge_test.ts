import assert from "node:assert/strict";
import { mergeShards } from "../../lib/robustness/merge.ts";
import { parseShard, type ShardFile } from "../../lib/robustness/shard_file.ts";
import { encodeOutcome } from "../../lib/robustness/outcome.ts";
import type { Provenance, ShardResults } from "../../lib/robustness/results.ts";
import { resultsCsv } from "../../lib/robustness/results_csv.ts";
import { summarize } from "../../lib/robustness/summary.ts";
import { keyOf, unitsOf, unitsOfShard } from "../../lib/robustness/units.ts";
import { allOptions, completeSources, outcomesFor } from "./outcomes.ts";
import { schemaErrors } from "./schema.ts";

const count = 2500;
const sources = completeSources(count);
const outcomes = outcomesFor(count, sources, ({ severity, name }) => (severity + name.length) % 7);
const sha = "a".repeat(64);
const provenance: Provenance = {
  schema: 2,
  layermix: "0.1.0",
  measured: {
    ...{ model: "WRN-10-1", weights: "averaged", checkpoint_sha256: sha, method: "layermix" },
    ...{ ops: "reference", jsd: false, gray_mixing: false, epochs: 3, seed: 1 },
    alexnet_errors: "ImageNet-C, a table",
  },
  checkpoint: { file: "a.safetensors", sha256: sha },
  model: { name: "wrn", layers: 10, widenFactor: 1, dropRate: 0, classes: 10 },
  adapter: { name: "llvmpipe", software: true },
  tuning: null,
  data: { dataset: "cifar10", path: "data", count, fingerprint: sha, missing: [] },
  sources,
  options: allOptions,
  notes: ["labels are not there"],
  date: "2026-01-01T00:00:00.000Z",
};

/** The shards of the evaluation, as read from their files. */
function shards(total: number): ShardFile[] {
  const units = unitsOf({ suites: allOptions.suites, count, sources });
  return Array.from({ length: total }, (_, index) => {
    const shard = { index, count: total };
    const own = unitsOfShard(units, shard).map((unit) => {
      return [keyOf(unit), encodeOutcome(outcomes.get(keyOf(unit))!)] as const;
    });
    const file: ShardResults = {
      ...provenance,
      kind: "shard",
      shard,
      outcomes: Object.fromEntries(own),
    };
    assert.equal(schemaErrors(file), "");
    return parseShard(`${index}.json`, JSON.stringify(file));
  });
}

const whole = summarize({ options: allOptions, count, sources, outcomes });

Deno.test("shards in any number and order merge to exactly the figures of the whole", () => {
  for (const total of [1, 2, 7, 400]) {
    const results = mergeShards(shards(total).reverse());
    assert.deepEqual(results.suites, whole.suites);
    assert.deepEqual(results.c_and_c_bar, whole.c_and_c_bar);
    assert.deepEqual(results.notes, provenance.notes);
    assert.equal(schemaErrors(results), "");
  }
});

/** Shards 0/2 and 1/2 with a change to the second. */
function changed(change: (shard: ShardResults) => void): ShardFile[] {
  const [first, second] = shards(2);
  change(second!.shard);
  return [first!, second!];
}

const refuses = (files: ShardFile[], message: RegExp) =>
  assert.throws(() => mergeShards(files), (error: Error) => {
    assert.equal(error.name, "MergeError");
    assert.match(error.message, message);
    return true;
  });

Deno.test("shards of another checkpoint, data or options are refused by name", () => {
  const cases: [RegExp, (shard: ShardResults) => void][] = [
    [
      /1\.json with 0\.json: expected the same checkpoint, "aaa.* but found "b"$/,
      (shard) => shard.measured.checkpoint_sha256 = "b",
    ],
    [
      /the same weights, "averaged", but found "trained"/,
      (shard) => shard.measured.weights = "trained",
    ],
    [/the same model/, (shard) => shard.model.layers = 16],
    [/the same data set/, (shard) => shard.data.fingerprint = "b"],
    [/the same --suites/, (shard) => shard.options.suites = ["clean"]],
    [/the same --seed, 3, but found 4/, (shard) => shard.options.seed = 4],
    [/the same --difficulty/, (shard) => shard.options.difficulty = 2],
    [/the same attack/, (shard) => shard.options.pgd.eps = 0.1],
    [/the same corrupted pictures/, (shard) => shard.sources.c!.fingerprint = "b"],
    [/the same number of shards, 2, but found 3/, (shard) => shard.shard.count = 3],
    [/the same version of layermix/, (shard) => shard.layermix = "9"],
  ];
  for (const [message, change] of cases) refuses(changed(change), message);
  const folder = mergeShards(changed((shard) => shard.sources.c!.from = "elsewhere"));
  assert.deepEqual(folder.suites, whole.suites);
});

Deno.test("a missing, repeated or damaged shard is refused by name", () => {
  const [first, second, third] = shards(3);
  refuses([first!, third!], /expected 3 shards, as 0\.json says, but 1\/3 are missing$/);
  refuses(
    [first!, second!, { ...second!, file: "copy.json" }],
    /1\.json and copy\.json are both shard 1\/3/,
  );
  refuses([], /found none/);
  const key = Object.keys(second!.shard.outcomes)[0]!;
  const without = structuredClone(second!);
  delete without.shard.outcomes[key];
  refuses(
    [first!, without, third!],
    /Cannot merge 1\.json: expected the figures of .* damage \(it is mis/,
  );
  const other = structuredClone(second!);
  const sums = Object.values(first!.shard.outcomes).find((outcome) => "pairs" in outcome)!;
  other.shard.outcomes[key] = sums;
  refuses([first!, other, third!], /Cannot merge 1\.json: .* damage \(they are of other pictures/);
  const cut = structuredClone(second!);
  cut.shard.outcomes[key] = { ...cut.shard.outcomes[key], count: 7 };
  refuses(
    [first!, cut, third!],
    /Cannot merge 1\.json: expected the figures of .* are not the 7 it na/,
  );
});

Deno.test("adapters and kernels that differ are told of", () => {
  const files = changed((shard) => {
    shard.adapter = { name: "another", software: false };
    shard.tuning = { adapter: "another", best: { a: "b" } };
  });
  const { notes } = mergeShards(files);
  assert.match(notes.join("; "), /different adapters.*; .*different kernels/);
});

Deno.test("parseShard() takes nothing but shards", () => {
  const refuses = (text: string, message: RegExp) =>
    assert.throws(() => parseShard("x.json", text), message);
  refuses("{", /^MergeError: Cannot read x\.json: expected a shard but found no JSON$/);
  refuses("null", /found something else$/);
  refuses(JSON.stringify({ ...provenance, kind: "results" }), /found whole results$/);
  refuses(JSON.stringify({ schema: 2, kind: "shard" }), /layermix to be text but found nothing$/);
  const whole = shards(2)[0]!.shard;
  const { c, p } = whole.sources, [first, ...others] = c!.found;
  const withC = (found: unknown) => ({ sources: { ...whole.sources, c: { ...c, found } } });
  const videos = p!.found.map((one) => ({ ...one, videos: 2 ** 50 }));
  const damages: [Record<string, unknown>, RegExp][] = [
    [{ sources: {} }, /sources\.c beside its suite but found nothing$/],
    [{ shard: { index: 2, count: 2 } }, /a shard below 2 but found shard 2$/],
    [{ shard: { index: 2, count: 2 ** 40 } }, /shard\.count to be a whole number in 1 … 100000/],
    [{ model: { ...whole.model, name: "none" } }, /model\.name to be one of wrn, /],
    [{ outcomes: null }, /outcomes to be an object but found null$/],
    [{ data: { ...whole.data, count: 2 ** 40 } }, /data\.count to be a whole number in 1 … 1/],
    [{ options: { ...whole.options, suites: ["clean", "clean"] } }, /suites to be without repet/],
    [withC([{ ...first, severities: [1, 2, 9] }]), /severities\[2\] to be one of 1, 2, 3, 4, 5/],
    [withC([first, ...others, first]), /found to be without repetition but found a list$/],
    [{ sources: { ...whole.sources, p: { ...p, found: videos } } }, /found\[0\]\.videos to be/],
  ];
  for (const [damage, message] of damages) {
    refuses(JSON.stringify({ ...whole, ...damage }), message);
  }
});

Deno.test("resultsCsv() has a row for every set, each with what it is of", () => {
  const results = mergeShards(shards(1));
  const [header, ...rows] = resultsCsv(results).trimEnd().split("\r\n").map((line) =>
    [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell]) => cell!).slice(0, -1)
  );
  assert.equal(rows.length, 2 + 19 * 5 + 10 * 5 + 14);
  const at = (row: string[], name: string) => row[header!.indexOf(name)];
  for (const row of rows) {
    assert.equal(row.length, header!.length);
    assert.deepEqual([at(row, "model"), at(row, "method"), at(row, "seed")], [
      "WRN-10-1",
      "layermix",
      "1",
    ]);
    assert.equal(at(row, "checkpoint_sha256"), sha);
    assert.equal(at(row, "alexnet_errors"), '"ImageNet-C, a table"');
  }
  const find = (suite: string, corruption: string, severity = "") =>
    rows.find((row) => `${row[0]} ${row[1]} ${row[2]}` === `${suite} ${corruption} ${severity}`)!;
  const fog = whole.suites.c!.rows.find((row) => row.corruption === "fog" && row.severity === 2)!;
  assert.equal(Number(at(find("c", "fog", "2"), "error")), fog.error);
  assert.equal(Number(at(find("c", "fog", "2"), "error_low")), fog.error_interval[0]);
  assert.equal(Number(at(find("clean", ""), "rms")), whole.suites.clean!.rms);
  assert.equal(
    Number(at(find("p", "snow"), "flip_probability")),
    whole.suites.p!.rows[4]!.flip_probability,
  );
  assert.equal(at(find("p", "snow"), "error"), "");
  assert(find("c-validation", "spatter", "1") && find("p-validation", "shear") && find("pgd", ""));
});
