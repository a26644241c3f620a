import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { join } from "node:path";
import { ReportError } from "../../lib/report/comparison/error.ts";
import { readRun } from "../../lib/report/comparison/read_run.ts";
import { withFolder } from "../data/folder.ts";
import { madeDescription, madeLog, madeResults, type MadeRun, writeRun } from "./runs.ts";

const clean = () => madeResults({ suites: ["clean"] });

/** Asserts that reading what `made` is refused in one line that names the file and both sides. */
async function refuses(made: MadeRun, message: RegExp, name = ""): Promise<void> {
  await withFolder(async (folder) => {
    await writeRun(folder, made);
    await rejects(readRun(join(folder, name)), (error) => {
      equal(error instanceof ReportError, true, String(error));
      match((error as Error).message, message);
      match(
        (error as Error).message,
        /^Cannot (read|report on) \S+[^\n]*: expected [^\n]+ but found [^\n]+$/,
      );
      return true;
    });
  });
}

/** Results in which `change` has broken something. */
function broken(change: (results: Record<string, unknown>) => void): MadeRun {
  const results = structuredClone(madeResults()) as unknown as Record<string, unknown>;
  change(results);
  return { results: { "results.json": results } };
}

Deno.test("a folder's run.json, log, results and samples are read, results.json first", () =>
  withFolder(async (folder) => {
    const png = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
    const log = madeLog(2);
    await writeRun(folder, {
      description: madeDescription(),
      results: {
        "results-a.json": clean(),
        "results.json": clean(),
        "results.shard-0-of-2.json": { schema: 2, kind: "shard" },
      },
      files: {
        "samples.png": png,
        "log.jsonl": log.map((line) => `${JSON.stringify(line)}\n`).join("") + '{"epoch":3,"tr',
      },
    });
    const run = await readRun(folder);
    deepEqual(run.results.map(({ file }) => file), [
      join(folder, "results.json"),
      join(folder, "results-a.json"),
    ]);
    deepEqual(run.log, log);
    deepEqual(run.samples, png);
    deepEqual(run.notes, []);
    equal((run.description!.settings as Record<string, unknown>).method, "layermix");
  }));

Deno.test("a picture that is none is left out, and said to be", () =>
  withFolder(async (folder) => {
    await writeRun(folder, {
      results: { "results.json": clean() },
      files: { "samples.png": "<svg>" },
    });
    const { samples, notes } = await readRun(folder);
    deepEqual([samples, notes], [undefined, [
      `${join(folder, "samples.png")} is no PNG picture, and left out`,
    ]]);
  }));

Deno.test("what is no run is refused in one line that names it", async () => {
  await refuses({}, /expected run\.json or results\.json in it but found neither$/);
  await refuses({}, /expected a run folder or a results file but found nothing there$/, "absent");
  const shard = { "results.shard-0-of-2.json": { schema: 2, kind: "shard" } };
  await refuses({ results: shard }, /shard-0-of-2\.json, a part of results; use `layermix merge`$/);
  await refuses(
    { results: shard },
    /expected whole results but found a part/,
    "results.shard-0-of-2.json",
  );
});

Deno.test("damaged files are refused by name, with the field and what it is", async () => {
  const cut = { files: { "results.json": '{"schema":2,"kind":' } };
  await refuses(cut, /results\.json: expected JSON but found damage \(/);
  await refuses(
    { results: { "results.json": [1] } },
    /expected what `layermix evaluate` wrote but/,
  );
  const schema = (value: unknown) => broken((results) => results.schema = value);
  await refuses(schema(7), /results\.json: expected results of schema 2 but found schema 7; eval/);
  await refuses(schema("2\n"), /but found schema "2\\n"; evaluate/);
  const error = (value: unknown) =>
    broken(({ suites }) => (suites as { clean: { error: unknown } }).clean.error = value);
  await refuses(
    error("<b>"),
    /expected suites\.clean\.error to be a number in 0\.\.1 but found "<b>"$/,
  );
  await refuses(error(1.5), /to be a number in 0\.\.1 but found 1\.5$/);
  await refuses(error(undefined), /to be a number in 0\.\.1 but found nothing$/);
  await refuses(
    broken(({ suites }) => {
      (suites as { c: { rows: unknown[] } }).c.rows[3] = null;
    }),
    /expected suites\.c\.rows\[3\] to be an object but found null$/,
  );
  await refuses(
    broken(({ sources }) => delete (sources as Record<string, unknown>).p),
    /expected sources\.p beside suites\.p but found nothing$/,
  );
  await refuses(
    broken((results) => results.kind = "other"),
    /expected kind to be "results" but found "other"$/,
  );
  await refuses(
    broken(({ suites }) => {
      (suites as { clean: { reliability: unknown } }).clean.reliability = [{ count: -1 }];
    }),
    /expected suites\.clean\.reliability\[0\]\.count to be a whole number but found -1$/,
  );
});

Deno.test("a damaged run.json or log is refused by name and line", async () => {
  await refuses({ files: { "run.json": "{" } }, /run\.json: expected JSON but found damage/);
  await refuses(
    { description: { settings: 3 } },
    /run\.json: expected settings to be an object but found 3$/,
  );
  await refuses({
    description: madeDescription(),
    files: { "log.jsonl": '{"epoch":1,"train_loss":1,"test_loss":1,"test_error":1}\nnone\n' },
  }, /log\.jsonl, line 2: expected JSON but found damage/);
  await refuses(
    { description: madeDescription(), log: [{ epoch: 1, train_loss: "<i>" }] },
    /log\.jsonl, line 1: expected train_loss to be a number but found "<i>"$/,
  );
});
