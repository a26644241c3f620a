import { Command } from "@commander-js/extra-typings";
import { cifarModelNames, imageNetModelNames, models } from "../lib/models/model.ts";
import {
  cifarDefaults,
  completed,
  imageNetDefaults,
  settingsOf,
  type TrainFlags,
} from "../lib/train/flags.ts";
import {
  cifarRecipes,
  imageNetRecipes,
  type RecipeName,
  withRecipe,
} from "../lib/train/recipes.ts";
import { type RunOptions, type RunResult, trainCifar, trainImageNet } from "../lib/train/run.ts";
import { augmentedCifar, augmentedImageNet, checkSettings, shown } from "./augmented.ts";
import { UsageError } from "./error.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { integer, number, withOptions } from "./options.ts";
import { trainingOptions } from "./training_options.ts";
import { trainingProgress } from "./training_progress.ts";

const notes = `
The mixing set is any folder tree of PNG, JPEG and WebP pictures, or a pack; files that are none are skipped and counted.
Before the first step, what is not known of the adapter yet is timed, for 40 s at most: the fastest
kernels are used, and kept in the user's cache folder. run.json says which; --resume uses these.
Ctrl-C finishes the step, saves, and exits with code 130; --resume goes on with the same bits.`;

const cifarExample = `
Examples:
  layermix train cifar --dataset cifar10 --data-path data/cifar-10-batches-bin --mixing-set data/fractals --save runs/layermix
  layermix train cifar --dataset shapes --mixing-set fractals --layers 10 --widen-factor 1 --epochs 3
  layermix train cifar --recipe augmix-cifar --dataset cifar100 --data-path data/cifar-100-binary --holdout 5000
  layermix train cifar --resume --save runs/layermix
${notes}`;

const imageNetExample = `
Examples:
  layermix train imagenet --data-standard imagenet/train --data-val imagenet/val --num-classes 200 --mixing-set data/fractals --pretrained resnet50.pth --save runs/resnet50
  layermix train imagenet --data-standard train --data-val val --model imagenet_resnet18 --side 64 --batch-size 32 --method baseline
  layermix train imagenet --resume --save runs/resnet50
${notes}`;

/** `layermix train`: one subcommand per family of data sets. */
export function train() {
  return new Command("train").description("Train a network.")
    .addCommand(cifar()).addCommand(imageNet());
}

function cifar() {
  const defaults = cifarDefaults;
  const command = augmentedCifar("cifar")
    .description(
      "Train on CIFAR-10, CIFAR-100 or the built-in shapes; defaults are the paper's recipe.",
    )
    .option("--layers <n>", `depth of wrn, 6n + 4 ${shown(defaults.layers)}`, integer(1, 1000))
    .option("--widen-factor <n>", `width of wrn ${shown(defaults.widenFactor)}`, integer(1, 64))
    .option(
      "--droprate <p>",
      `dropout of wrn ${shown(defaults.droprate)}, allconv ${shown(models.allconv.dropRate ?? 0)}`,
      number(0, 0.99),
    );
  const recipes = Object.keys(cifarRecipes) as (keyof typeof cifarRecipes)[];
  const common = { defaults, models: cifarModelNames, recipes, save: "runs/cifar" };
  return withOptions<RunFlags>(command, trainingOptions(common))
    .addHelpText("after", cifarExample)
    .action((options) => run(trainCifar, options));
}

function imageNet() {
  const command = augmentedImageNet("imagenet")
    .description(
      "Train on ImageNet, or on any folder with a folder of pictures for each class; defaults are the paper's recipe.",
    )
    .option(
      "--workers <n>",
      "threads that decode (default: as many as processors)",
      integer(1, 256),
    );
  const [defaults, models] = [imageNetDefaults, imageNetModelNames];
  const recipes = Object.keys(imageNetRecipes) as (keyof typeof imageNetRecipes)[];
  const common = { defaults, models, recipes, save: "runs/imagenet" };
  return withOptions<RunFlags>(command, trainingOptions(common))
    .addHelpText("after", imageNetExample)
    .action((options) => run(trainImageNet, options));
}

interface RunFlags
  extends Partial<TrainFlags>, Pick<RunOptions, "saveEvery" | "force" | "adapter" | "workers"> {
  save: string;
  mixingMemory?: number;
  resume?: true;
  tune: boolean;
  recipe?: RecipeName;
  quiet?: true;
  json?: true;
}

async function run(
  train: (options: RunOptions) => Promise<RunResult>,
  { save, saveEvery, resume, force, adapter, workers, mixingMemory, ...others }: RunFlags,
): Promise<void> {
  const { tune, recipe, quiet, json, ...given } = others;
  const flags = recipe ? withRecipe(recipe, given) : given;
  if (!resume) check(train === trainImageNet ? { ...flags, dataset: "imagenet" } : flags, force);
  const interrupt = new AbortController();
  const ending = listenForInterrupts(interrupt);
  const display = trainingProgress({ quiet, json });
  try {
    const { signal } = interrupt;
    const { observer, note } = display;
    const result = await train({
      ...{ flags, folder: save, saveEvery, resume, force, adapter, workers, tune },
      mixingMemory: mixingMemory === undefined ? undefined : mixingMemory * 2 ** 20,
      ...{ signal, observer, note },
    });
    display.finish();
    if (!quiet) console.log(json ? JSON.stringify(summary(result)) : conclude(result));
    if (result.interrupted) Deno.exit(130);
  } finally {
    display.finish();
    ending();
  }
}

/** Refuses, before any file is read, what no data could put right. */
function check(flags: Partial<TrainFlags>, force?: boolean): void {
  if (force) throw new UsageError("Cannot use --force without --resume: it is for runs that go on");
  const all = completed(flags);
  checkSettings(all.method, flags);
  try {
    settingsOf(all, 1);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function summary({ folder, interrupted, progress, last }: RunResult): Record<string, unknown> {
  const { step, epoch, best } = progress;
  return { folder, interrupted, step, epoch, best, test_error: last?.error };
}

function conclude({ folder, interrupted, progress, last, flags }: RunResult): string {
  const percent = (error: number) => `${(100 * error).toFixed(2)} %`;
  const { best, epoch } = progress;
  const isLarge = flags.dataset === "imagenet", family = isLarge ? "imagenet" : "cifar";
  const path = isLarge ? flags.dataVal : flags.dataPath;
  const place = path ? ` --data-${isLarge ? "val" : "path"} ${path}` : "";
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
      ? `go on:     layermix train ${family} --resume --save ${folder}`
      : `evaluate:  layermix evaluate ${family} ${folder}/last.safetensors${place}`,
  );
  return lines.join("\n");
}
