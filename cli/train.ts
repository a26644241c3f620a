import { Command } from "@commander-js/extra-typings";
import { methodNames, methods } from "../lib/augment/methods.ts";
import { precisions } from "../lib/gpu/half.ts";
import { cifarModelNames, models } from "../lib/models/model.ts";
import { cifarDefaults as defaults } from "../lib/train/flags.ts";
import { cifarRecipes, recipeNames } from "../lib/train/recipes.ts";
import { type CifarRunResult, trainCifar } from "../lib/train/run.ts";
import { integer, number, oneOf } from "./options.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { trainingProgress } from "./training_progress.ts";
import { adapterNames } from "./adapter.ts";
import { augmented, shown } from "./augmented.ts";
import { noTune } from "./preparing.ts";

const example = `
Examples:
  layermix train cifar --dataset cifar10 --data-path data/cifar-10-batches-bin --mixing-set data/fractals --save runs/layermix
  layermix train cifar --dataset shapes --mixing-set fractals --layers 10 --widen-factor 1 --epochs 3
  layermix train cifar --recipe augmix-cifar --dataset cifar100 --data-path data/cifar-100-binary --holdout 5000
  layermix train cifar --resume --save runs/layermix

The mixing set is any folder tree of PNG, JPEG and WebP pictures; files that are none are skipped and counted.
Before the first step, what is not known of the adapter yet is timed, for 40 s at most: the fastest
kernels are used, and kept in the user's cache folder. run.json says which; --resume uses these.
Ctrl-C finishes the step, saves, and exits with code 130; --resume goes on with the same bits.`;

/** `layermix train`: one subcommand per family of data sets. */
export function train() {
  return new Command("train").description("Train a network.").addCommand(cifar());
}

