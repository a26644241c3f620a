import type { Option } from "commander";
import { methodNames, methods } from "../lib/augment/methods.ts";
import { MIXING_BYTES } from "../lib/augment/mixing.ts";
import { precisions } from "../lib/gpu/half.ts";
import type { ModelName } from "../lib/models/model.ts";
import type { TrainFlags } from "../lib/train/flags.ts";
import type { RecipeName } from "../lib/train/recipes.ts";
import { adapterNames } from "./adapter.ts";
import { shown } from "./augmented.ts";
import { integer, number, oneOf, option } from "./options.ts";
import { noTune } from "./preparing.ts";

/** What the families of data sets differ in. */
export interface Family {
  defaults: TrainFlags;
  models: readonly ModelName[];
  recipes: readonly RecipeName[];
  /** The run folder by default. */
  save: string;
}

/** The flags of training that all data sets have in common. */
export function trainingOptions({ defaults, models, recipes, save }: Family): Option[] {
  const withJsd = methodNames.filter((name) => methods[name].jsd);
  return [
    option(
      "--model <name>",
      `${models.join(", ")} ${shown(defaults.model)}`,
      oneOf("the model", models),
    ),
    option(
      "--pretrained <file>",
      "begin with these weights (safetensors, .pth); a classifier of other classes is drawn anew",
    ),
    option(
      "--jsd",
      `learn from three views of each picture, with AugMix's loss (default: for ${
        withJsd.join(", ")
      })`,
    ),
    option("--no-jsd", "from one view, with cross-entropy"),
    option(
      "--recipe <name>",
      `published settings, which other flags override: ${recipes.join(", ")}`,
      oneOf("the recipe", recipes),
    ),
    option("--epochs <n>", shown(defaults.epochs), integer(1, 100000)),
    option("--batch-size <n>", shown(defaults.batchSize), integer(1, 1e6)),
    option(
      "--eval-batch-size <n>",
      `at most the batch size ${shown(defaults.evalBatchSize)}`,
      integer(1, 1e6),
    ),
    option(
      "--learning-rate <x>",
      `start of the cosine ${shown(defaults.learningRate)}`,
      number(0, 1000),
    ),
    option(
      "--warmup-epochs <n>",
      `the rate rises for so long first; may be a fraction ${shown(defaults.warmupEpochs)}`,
      number(0, 1000),
    ),
    option("--momentum <x>", `Nesterov ${shown(defaults.momentum)}`, number(0, 0.9999)),
    option(
      "--decay <x>",
      `weight decay, on all parameters ${shown(defaults.decay)}`,
      number(0, 10),
    ),
    option(
      "--label-smoothing <x>",
      `part of each label that is spread over all classes ${shown(defaults.labelSmoothing)}`,
      number(0, 0.99),
    ),
    option(
      "--precision <f32|f16>",
      `what activations and their gradients are stored as; weights, sums and statistics are always ` +
        `f32 ${shown(defaults.precision)}`,
      oneOf("the precision", precisions),
    ),
    option(
      "--accumulate <n>",
      `parts that each batch is made in, to need less memory: equal to the whole but for batch norm's ` +
        `statistics, which are each part's own ${shown("as few as fit")}`,
      integer(1, 1e6),
    ),
    option(
      "--ema-decay <x>",
      `keep and test a moving average of the weights, such as 0.999 ${shown(defaults.emaDecay)}`,
      number(0, 0.999999),
    ),
    option(
      "--holdout <n>",
      `training pictures left out to choose the best epoch by, not the test set ${
        shown(defaults.holdout)
      }`,
      integer(0),
    ),
    option("--seed <n>", shown(defaults.seed), integer(0)),
    option("--save <folder>", "run folder", String, save),
    option(
      "--save-every <steps>",
      "checkpoints within an epoch too, every so many steps; 0: at its end only",
      integer(0),
      500,
    ),
    option("--resume", "go on with the run in the folder of --save"),
    option("--force", "resume even with other flags than the run began with"),
    option(
      "--mixing-memory <MiB>",
      `of the GPU for mixing pictures; a larger set is read when needed, with the same results ${
        shown(MIXING_BYTES / 2 ** 20)
      }`,
      integer(0, 2 ** 20),
    ),
    option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames)),
    option("--no-tune", noTune),
    option("--quiet", "print nothing but errors"),
    option("--json", "print progress and result as JSON lines"),
  ];
}
