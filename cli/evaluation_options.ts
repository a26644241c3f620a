import type { Option } from "commander";
import { type ModelName, models } from "../lib/models/model.ts";
import { pgdDefaults } from "../lib/robustness/pgd.ts";
import type { SuiteName } from "../lib/robustness/suites.ts";
import { adapterNames } from "./adapter.ts";
import { integer, listOf, number, oneOf, option } from "./options.ts";
import { noTune } from "./preparing.ts";

/** What the families of data sets differ in. */
export interface EvaluationFamily {
  suites: readonly SuiteName[];
  models: readonly ModelName[];
  /** Pictures at once. */
  batchSize: number;
}

/** The flags of evaluation that all data sets have in common. */
export interface EvaluationFlags {
  suites: SuiteName[];
  make?: true;
  frost?: string;
  difficulty: number;
  pgdEps: number;
  pgdSteps: number;
  pgdStepSize: number;
  pgdReference?: true;
  seed: number;
  shard?: string;
  shardCount?: number;
  model?: ModelName;
  weights: "averaged" | "trained";
  evalBatchSize: number;
  out?: string;
  adapter?: typeof adapterNames[number];
  tune: boolean;
  quiet?: true;
  json?: true;
}

/** The options of `EvaluationFlags`. */
export function evaluationOptions(family: EvaluationFamily): Option[] {
  const { suites, models: names, batchSize } = family;
  return [
    option("--suites <names>", suites.join(","), listOf(oneOf("the suite", suites)), [
      "clean" as SuiteName,
    ]),
    option("--make", "corrupt the test pictures of suites without a folder, by --seed; slower"),
    option("--frost <folder>", "of --make: the published frost1.png … frost5.jpg"),
    option("--difficulty <n>", "of suite p: 1 to 3", integer(1, 3), 1),
    ...attackOptions(),
    option("--seed <n>", "of the attack's start, of resamples, and of --make", integer(0), 1),
    option(
      "--shard <i/n>",
      "measure one of n parts, 0/n to n-1/n; auto: that of the Slurm array or Kubernetes job",
    ),
    option("--shard-count <n>", "n, for --shard auto in a Kubernetes job", integer(1, 100_000)),
    option(
      "--model <name>",
      `${names.join(", ")}, for files layermix did not write`,
      oneOf("the model", names),
    ),
    ...(names.some((name) => models[name].sizes) ? sizeOptions() : []),
    option(
      "--weights <which>",
      "averaged: the moving average, where there is one; trained: the weights themselves",
      oneOf("the weights", ["averaged", "trained"] as const),
      "averaged" as const,
    ),
    option("--eval-batch-size <n>", "pictures at once", integer(1, 1e6), batchSize),
    option(
      "--out <file>",
      "where to write, with a .csv beside it (default: results.json beside the checkpoint)",
    ),
    option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames)),
    option("--no-tune", noTune),
    option("--quiet", "print nothing but errors"),
    option("--json", "print the results as JSON"),
  ];
}

function attackOptions(): Option[] {
  const { eps, steps, step_size } = pgdDefaults;
  return [
    option("--pgd-eps <n>", "largest change, in 255ths", number(0, 255), 255 * eps),
    option("--pgd-steps <n>", "steps of the attack", integer(0, 100_000), steps),
    option("--pgd-step-size <n>", "of each, in 255ths", number(0, 255), 255 * step_size),
    option(
      "--pgd-reference",
      "attack as published code does, around the noisy start: changes of up to twice --pgd-eps",
    ),
  ];
}

function sizeOptions(): Option[] {
  return [
    option("--layers <n>", "depth of wrn, for files layermix did not write", integer(1, 1000)),
    option("--widen-factor <n>", "width of wrn, for files layermix did not write", integer(1, 64)),
  ];
}
