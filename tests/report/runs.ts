import { join } from "node:path";
import type { Answers } from "../../lib/robustness/classification.ts";
import { pgdDefaults } from "../../lib/robustness/pgd.ts";
import type { Results } from "../../lib/robustness/results.ts";
import type { SourceDescriptions } from "../../lib/robustness/source.ts";
import { cifarSuiteNames, type SuiteName } from "../../lib/robustness/suites.ts";
import { summarize } from "../../lib/robustness/summary.ts";
import { keyOf, type Unit, unitsOf } from "../../lib/robustness/units.ts";
import { completeSources } from "../robustness/outcomes.ts";

/** What is told of results that are made up; the rest is the same in all. */
export interface MadeResults {
  method?: string | null;
  model?: string;
  seed?: number | null;
  /** All by default. */
  suites?: readonly SuiteName[];
  dataset?: string;
  classes?: number;
  count?: number;
  /** Of the test set. */
  fingerprint?: string;
  /** Corruptions of C that are not there. */
  missing?: readonly string[];
  settings?: Record<string, unknown>;
  adapter?: string;
  notes?: string[];
  checkpoint?: string;
  /** The share of wrong answers, in 0..1. */
  wrong?: (unit: Unit) => number;
}

/** The share of wrong answers where nothing is said: more at a higher severity. */
export const moreBySeverity = ({ severity }: Unit) => 0.1 + 0.1 * severity;

/** Results as `layermix evaluate` would write them, of answers that are made up. */
export function madeResults(made: MadeResults = {}): Results {
  const {
    method = "layermix",
    model = "WRN-10-1",
    seed = 1,
    suites = cifarSuiteNames,
    count = 100,
    dataset = "cifar10",
    classes = 10,
    fingerprint = "ab".repeat(32),
    missing = [],
    settings = {},
    adapter = "test adapter",
    notes = [],
    wrong = moreBySeverity,
    checkpoint = "best.safetensors",
  } = made;
  const options = { suites: [...suites], seed: 0, difficulty: 1, pgd: pgdDefaults };
  const sources = sourcesOf(suites, count, missing);
  const outcomes = new Map(
    unitsOf({ suites: options.suites, count, sources }).map((unit) =>
      [keyOf(unit), unit.suite === "p" ? flips(wrong(unit)) : answers(unit, wrong(unit))] as const
    ),
  );
  const sha256 = hexadecimal(JSON.stringify([method, model, seed, settings, checkpoint, dataset]));
  const network = { name: "wrn" as const, layers: 10, widenFactor: 1, dropRate: 0.3, classes };
  const header = { settings: { method, epochs: 2, ...settings, seed } };
  return {
    ...{ schema: 2, layermix: "0.1.0", kind: "results", notes, date: "2026-01-02T03:04:05.000Z" },
    measured: {
      ...{ model, weights: "averaged", checkpoint_sha256: sha256, method, ops: null, jsd: false },
      ...{ gray_mixing: null, epochs: 2, seed, alexnet_errors: "ImageNet-C" },
    },
    checkpoint: {
      ...{ file: checkpoint, sha256 },
      header: header as unknown as Results["checkpoint"]["header"],
    },
    ...{ model: network, adapter: { name: adapter, software: true }, tuning: null },
    data: { dataset, path: "data", count, fingerprint, missing: [] },
    ...{ sources, options },
    ...summarize({ options, count, sources, outcomes }),
  } as Results;
}

function sourcesOf(
  suites: readonly SuiteName[],
  count: number,
  missing: readonly string[],
): SourceDescriptions {
  const all = completeSources(count);
  all.c.found = all.c.found.filter(({ name }) => !missing.includes(name));
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => suites.includes(name as SuiteName)),
  );
}

/** Answers of which the first so many of each hundred are wrong, and which are too sure of it. */
function answers({ first, count }: Unit, wrong: number): Answers {
  const rank = (i: number) => (37 * (first + i)) % 100 / 100;
  return {
    ...{ count, missed5: 0, loss_sum: count * wrong },
    confidence: Float64Array.from(
      { length: count },
      (_, i) => Math.min(0.999, 0.3 + 0.75 * rank(i) ** 0.5),
    ),
    correct: Uint8Array.from({ length: count }, (_, i) => Number(rank(i) >= wrong)),
  };
}

