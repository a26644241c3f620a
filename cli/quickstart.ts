import { join } from "node:path";
import { Command } from "@commander-js/extra-typings";
import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { diagnose } from "../lib/gpu/doctor.ts";
import { drawSamples } from "../lib/report/samples.ts";
import { evaluateCifar } from "../lib/robustness/evaluate_cifar.ts";
import { cifarDefaults } from "../lib/train/flags.ts";
import { trainCifar } from "../lib/train/run.ts";
import { describe } from "./doctor.ts";
import { integer } from "./options.ts";
import { resultsTable } from "./results_table.ts";
import { trainingProgress } from "./training_progress.ts";
import { writeResults } from "./write_results.ts";

/** A network and a recipe small enough for two processor cores. */
const recipe = {
  dataset: "shapes",
  mixingSet: "fractals",
  layers: 10,
  widenFactor: 1,
  droprate: 0,
  batchSize: 64,
} as const;

const written = `\
  samples.png                             what training saw
  results.json, results.csv               the figures above
  log.csv, log.jsonl                      a line for each epoch
  run.json                                every setting
  last.safetensors, best.safetensors      weights, of the last epoch and of the best`;

/** README's way with CIFAR, which a test compares. */
const next = `
Next, on real pictures (where layermix is not a program yet: alias layermix="deno task cli"):
  layermix data get cifar10 --out .
  layermix mixing-set mixing --count 1000 --size 64
  layermix samples --data-path cifar-10-batches-bin --mixing-set mixing --index 0,1,2,3 --out grid.png
  layermix train cifar --dataset cifar10 --data-path cifar-10-batches-bin --mixing-set mixing --save runs/layermix
  layermix evaluate cifar runs/layermix/best.safetensors --data-path cifar-10-batches-bin --suites clean`;

/** `layermix quickstart`: the whole way of a picture in a few minutes, with nothing to download. */
export function quickstart() {
  return new Command("quickstart")
    .description(
      "Train, evaluate and draw a grid on built-in data, in a few minutes, with no download.",
    )
    .option(
      "--save <folder>",
      "where everything goes, a new folder (default: runs/quickstart-<time>)",
    )
    .option("--epochs <n>", "passes over the 4,000 built-in pictures", integer(1, 1000), 8)
    .addHelpText("after", "\nExample:\n  layermix quickstart")
    .action(async ({ save, epochs }) => {
      const folder = save ??
        `runs/quickstart-${new Date().toISOString().slice(0, 19).replace(/[:T]/g, "-")}`;
      const began = performance.now();
      console.log("1. The adapter");
      const diagnosis = await diagnose();
      console.log(describe(diagnosis));
      if (!diagnosis.works) throw new Error(diagnosis.problem);
      console.log(
        "\n2. Train a small Wide ResNet with LayerMix on built-in shapes, mixed with built-in fractals",
      );
      const shown = trainingProgress({});
      const { observer, note } = shown;
      await trainCifar({ flags: { ...recipe, epochs }, folder, observer, note }).finally(
        shown.finish,
      );
      console.log("\n3. Evaluate");
      const checkpoint = join(folder, "last.safetensors");
      const results = await evaluateCifar({ checkpoint, suites: ["clean"], batchSize: 128 });
      await writeResults(join(folder, "results.json"), results);
      console.log(resultsTable(results));
      console.log("\n4. Draw what training saw");
      const { png } = await drawSamples({
        ...cifarDefaults,
        ...recipe,
        indices: [0, 1, 2, 3, 4, 5, 6, 7],
        epoch: 1,
        draws: 4,
      });
      await writeAtomic(join(folder, "samples.png"), png);
      console.log(`Everything is in ${folder}:`);
      console.log(written);
      console.log(`It took ${((performance.now() - began) / 1000).toFixed(0)} s.\n${next}`);
    });
}
