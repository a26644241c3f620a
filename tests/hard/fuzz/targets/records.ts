import { join } from "node:path";
import { readPart } from "../../../../lib/data/part_file.ts";
import { openSetFolder } from "../../../../lib/fractals/set_folder.ts";
import { compareRuns } from "../../../../lib/report/comparison/compare.ts";
import { renderReport } from "../../../../lib/report/render.ts";
import { openCorruptionFolder } from "../../../../lib/robustness/corruptions/record.ts";
import { readBlocks } from "../../../../lib/robustness/made_record.ts";
import { mergeShards } from "../../../../lib/robustness/merge.ts";
import { resultsCsv } from "../../../../lib/robustness/results_csv.ts";
import { parseShard } from "../../../../lib/robustness/shard_file.ts";
import { resultsTable } from "../../../../cli/results_table.ts";
import { encodeOutcome } from "../../../../lib/robustness/outcome.ts";
import { openPartial } from "../../../../lib/robustness/partial.ts";
import { summarizeReport } from "../../../../lib/report/report_summary.ts";
import { keyOf, unitsOf } from "../../../../lib/robustness/units.ts";
import { cifarDefaults } from "../../../../lib/train/flags.ts";
import { readFlags } from "../../../../lib/train/resume.ts";
import { openRun } from "../../../../lib/train/run_record.ts";
import { openCache } from "../../../../lib/tune/cache.ts";
import { layermixVersion } from "../../../../lib/version.ts";
import { madeDescription, madeLog, madeResults } from "../../../report/runs.ts";
import { answers } from "../../../robustness/outcomes.ts";
import type { Target } from "../target.ts";

/** The seed of a target: the value as JSON. */
const json = (make: () => unknown[]) => () =>
  Promise.resolve(make().map((value) => new TextEncoder().encode(JSON.stringify(value, null, 1))));

const jsonLines = (values: unknown[]) => () =>
  Promise.resolve([
    new TextEncoder().encode(values.map((value) => `${JSON.stringify(value)}\n`).join("")),
  ]);

/** Objects of JSON take several times their text; a report of them leaves megabytes of garbage. */
const objects = ({ length }: Uint8Array) => 2 ** 26 + 64 * length;

/** The only shard of an evaluation. */
function shard(): unknown {
  const made = madeResults({ suites: ["clean", "p"], count: 24 });
  const { suites: _, c_and_c_bar: __, ...provenance } = made;
  const { options } = provenance;
  const suites = [...options.suites, "r", "a"] as const;
  const told = { from: "folder", pictures: "files", unknown_files: [], fingerprint: "0" };
  const list = { ...told, count: 9, classes: 8, suite_classes: 200, network_classes: 8 };
  const sources = { ...provenance.sources, r: list, a: list };
  const sums = { pairs: 8, flips: 1, top5_distance: 12, zipf_distance: 0.7 };
  const outcomes = unitsOf({ suites, count: 24, sources }).map((unit) => {
    const outcome = unit.suite === "p" ? sums : answers(unit, 3);
    const unreadable = unit.suite === "r" ? { unreadable: [{ name: "a", reason: "cut" }] } : {};
    return [keyOf(unit), encodeOutcome({ ...outcome, ...unreadable })] as const;
  });
  const part = { kind: "shard", shard: { index: 0, count: 1 } };
  const whole = { ...provenance, ...part, sources, options: { ...options, suites } };
  return { ...whole, outcomes: Object.fromEntries(outcomes) };
}

function merge(file: string, content: string): void {
  const results = mergeShards([parseShard(file, content)]);
  resultsTable(results);
  resultsCsv(results);
}

async function report(path: string): Promise<void> {
  const comparison = await compareRuns([path]);
  summarizeReport(comparison);
  for (const format of ["markdown", "csv"] as const) {
    await renderReport(comparison, format, "title");
  }
}

async function resumeLogs(folder: string): Promise<void> {
  const record = await openRun(folder);
  await record.resume(2);
  await record.close();
}

const fingerprints = { checkpoint: "a", data: "b", options: "c", adapter: "d" };
const line = (unit: string, outcome: unknown) => ({ of: "a b c d", unit, outcome });
const outcome = encodeOutcome({
  ...{ count: 3, missed5: 1, loss_sum: 2.5 },
  confidence: Float64Array.of(0.1, 0.2, 0.3),
  correct: Uint8Array.of(1, 0, 1),
});

/** Reads the cache of an adapter, which is named by its content, from the mutated file. */
async function readCache(folder: string): Promise<void> {
  const cache = join(folder, "cache"), notes: string[] = [];
  await openCache("gpu", cache).add(new Map([["a", "b"]]));
  for (const { name } of Deno.readDirSync(cache)) {
    await Deno.rename(join(folder, "cache.json"), join(cache, name));
  }
  await openCache("gpu", cache, (note) => notes.push(note)).read();
  await Deno.remove(cache, { recursive: true });
  for (const note of notes) {
    if (/\p{Cc}/u.test(note) || note.length > 1000) throw new Error(`note of ${note}`);
  }
}

