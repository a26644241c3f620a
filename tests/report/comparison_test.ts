import { deepEqual, equal, match, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Cell } from "../../lib/report/comparison/cell.ts";
import { compareRuns, isBest } from "../../lib/report/comparison/compare.ts";
import { lackOf } from "../../lib/report/comparison/group.ts";
import { pgdDefaults } from "../../lib/robustness/pgd.ts";
import type { Results } from "../../lib/robustness/results.ts";
import { withFolder } from "../data/folder.ts";
import {
  madeDescription,
  madeLog,
  type MadeResults,
  madeResults,
  type MadeRun,
  writeRun,
} from "./runs.ts";

/** Writes run folders by name, compares them in that order, and gives it to `check`. */
function comparing(
  made: Record<string, MadeRun>,
  check: (comparison: Awaited<ReturnType<typeof compareRuns>>, folder: string) => void,
): Promise<void> {
  return withFolder(async (folder) => {
    for (const [name, run] of Object.entries(made)) await writeRun(join(folder, name), run);
    check(await compareRuns(Object.keys(made).map((name) => join(folder, name))), folder);
  });
}

/** A run folder with results of clean pictures, or of the suites that are named. */
function evaluated(made: MadeResults = {}, change: (results: Results) => void = () => {}): MadeRun {
  const results = madeResults({ suites: ["clean"], ...made });
  change(results);
  return { results: { "results.json": results } };
}

const failing = (share: number) => ({ wrong: () => share });

function near(actual: number | null | undefined, expected: number): void {
  ok(Math.abs(actual! - expected) < 1e-12, `${actual}, not ${expected}`);
}

Deno.test("runs that differ in their seed alone are a row: mean and sample deviation", () =>
  comparing({
    a: evaluated({ seed: 3, ...failing(0.1) }),
    b: evaluated({ seed: 1, ...failing(0.2) }),
    c: evaluated({ seed: 2, ...failing(0.6) }),
    other: evaluated({ method: "baseline", ...failing(0.4) }),
  }, ({ tables }) => {
    equal(tables.length, 1);
    const [layermix, baseline] = tables[0]!.groups;
    deepEqual([layermix!.label, baseline!.label], ["LayerMix", "Baseline"]);
    deepEqual(layermix!.seeds, [1, 2, 3]);
    const { value, deviation, interval, count } = layermix!.cells.clean!;
    near(value, 0.3);
    near(deviation, Math.sqrt((0.2 ** 2 + 0.1 ** 2 + 0.3 ** 2) / 2));
    deepEqual([interval, count], [null, 3]);
    const alone = baseline!.cells.clean!;
    equal(alone.deviation, null);
    ok(alone.interval![0] < 0.4 && alone.interval![1] > 0.4);
    const best = (cell: Cell) => isBest(tables[0]!, "clean", cell);
    deepEqual([best(layermix!.cells.clean!), best(alone)], [true, false]);
  }));

Deno.test("of equal figures all are best, unless none is worse", () =>
  comparing({
    a: evaluated(failing(0.1)),
    b: evaluated({ method: "augmix", ...failing(0.1) }),
    c: evaluated({ method: "pixmix", suites: ["clean", "p"], ...failing(0.2) }),
    d: evaluated({ method: "ipmix", suites: ["clean", "p"], ...failing(0.2) }),
  }, ({ tables: [table] }) => {
    const best = (id: "clean" | "p") =>
      table!.groups.map(({ cells }) => cells[id] && isBest(table!, id, cells[id]));
    deepEqual(best("clean"), [true, true, false, false]);
    deepEqual(best("p"), [undefined, undefined, false, false]);
  }));

Deno.test("any other setting, and which checkpoint it was, makes a row of its own, named by it", () =>
  comparing({
    a: evaluated({ settings: { epochs: 2 } }),
    b: evaluated({ settings: { epochs: 9 }, seed: 2 }),
    c: evaluated({ settings: { epochs: 9 }, seed: 2, checkpoint: "last.safetensors" }),
    d: evaluated({ settings: { epochs: 9 }, checkpoint: "d.safetensors" }, ({ checkpoint }) => {
      Object.assign(checkpoint.header!, { progress: { step: 70 } });
    }),
  }, ({ tables: [table] }) => {
    deepEqual(table!.groups.map(({ label }) => label), [
      "LayerMix, epochs 2, checkpoint best",
      "LayerMix, epochs 9, checkpoint best",
      "LayerMix, epochs 9, checkpoint last",
      "LayerMix, epochs 9, checkpoint step 70",
    ]);
  }));

Deno.test("networks whose seed is not known are never taken for seeds of one recipe", () =>
  comparing({
    a: evaluated({ method: null, seed: null, checkpoint: "a.pth" }),
    b: evaluated({ method: null, seed: null, checkpoint: "b.pth" }),
  }, ({ tables: [table] }) => {
    deepEqual(table!.groups.map(({ label, seeds }) => [label, seeds]), [["a.pth", []], [
      "b.pth",
      [],
    ]]);
  }));

Deno.test("a seed that is there twice, and adapters that differ, are told of", () =>
  comparing({
    a: evaluated({ seed: 1 }),
    b: evaluated({ seed: 1, adapter: "another" }, (results) => {
      results.measured.checkpoint_sha256 = "f".repeat(64);
    }),
  }, ({ tables: [table] }) => {
    equal(table!.groups.length, 1);
    match(table!.notes.join("\n"), /LayerMix: seed 1 is there more than once/);
    match(table!.notes.join("\n"), /LayerMix: evaluated on test adapter and another/);
  }));

