import { dirname, join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { datasetNames } from "../lib/data/open.ts";
import { cifarModelNames, modelTitle } from "../lib/models/model.ts";
import { evaluateCifar, type Results, suiteNames } from "../lib/robustness/evaluate_cifar.ts";
import { adapterNames } from "./adapter.ts";
import { integer, listOf, oneOf } from "./options.ts";
import { noTune, preparationDisplay } from "./preparing.ts";
import { type Progress, progress } from "./progress.ts";

const example = `
Example:
  layermix evaluate cifar runs/layermix/best.safetensors --data-path data/cifar-10-batches-bin --suites clean`;

/** `layermix evaluate`: one subcommand per family of data sets. */
export function evaluate() {
  return new Command("evaluate").description("Evaluate a checkpoint.").addCommand(cifar());
}

function cifar() {
  return new Command("cifar")
    .description(
      "Error, loss and calibration of a checkpoint on CIFAR-10, CIFAR-100 or the built-in shapes.",
    )
    .argument("<checkpoint>", "a .safetensors file")
    .option("--suites <names>", suiteNames.join(","), listOf(oneOf("the suite", suiteNames)), [
      "clean" as const,
    ])
    .option(
      "--dataset <name>",
      `${datasetNames.join(", ")} (default: the checkpoint's)`,
      oneOf("the data set", datasetNames),
    )
    .option("--data-path <folder>", "folder of the official files, binary or python")
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
    .option("--out <file>", "where to write (default: results.json beside the checkpoint)")
    .option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames))
    .option("--no-tune", noTune)
    .option("--quiet", "print nothing but errors")
    .option("--json", "print the results as JSON")
    .addHelpText("after", example)
    .action(async (checkpoint, { out, quiet, json, evalBatchSize, tune, ...options }) => {
      const preparation = preparationDisplay({ quiet, json });
      let bar: Progress | undefined;
      const results = await evaluateCifar({
        ...options,
        checkpoint,
        batchSize: evalBatchSize,
        tune,
        note: preparation.note,
        preparing: preparation.show,
        progress({ done, count, suite }) {
          preparation.finish();
          bar ??= progress({ total: count, unit: "pictures", quiet, json });
          bar.update(done, { suite });
        },
      }).finally(() => {
        preparation.finish();
        bar?.finish();
      });
      // Printed first: figures that took minutes must not be lost to a folder that is not there.
      if (!quiet) console.log(json ? JSON.stringify(results) : resultsTable(results));
      const file = out ?? join(dirname(checkpoint), "results.json");
      await writeAtomic(file, `${JSON.stringify(results, null, 2)}\n`);
      if (!quiet && !json) console.log(`written to ${file}`);
    });
}

/** The figures of an evaluation as lines of text, errors in percent. */
export function resultsTable({ model, data, suites }: Results): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  const lines = [`${modelTitle(model)} on ${data.count} test pictures of ${data.dataset}`];
  const { clean } = suites;
  if (clean) {
    lines.push(
      `clean error          ${percent(clean.error)}`,
      `top-5 error          ${percent(clean.top5_error)}`,
      `loss                 ${clean.loss.toFixed(4)}`,
      `RMS calibration      ${percent(clean.rms)}  (as published code counts: ${
        percent(clean.rms_reference)
      })`,
      `MAD calibration      ${percent(clean.mad)}`,
      `AURRA                ${percent(clean.aurra)}`,
      `soft F1              ${percent(clean.soft_f1)}`,
    );
  }
  return lines.join("\n");
}