function cifar() {
  const { model } = defaults;
  const withJsd = methodNames.filter((name) => methods[name].jsd);
  return augmented("cifar")
    .description(
      "Train on CIFAR-10, CIFAR-100 or the built-in shapes; defaults are the paper's recipe.",
    )
    .option(
      "--model <name>",
      `${cifarModelNames.join(", ")} ${shown(model)}`,
      oneOf("the model", cifarModelNames),
    )
    .option("--layers <n>", `depth of wrn, 6n + 4 ${shown(defaults.layers)}`, integer(1, 1000))
    .option("--widen-factor <n>", `width of wrn ${shown(defaults.widenFactor)}`, integer(1, 64))
    .option(
      "--pretrained <file>",
      "begin with these weights (safetensors, .pth); a classifier of other classes is drawn anew",
    )
    .option(
      "--droprate <p>",
      `dropout of wrn ${shown(defaults.droprate)}, allconv ${shown(models.allconv.dropRate ?? 0)}`,
      number(0, 0.99),
    )
    .option(
      "--jsd",
      `learn from three views of each picture, with AugMix's loss (default: for ${
        withJsd.join(", ")
      })`,
    )
    .option("--no-jsd", "from one view, with cross-entropy")
    .option(
      "--recipe <name>",
      `published settings, which other flags override: ${recipeNames.join(", ")}`,
      oneOf("the recipe", recipeNames),
    )
    .option("--epochs <n>", shown(defaults.epochs), integer(1, 100000))
    .option("--batch-size <n>", shown(defaults.batchSize), integer(1, 1e6))
    .option(
      "--eval-batch-size <n>",
      `at most the batch size ${shown(defaults.evalBatchSize)}`,
      integer(1, 1e6),
    )
    .option(
      "--learning-rate <x>",
      `start of the cosine ${shown(defaults.learningRate)}`,
      number(0, 1000),
    )
    .option(
      "--warmup-epochs <n>",
      `the rate rises for so long first; may be a fraction ${shown(defaults.warmupEpochs)}`,
      number(0, 1000),
    )
    .option("--momentum <x>", `Nesterov ${shown(defaults.momentum)}`, number(0, 0.9999))
    .option(
      "--decay <x>",
      `weight decay, on all parameters ${shown(defaults.decay)}`,
      number(0, 10),
    )
    .option(
      "--label-smoothing <x>",
      `part of each label that is spread over all classes ${shown(defaults.labelSmoothing)}`,
      number(0, 0.99),
    )
    .option(
      "--precision <f32|f16>",
      `what activations and their gradients are stored as; weights, sums and statistics are always ` +
        `f32 ${shown(defaults.precision)}`,
      oneOf("the precision", precisions),
    )
    .option(
      "--accumulate <n>",
      `parts that each batch is made in, to need less memory: equal to the whole but for batch norm's ` +
        `statistics, which are each part's own ${shown(defaults.accumulate)}`,
      integer(1, 1e6),
    )
    .option(
      "--ema-decay <x>",
      `keep and test a moving average of the weights, such as 0.999 ${shown(defaults.emaDecay)}`,
      number(0, 0.999999),
    )
    .option(
      "--holdout <n>",
      `training pictures left out to choose the best epoch by, not the test set ${
        shown(defaults.holdout)
      }`,
      integer(0),
    )
    .option("--seed <n>", shown(defaults.seed), integer(0))
    .option("--save <folder>", "run folder", "runs/cifar")
    .option(
      "--save-every <steps>",
      "checkpoints within an epoch too, every so many steps; 0: at its end only",
      integer(0),
      500,
    )
    .option("--resume", "go on with the run in the folder of --save")
    .option("--force", "resume even with other flags than the run began with")
    .option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames))
    .option("--no-tune", noTune)
    .option("--quiet", "print nothing but errors")
    .option("--json", "print progress and result as JSON lines")
    .addHelpText("after", example)
    .action(
      async ({ save, saveEvery, resume, force, adapter, tune, quiet, json, recipe, ...given }) => {
        const interrupt = new AbortController();
        const ending = listenForInterrupts(interrupt);
        const display = trainingProgress({ quiet, json });
        try {
          const { signal } = interrupt;
          const { observer, note } = display;
          const flags = { ...(recipe ? cifarRecipes[recipe] : {}), ...given };
          const result = await trainCifar({
            flags,
            folder: save,
            saveEvery,
            resume,
            force,
            adapter,
            tune,
            signal,
            observer,
            note,
          });
          display.finish();
          if (!quiet) console.log(json ? JSON.stringify(summary(result)) : conclude(result));
          if (result.interrupted) Deno.exit(130);
        } finally {
          display.finish();
          ending();
        }
      },
    );
}

function summary({ folder, interrupted, progress, last }: CifarRunResult): Record<string, unknown> {
  const { step, epoch, best } = progress;
  return { folder, interrupted, step, epoch, best, test_error: last?.error };
}

function conclude({ folder, interrupted, progress, last, flags }: CifarRunResult): string {
  const percent = (error: number) => `${(100 * error).toFixed(2)} %`;
  const { best, epoch } = progress;
  const lines = [
    interrupted
      ? `Interrupted in epoch ${epoch + 1} of ${flags.epochs}; all is saved.`
      : `Trained ${epoch} ${epoch === 1 ? "epoch" : "epochs"}.`,
  ];
  if (last) lines.push(`test error ${percent(last.error)}`);
  if (best) {
    const where = best.holdout_error === undefined ? "the test set" : "pictures held out";
    lines.push(`best ${percent(best.test_error)} in epoch ${best.epoch} (chosen on ${where})`);
  }
  lines.push(`run folder ${folder}`);
  lines.push(
    interrupted
      ? `go on:     layermix train cifar --resume --save ${folder}`
      : `evaluate:  layermix evaluate cifar ${folder}/last.safetensors${
        flags.dataPath ? ` --data-path ${flags.dataPath}` : ""
      }`,
  );
  return lines.join("\n");
}