Deno.test("other data sets and numbers of classes are in tables of their own", () =>
  comparing({
    a: evaluated(),
    b: evaluated({ dataset: "cifar100", classes: 100 }),
    c: evaluated({ classes: 5 }),
  }, ({ tables }) => {
    deepEqual(tables.map(({ dataset, classes }) => [dataset, classes]), [
      ["cifar10", 10],
      ["cifar100", 100],
      ["cifar10", 5],
    ]);
  }));

Deno.test("figures of another test set, other pictures or another attack have a letter, and are never best", () =>
  comparing({
    a: evaluated({ suites: ["clean", "pgd"], ...failing(0.5) }),
    b: evaluated({ suites: ["clean", "pgd"], method: "augmix", ...failing(0.4) }, (results) => {
      results.options.pgd = { ...pgdDefaults, steps: 7 };
    }),
    c: evaluated({ method: "pixmix", fingerprint: "0f".repeat(32), ...failing(0.1) }),
  }, ({ tables: [table] }) => {
    const notes = table!.notes.join("\n");
    match(
      notes,
      /^Clean error; RMS calibration, clean: not all .*a: 100 test pictures of SHA-256 0f0f/m,
    );
    match(notes, /^PGD error: not all figures compare.* a: .* 7 steps of /m);
    const [, augmix, pixmix] = table!.groups;
    equal(isBest(table!, "clean", augmix!.cells.clean!), true);
    equal(isBest(table!, "clean", pixmix!.cells.clean!), false);
  }));

Deno.test("a partial suite is marked so, is not best, and has no combined mean", () =>
  comparing({
    a: evaluated({ suites: ["clean", "c", "c-bar"], missing: ["fog"], ...failing(0.1) }),
    b: evaluated({ suites: ["clean", "c", "c-bar"], method: "augmix", ...failing(0.3) }),
    c: evaluated({ suites: ["clean", "c", "c-bar"], method: "pixmix", ...failing(0.4) }),
  }, ({ tables: [table] }) => {
    const [partial, augmix] = table!.groups;
    equal(partial!.cells.c!.partial, "70 of 75 sets");
    equal(partial!.cells.both, undefined);
    const both = table!.columns.find(({ id }) => id === "both")!;
    equal(lackOf(both, partial!), "no figure");
    equal(isBest(table!, "c", partial!.cells.c!), false);
    equal(isBest(table!, "c", augmix!.cells.c!), true);
    near(augmix!.cells.both!.value, 0.3);
    match(table!.notes.join("\n"), /a\/results\.json: C is partial, without fog$/m);
  }));

Deno.test("what no run has is said once, and what one lacks has no cell", () =>
  comparing({
    a: evaluated({ suites: ["clean", "c"] }),
    b: evaluated({ method: "augmix" }),
  }, ({ tables: [table] }) => {
    deepEqual(table!.absent, ["C-bar", "C and C-bar together", "P", "PGD"]);
    deepEqual(table!.columns.map(({ id }) => id), ["clean", "c", "rms", "c-rms"]);
    equal(table!.groups[1]!.cells.c, undefined);
  }));

Deno.test("suites of one network from several files are put together", () =>
  comparing({
    a: {
      results: {
        "results.json": madeResults({ suites: ["clean", "c"], ...failing(0.2) }),
        "results-c-bar.json": madeResults({ suites: ["c-bar"], ...failing(0.45) }),
      },
    },
    b: evaluated({ ...failing(0.3) }),
  }, ({ tables: [table], notes }) => {
    equal(table!.groups.length, 1);
    const { cells } = table!.groups[0]!;
    near(cells.both!.value, (15 * 0.2 + 10 * 0.45) / 25);
    equal(cells.both!.interval, null);
    near(cells.clean!.value, 0.2);
    match(
      notes.join(),
      /different figures of suite clean for the same network: the first are shown/,
    );
  }));

Deno.test("a run that was not evaluated is with its recipe, or in a row without figures", () =>
  comparing({
    a: {
      description: madeDescription({ method: "baseline", seed: 2 }),
      log: madeLog(1),
    },
    b: {
      description: madeDescription({ seed: 1 }),
      log: madeLog(2),
      ...evaluated({ seed: 1 }),
    },
    c: { description: madeDescription({ seed: 2 }), log: madeLog(2) },
  }, ({ tables: [table] }) => {
    deepEqual(table!.groups.map(({ label, seeds }) => [label, seeds]), [
      ["LayerMix", [1, 2]],
      ["Baseline", [2]],
    ]);
    equal(table!.groups[0]!.cells.clean!.count, 1);
    const notes = table!.notes.join("\n");
    match(notes, /^LayerMix: without figures of \S+c, not evaluated$/m);
    match(notes, /^Baseline: not evaluated$/m);
    match(notes, /a: trained 1 of 2 epochs$/m);
    match(notes, /^LayerMix: the epoch was chosen by the test error/m);
  }));

Deno.test("a folder and a file in it, given both, are one network", () =>
  withFolder(async (folder) => {
    const run = await writeRun(join(folder, "run"), {
      description: madeDescription(),
      ...evaluated(),
    });
    const paths = [join(run, "results.json"), run, `${run}/`];
    const { tables: [table], runs } = await compareRuns(paths);
    deepEqual([table!.groups.length, table!.groups[0]!.entries.length, runs.length], [1, 1, 2]);
    ok(table!.groups[0]!.entries[0]!.run.description);
  }));
