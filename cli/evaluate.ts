import { dirname, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { datasetNames } from "../lib/data/open.ts";
import { cifarModelNames } from "../lib/models/model.ts";
import {
  evaluateCifar,
  evaluateCifarShard,
  type EvaluateOptions,
} from "../lib/robustness/evaluate_cifar.ts";
import { EvaluationInterrupted } from "../lib/robustness/evaluate.ts";
import { pgdDefaults } from "../lib/robustness/pgd.ts";
import type { Results, ShardResults } from "../lib/robustness/results.ts";
import { cifarSuiteNames } from "../lib/robustness/suites.ts";
import type { Shard } from "../lib/robustness/units.ts";
import { adapterNames } from "./adapter.ts";
import { UsageError } from "./error.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { integer, listOf, number, oneOf } from "./options.ts";
import { noTune, preparationDisplay, type Verbosity } from "./preparing.ts";
import { type Progress, progress } from "./progress.ts";
import { resultsTable } from "./results_table.ts";
import { readShard } from "./shard.ts";
import { writeResults } from "./write_results.ts";

const example = `
Examples:
  layermix evaluate cifar runs/layermix/best.safetensors --data-path data/cifar-10-batches-bin --suites clean
  layermix evaluate cifar runs/layermix/best.safetensors --data-path data/cifar-10-batches-bin \\
    --suites clean,c,pgd --c-dir data/CIFAR-10-C

Ctrl-C keeps what is measured; the same command goes on from there. What each number means is in
docs/evaluation.md, and how several machines share the work in docs/cluster.md.`;

/** `layermix evaluate`: one subcommand per family of data sets. */
export function evaluate() {
  return new Command("evaluate").description("Evaluate a checkpoint.").addCommand(cifar());
}

function cifar() {
  return new Command("cifar")
    .description(
      "Error, loss and calibration of a checkpoint on CIFAR-10, CIFAR-100 or the built-in shapes, " +
        "and on corrupted, perturbed and attacked versions of them.",
    )
    .argument("<checkpoint>", "a safetensors or PyTorch file")
    .option(
      "--suites <names>",
      cifarSuiteNames.join(","),
      listOf(oneOf("the suite", cifarSuiteNames)),
      [
        "clean" as const,
      ],
    )
    .option(
      "--dataset <name>",
      `${datasetNames.join(", ")} (default: the checkpoint's)`,
      oneOf("the data set", datasetNames),
    )
    .option("--data-path <folder>", "folder of the official files, binary or python")
    .option("--c-dir <folder>", "folder of CIFAR-10-C's or CIFAR-100-C's .npy files, for suite c")
    .option("--c-bar-dir <folder>", "the same of C-bar, for suite c-bar")
    .option("--p-dir <folder>", "the same of P, for suite p")
    .option("--make", "corrupt the test pictures of suites without a folder, by --seed; slower")
    .option("--frost <folder>", "of --make: the published frost1.png … frost5.jpg")
    .option("--difficulty <n>", "of suite p: 1 to 3", integer(1, 3), 1)
    .option("--pgd-eps <n>", "largest change, in 255ths", number(0, 255), 255 * pgdDefaults.eps)
    .option("--pgd-steps <n>", "steps of the attack", integer(0, 100_000), pgdDefaults.steps)
    .option(
      "--pgd-step-size <n>",
      "of each, in 255ths",
      number(0, 255),
      255 * pgdDefaults.step_size,
    )
    .option(
      "--pgd-reference",
      "attack as published code does, around the noisy start: changes of up to twice --pgd-eps",
    )
    .option("--seed <n>", "of the attack's start, of resamples, and of --make", integer(0), 1)
    .option(
      "--shard <i/n>",
      "measure one of n parts, 0/n to n-1/n; auto: that of the Slurm array or Kubernetes job",
    )
    .option("--shard-count <n>", "n, for --shard auto in a Kubernetes job", integer(1, 100_000))
    .option(
      "--model <name>",
      `${cifarModelNames.join(", ")}, for files layermix did not write`,
      oneOf("the model", cifarModelNames),
    )
    .option("--layers <n>", "depth of wrn, for files layermix did not write", integer(1, 1000))
    .option("--widen-factor <n>", "width of wrn, for files layermix did not write", integer(1, 64))
    .option(
      "--weights <which>",
      "averaged: the moving average, where there is one; trained: the weights themselves",
      oneOf("the weights", ["averaged", "trained"] as const),
      "averaged" as const,
    )
    .option("--eval-batch-size <n>", "pictures at once", integer(1, 1e6), 128)
    .option(
      "--out <file>",
      "where to write, with a .csv beside it (default: results.json beside the checkpoint)",
    )
    .option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames))
    .option("--no-tune", noTune)
    .option("--quiet", "print nothing but errors")
    .option("--json", "print the results as JSON")
    .addHelpText("after", example)
    .action(async (checkpoint, { out, quiet, json, shard, shardCount, ...flags }) => {
      checkFolders(flags);
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
      const results = await measure(options, part, { quiet, json });
      // Printed first: figures that took hours must not be lost to a disk that is full.
      if (!quiet) console.log(json ? asJson(results) : asText(results));
      await writeResults(file, results);
      await Deno.remove(partial);
      if (!quiet && !json) console.log(`written to ${file}`);
    });
}

const folders = { c: "cDir", "c-bar": "cBarDir", p: "pDir" } as const;

/** Refuses suites whose pictures are nowhere. */
function checkFolders(
  { suites, make, frost, ...flags }: Pick<
    EvaluateOptions,
    "suites" | "make" | "frost" | typeof folders[keyof typeof folders]
  >,
): void {
  if (frost !== undefined && !make) throw new UsageError("Cannot use --frost without --make");
  for (const suite of ["c", "c-bar", "p"] as const) {
    if (make || !suites.includes(suite) || flags[folders[suite]] !== undefined) continue;
    throw new UsageError(`Cannot evaluate: suite ${suite} needs --${suite}-dir, or --make`);
  }
}

function shardOf(text: string | undefined, count: number | undefined): Shard | undefined {
  if (text !== undefined) return readShard(text, count, Deno.env.toObject());
  if (count !== undefined) throw new UsageError("Cannot use --shard-count without --shard auto");
}

/** Evaluates, showing how far it is; Ctrl-C ends the process with code 130. */
async function measure(
  options: EvaluateOptions,
  shard: Shard | undefined,
  verbosity: Verbosity,
): Promise<Results | ShardResults> {
  const preparation = preparationDisplay(verbosity);
  const interrupt = new AbortController();
  const ending = listenForInterrupts(interrupt, "what is measured is kept");
  let bar: Progress | undefined;
  const told: EvaluateOptions = {
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
    return await (shard ? evaluateCifarShard(told, shard) : evaluateCifar(told));
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
