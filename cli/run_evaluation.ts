import { dirname, join } from "node:path";
import { EvaluationInterrupted, type RunOptions } from "../lib/robustness/evaluate.ts";
import type { Results, ShardResults } from "../lib/robustness/results.ts";
import type { SubjectOptions } from "../lib/robustness/subject.ts";
import type { Shard } from "../lib/robustness/units.ts";
import { UsageError } from "./error.ts";
import type { EvaluationFlags } from "./evaluation_options.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { preparationDisplay, type Verbosity } from "./preparing.ts";
import { type Progress, progress } from "./progress.ts";
import { resultsTable } from "./results_table.ts";
import { readShard, shardEnvironment } from "./shard.ts";
import { writeResults } from "./write_results.ts";

/** What the flags that all data sets have in common stand for. */
export type CommonOptions = SubjectOptions & RunOptions;

/** How a data set's pictures are evaluated, as a whole or a shard of it. */
export type Evaluate = (
  options: CommonOptions,
  shard: Shard | undefined,
) => Promise<Results | ShardResults>;

/** Folders of suites that have pictures of their own, by suite. */
export type Folders = Readonly<Record<string, { flag: string; folder?: string }>>;

/** Evaluates as the flags say, prints and writes the results. */
export async function runEvaluation(
  checkpoint: string,
  { out, quiet, json, shard, shardCount, ...flags }: EvaluationFlags,
  folders: Folders,
  evaluate: Evaluate,
): Promise<void> {
  checkFolders(flags, folders);
  const part = shardOf(shard, shardCount);
  const name = part ? `results.shard-${part.index}-of-${part.count}.json` : "results.json";
  const file = out ?? join(dirname(checkpoint), name);
  const partial = `${file.replace(/\.json$/, "")}.partial.jsonl`;
  const { pgdEps, pgdSteps, pgdStepSize, pgdReference, evalBatchSize, ...others } = flags;
  const pgd = {
    eps: pgdEps / 255,
    steps: pgdSteps,
    step_size: pgdStepSize / 255,
    center: pgdReference ? "start" as const : "clean" as const,
  };
  const options = { ...others, checkpoint, partial, pgd, batchSize: evalBatchSize };
  const results = await measure(options, part, { quiet, json }, evaluate);
  // Printed first: figures that took hours must not be lost to a disk that is full.
  if (!quiet) console.log(json ? asJson(results) : asText(results));
  await writeResults(file, results);
  // Another evaluation into the same file may have removed it.
  await Deno.remove(partial).catch(() => {});
  if (!quiet && !json) console.log(`written to ${file}`);
}

/** Refuses suites whose pictures are nowhere; R and A are other pictures, which cannot be made. */
function checkFolders(
  { suites, make, frost }: Pick<EvaluationFlags, "suites" | "make" | "frost">,
  folders: Folders,
): void {
  if (frost !== undefined && !make) throw new UsageError("Cannot use --frost without --make");
  for (const [suite, { flag, folder }] of Object.entries(folders)) {
    if (!suites.some((one) => one === suite) || folder !== undefined) continue;
    const canBeMade = suite !== "r" && suite !== "a";
    if (make && canBeMade) continue;
    const way = canBeMade ? ", or --make" : "";
    throw new UsageError(`Cannot evaluate: suite ${suite} needs ${flag}${way}`);
  }
}

function shardOf(text: string | undefined, count: number | undefined): Shard | undefined {
  if (text !== undefined) return readShard(text, count, shardEnvironment());
  if (count !== undefined) throw new UsageError("Cannot use --shard-count without --shard auto");
}

/** Evaluates, showing how far it is; Ctrl-C ends the process with code 130. */
async function measure(
  options: CommonOptions,
  shard: Shard | undefined,
  verbosity: Verbosity,
  evaluate: Evaluate,
): Promise<Results | ShardResults> {
  const preparation = preparationDisplay(verbosity);
  const interrupt = new AbortController();
  const ending = listenForInterrupts(interrupt, "what is measured is kept");
  let bar: Progress | undefined;
  const told: CommonOptions = {
    ...options,
    signal: interrupt.signal,
    note: preparation.note,
    preparing: preparation.show,
    progress({ done, count, before, suite, name }) {
      preparation.finish();
      bar ??= progress({ total: count, start: before, unit: "pictures", ...verbosity });
      bar.update(done, { suite: name ? `${suite} ${name}` : suite });
    },
  };
  try {
    return await evaluate(told, shard);
  } catch (error) {
    if (!(error instanceof EvaluationInterrupted)) throw error;
    bar?.finish();
    if (!verbosity.quiet) console.error("Interrupted; the same command goes on from here.");
    return Deno.exit(130);
  } finally {
    preparation.finish();
    bar?.finish();
    ending();
  }
}

function asText(results: Results | ShardResults): string {
  if (results.kind === "results") return resultsTable(results);
  const { shard: { index, count }, outcomes } = results;
  return `shard ${index}/${count}: ${Object.keys(outcomes).length} parts measured`;
}

/** Of a shard without what only `layermix merge` reads. */
function asJson(results: Results | ShardResults): string {
  if (results.kind === "results") return JSON.stringify(results);
  const { outcomes: _, ...told } = results;
  return JSON.stringify(told);
}
