import assert from "node:assert/strict";
import { join } from "node:path";
import { EvaluationInterrupted } from "../../lib/robustness/evaluate.ts";
import {
  evaluateCifar,
  evaluateCifarShard,
  type EvaluateOptions,
} from "../../lib/robustness/evaluate_cifar.ts";
import { mergeShards } from "../../lib/robustness/merge.ts";
import { parseShard } from "../../lib/robustness/shard_file.ts";
import type { Results } from "../../lib/robustness/results.ts";
import { writeCifar } from "../train/fixture.ts";
import { timeless, withCheckpoint } from "./checkpoint.ts";
import { test, writeCorruptions, writeNpy, writeSequences } from "./layouts.ts";
import { schemaErrors } from "./schema.ts";

Deno.test("all suites are measured, and as the schema says; shards of them merge to the same", () =>
  withCheckpoint(async ({ path }, options) => {
    await writeCorruptions(path("c"), ["gaussian_noise", "fog"]);
    await writeCorruptions(path("c-bar"), ["lines"]);
    await writeSequences(path("p"), ["snow", "gaussian_noise"]);
    const all = {
      ...options,
      suites: ["pgd", "p", "c-bar", "c", "clean"] as const,
      pgd: { steps: 1 },
    };
    const results = await evaluateCifar(all);
    assert.equal(schemaErrors(results), "");
    const { clean, c, "c-bar": cBar, p, pgd } = results.suites;
    assert.deepEqual([c!.rows.length, cBar!.rows.length, p!.rows.length], [10, 5, 2]);
    const losses = [...c!.rows, ...cBar!.rows].map(({ loss }) => loss);
    assert.equal(new Set(losses).size, 15, "pictures have answers of their own");
    assert(pgd!.loss > clean!.loss);
    assert.deepEqual(results.options.suites, ["clean", "c", "c-bar", "p", "pgd"]);
    assert.deepEqual(results.options.pgd, {
      ...{ eps: 2 / 255, steps: 1, step_size: 0.5 / 255, center: "clean" },
    });
    const shards = [];
    for (const index of [1, 0]) {
      const shard = await evaluateCifarShard({ ...all, batchSize: 10 }, { index, count: 2 });
      assert.equal(schemaErrors(shard), "");
      shards.push(parseShard(`${index}.json`, JSON.stringify(shard)));
    }
    assert.deepEqual(timeless(mergeShards(shards)), JSON.parse(JSON.stringify(timeless(results))));
  }));

Deno.test("corruptions that change nothing have exactly the clean figures, and flip nothing", () =>
  withCheckpoint(async ({ path }, options) => {
    await writeCorruptions(path("c"), []);
    const rgb = test.rgba.filter((_, i) => i % 4 !== 3);
    const rows = new Uint8Array(5 * rgb.length);
    for (let severity = 0; severity < 5; severity++) rows.set(rgb, severity * rgb.length);
    await writeNpy(join(path("c"), "fog.npy"), "|u1", [100, 32, 32, 3], rows);
    await Deno.mkdir(path("p"));
    const still = new Uint8Array(20 * 2 * 3072);
    for (let i = 0; i < still.length; i++) {
      still[i] = rgb[Math.floor(i / 6144) * 3072 + i % 3072]!;
    }
    await writeNpy(join(path("p"), "snow.npy"), "|u1", [20, 2, 32, 32, 3], still);
    const { suites } = await evaluateCifar({ ...options, suites: ["clean", "c", "p"] });
    // A diagram is drawn of each suite as a whole, not of each row.
    const { reliability, ...clean } = suites.clean!;
    assert.equal(reliability.reduce((sum, { count }) => sum + count, 0), test.count);
    assert.equal(suites.c!.rows.length, 5);
    for (const { corruption, severity: _, ...row } of suites.c!.rows) {
      assert.deepEqual({ corruption, ...row }, { corruption: "fog", ...clean });
    }
    assert.deepEqual(suites.c!.mean_errors, { fog: clean.error });
    assert.equal(suites.c!.partial_mean_error, clean.error);
    const expected = { flip_probability: 0, top5_distance: 0, zipf_distance: 0 };
    assert.deepEqual(suites.p!.rows, [{ sequence: "snow", videos: 20, frames: 2, ...expected }]);
  }));