function flips(share: number) {
  return { pairs: 1000, flips: Math.round(1000 * share), top5_distance: 12, zipf_distance: 0.7 };
}

/** 64 digits that differ where the text does. */
function hexadecimal(text: string): string {
  let hash = 7n;
  for (const character of text) {
    hash = (hash * 1099511628211n + BigInt(character.codePointAt(0)!)) & ((1n << 256n) - 1n);
  }
  return hash.toString(16).padStart(64, "0");
}

/** What a run folder holds; the parts that are not given are not there. */
export interface MadeRun {
  description?: Record<string, unknown>;
  log?: Record<string, unknown>[];
  /** By file name. */
  results?: Record<string, unknown>;
  files?: Record<string, Uint8Array<ArrayBuffer> | string>;
}

/** Writes a run folder. */
export async function writeRun(folder: string, made: MadeRun): Promise<string> {
  const { description, log, results = {}, files = {} } = made;
  await Deno.mkdir(folder, { recursive: true });
  const write = (name: string, text: string) => Deno.writeTextFile(join(folder, name), text);
  if (description) await write("run.json", JSON.stringify(description));
  if (log) await write("log.jsonl", log.map((line) => `${JSON.stringify(line)}\n`).join(""));
  for (const [name, content] of Object.entries(results)) await write(name, JSON.stringify(content));
  for (const [name, content] of Object.entries(files)) {
    if (typeof content === "string") await write(name, content);
    else await Deno.writeFile(join(folder, name), content);
  }
  return folder;
}

/** A `run.json` of a method and a seed. */
export function madeDescription(
  { method = "layermix", seed = 1, ...settings }: Record<string, unknown> = {},
): Record<string, unknown> {
  const shape = { name: "wrn", layers: 10, widenFactor: 1, dropRate: 0.3, classes: 10 };
  return {
    flags: { method, seed, epochs: 2, ...settings },
    settings: { model: shape, method, seed, epochs: 2, ...settings },
    versions: { layermix: "0.1.0", deno: "2.9.6" },
    adapter: { name: "test adapter", software: true },
    tuning: null,
    data: {
      train: { name: "cifar10", count: 100, fingerprint: "cd".repeat(32) },
      test: { name: "cifar10", count: 20, fingerprint: "ab".repeat(32) },
    },
    best_chosen_on: "test",
    started: "2026-01-02T03:04:05.000Z",
  };
}

/** A `log.jsonl` of so many epochs. */
export function madeLog(epochs: number, rate = 0.5): Record<string, unknown>[] {
  return Array.from({ length: epochs }, (_, i) => ({
    ...{ epoch: i + 1, seconds: 1, train_loss: 2.3 * rate ** (i / 4), train_error: 0.5 },
    ...{ test_loss: 2 * rate ** (i / 5), test_error: 0.1 + 0.6 * rate ** (i / 3) },
  }));
}

/** Text that would run, leave its element, or turn others around, were it markup. */
export const hostile =
  `"><script>window.ran=1</script><img src=x onerror="window.ran=1">'\u202e\u0007`;

/** Writes runs whose every name and text is hostile; the names of their folders. */
export async function hostileRuns(folder: string): Promise<string[]> {
  const results = madeResults({
    method: hostile,
    model: hostile,
    dataset: hostile,
    notes: [hostile],
  });
  results.suites.c!.rows.forEach((row, i) => row.corruption = `${i % 15} ${hostile}</style>`);
  Object.assign(results.adapter, { name: hostile });
  results.sources.c!.pictures = hostile;
  await writeRun(join(folder, "a"), {
    description: {
      ...madeDescription({ method: hostile }),
      [hostile]: hostile,
      versions: { [hostile]: hostile },
    },
    log: madeLog(2),
    results: { "results.json": results },
  });
  const other = madeResults({ method: "=1+1", dataset: hostile, settings: { [hostile]: hostile } });
  await writeRun(join(folder, "b</style>"), { results: { "results.json": other } });
  return ["a", "b</style>"];
}
