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

const next = `
Next, on real pictures:
  1. unpack the binary version of CIFAR-10 (cifar-10-binary.tar.gz) and collect a folder of fractals
  2. layermix samples --data-path cifar-10-batches-bin --mixing-set fractals-folder --out grid.png
  3. layermix train cifar --data-path cifar-10-batches-bin --mixing-set fractals-folder --save runs/layermix
  4. layermix evaluate cifar runs/layermix/best.safetensors --data-path cifar-10-batches-bin`;

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
      console.log("  samples.png        what training saw\n  results.json       the figures above");
      console.log(
        "  log.csv            a line for each epoch\n  run.json           every setting\n  last.safetensors, best.safetensors",
      );
      console.log(`It took ${((performance.now() - began) / 1000).toFixed(0)} s.\n${next}`);
    });
}