const corruption = {
  ...{ layermix: "0.1.0", data: "ab", scale: "cifar", seed: 1, frost: "built-in" },
  severities: [1, 2, 3],
};

/** Parsers of what layermix itself wrote, and anybody may have changed. */
export const recordTargets: Target[] = [
  {
    name: "run.json of a run that goes on",
    seeds: json(() => [{ ...madeDescription(), flags: { ...cifarDefaults } }]),
    ...{ file: "run.json", errors: ["TrainError"], json: "whole", bound: objects },
    parse: (_bytes, folder) => readFlags(folder),
  },
  {
    name: "run.json of a report",
    seeds: json(() => [madeDescription(), { ...madeDescription(), pretrained: { sha256: "ab" } }]),
    ...{ file: "run.json", errors: ["ReportError"], json: "whole", bound: objects },
    parse: (_bytes, folder) => report(folder),
  },
  {
    name: "log.jsonl",
    seeds: jsonLines(madeLog(5)),
    ...{ file: "log.jsonl", errors: ["ReportError"], json: "lines", bound: objects },
    async parse(_bytes, folder) {
      await Deno.writeTextFile(join(folder, "run.json"), JSON.stringify(madeDescription()));
      await report(folder);
    },
  },
  {
    name: "log.csv and log.jsonl of a run that goes on",
    seeds: jsonLines(madeLog(5)),
    ...{ file: "log.jsonl", errors: [], json: "lines", bound: objects },
    async parse(bytes, folder) {
      await Deno.writeFile(join(folder, "log.csv"), bytes);
      await resumeLogs(folder);
    },
  },
  {
    name: "results.json",
    seeds: json(() => [madeResults(), madeResults({ suites: ["clean", "c"], missing: ["fog"] })]),
    ...{ file: "results.json", errors: ["ReportError"], json: "whole", bound: objects },
    parse: (_bytes, folder) => report(join(folder, "results.json")),
  },
  {
    name: "shard",
    seeds: json(() => [shard()]),
    ...{ file: "shard.json", inMemory: true, errors: ["MergeError"], json: "whole" },
    bound: objects,
    parse: (bytes) => merge("shard.json", new TextDecoder().decode(bytes)),
  },
  {
    name: "partial.jsonl",
    seeds: jsonLines([
      { of: fingerprints, tuning: { adapter: "gpu", best: { a: "b" } } },
      line("clean 0+3", outcome),
      line("p snow 0+4", { pairs: 8, flips: 1, top5_distance: 2, zipf_distance: 0.5 }),
    ]),
    ...{ file: "results.partial.jsonl", errors: [], json: "lines", bound: objects },
    parse: (_bytes, folder) => openPartial(join(folder, "results.partial.jsonl"), fingerprints),
  },
  {
    name: "tuning cache",
    seeds: json(
      () => [{ format: 1, adapter: "gpu", version: layermixVersion, best: { a: "b", c: "d" } }],
    ),
    ...{ file: "cache.json", errors: [], json: "whole", bound: objects },
    parse: (_bytes, folder) => readCache(folder),
  },
  {
    name: "corrupt.json",
    seeds: json(() => [corruption]),
    ...{ file: "corrupt.json", errors: ["DataError"], json: "whole", bound: objects },
    parse: (_bytes, folder) => readBlocks(folder),
  },
  {
    name: "corrupt.json that is gone on with",
    seeds: json(() => [corruption]),
    ...{ file: "corrupt.json", errors: ["DataError"], json: "whole", bound: objects },
    parse: (_bytes, folder) => openCorruptionFolder(folder, corruption),
  },
  {
    name: "mixing set record",
    seeds: json(() => [{ version: "0.1.0", seed: 1, size: 64, adapter: "gpu" }]),
    ...{ file: "mixing-set.json", errors: ["DataError"], json: "whole", bound: objects },
    parse: (_bytes, folder) => openSetFolder(folder, { version: "0.1.0", seed: 1, size: 64 }),
  },
  {
    name: "record of a download",
    seeds: json(() => [{ url: "https://a.b/c", etag: '"d"', lastModified: "Mon", total: 9 }]),
    ...{ file: "c.part.json", errors: [], json: "whole" },
    async parse(_bytes, folder) {
      await Deno.writeTextFile(join(folder, "c.part"), "part");
      const part = await readPart("https://a.b/c", join(folder, "c.part"));
      // It throws where a header cannot be sent.
      if (part) new Headers({ "if-range": part.validator, range: `bytes=${part.size}-` });
    },
  },
];