Deno.test("what is missing, unknown or apart is told, and results still are as the schema says", () =>
  withCheckpoint(async ({ path }, options) => {
    await writeCorruptions(path("c"), ["fog", "spatter", "plasma_noise"], 3);
    await Deno.remove(join(path("c"), "labels.npy"));
    const notes: string[] = [];
    const results = await evaluateCifar({
      ...{ ...options, suites: ["c"], note: (line) => notes.push(line) },
    });
    assert.equal(schemaErrors(results), "");
    const { complete, mce, missing, rows, validation_rows } = results.suites.c!;
    assert.deepEqual({ complete, mce, missing: missing.length }, {
      complete: false,
      mce: null,
      missing: 15,
    });
    assert.deepEqual(rows.map(({ severity }) => severity), [1, 2, 3]);
    assert.deepEqual(validation_rows.map(({ corruption }) => corruption), Array(3).fill("spatter"));
    assert.deepEqual(results.sources.c!.unknown_files, ["plasma_noise.npy"]);
    assert.match(notes.join("\n"), /plasma_noise\.npy belong to no corruption of the suite/);
    assert.deepEqual(results.notes, notes.map((line) => line.replace("note: ", "")));
    assert.equal(notes.length, 2);
  }));

Deno.test("an interrupted evaluation goes on where it stopped, to the same results", () =>
  withCheckpoint(async ({ path }, options) => {
    await writeCorruptions(path("c"), ["fog", "snow"]);
    const all = { ...options, suites: ["clean", "c"] as const };
    const whole = await evaluateCifar(all);
    const partial = path("results.partial.jsonl");
    const stop = new AbortController();
    const progress = ({ done }: { done: number }) => done >= 70 ? stop.abort() : undefined;
    await assert.rejects(
      evaluateCifar({ ...all, partial, signal: stop.signal, progress }),
      EvaluationInterrupted,
    );
    const notes: string[] = [], before = new Set<number>();
    const again = await evaluateCifar({
      ...{ ...all, partial, note: (line) => notes.push(line) },
      progress: (state) => before.add(state.before),
    });
    assert.match(notes.join(), /going on with .*: \d parts are measured already/);
    assert.equal(before.size, 1);
    const [done] = before;
    assert(done! >= 40 && done! < 220, `${done} pictures were done before`);
    assert.deepEqual(timeless(again), timeless(whole));
    // Any other option begins anew.
    notes.length = 0;
    await evaluateCifar({ ...{ ...all, partial, seed: 2, note: (line) => notes.push(line) } });
    assert.match(
      notes.join(),
      /note: not going on with .*: it is of another evaluation \(options differ\)/,
    );
    notes.length = 0;
    await writeCorruptions(path("c"), ["fog"]);
    await evaluateCifar({ ...{ ...all, partial, seed: 2, note: (line) => notes.push(line) } });
    assert.match(notes.join(), /\(data differ\); beginning anew/);
  }));

Deno.test("a suite without its folder, and data of other classes, are refused", () =>
  withCheckpoint(async (place, options) => {
    await assert.rejects(
      evaluateCifar({ ...options, suites: ["c"], cDir: undefined }),
      /^DataError: Cannot evaluate c: give the folder of its files, --c-dir$/,
    );
    await writeCifar(place.path("cifar100"), 100);
    await writeCorruptions(place.path("c"), ["fog"]);
    await assert.rejects(
      evaluateCifar({
        ...{ ...options, suites: ["c"], dataset: "cifar100", dataPath: place.path("cifar100") },
      }),
      /^CheckpointError: .*2 of another shape \(fc\.weight: 10 × 64 for 100 × 64, /,
    );
  }));

Deno.test("the attack's center, radius and seed change its figures", () =>
  withCheckpoint(async (_place, options) => {
    const lossOf = async (more: Partial<EvaluateOptions>) => {
      const results: Results = await evaluateCifar({ ...options, suites: ["pgd"], ...more });
      return results.suites.pgd!.loss;
    };
    const pgd = { steps: 3 };
    const [plain, moved, larger, other] = [
      await lossOf({ pgd }),
      await lossOf({ pgd: { ...pgd, center: "start" } }),
      await lossOf({ pgd: { ...pgd, eps: 8 / 255, step_size: 2 / 255 } }),
      await lossOf({ pgd, seed: 9 }),
    ];
    assert(
      larger! > plain! && moved !== plain && other !== plain,
      `${[plain, moved, larger, other]}`,
    );
  }));
