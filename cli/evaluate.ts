import { Command } from "@commander-js/extra-typings";
import { readClassList } from "../lib/data/class_list.ts";
import { type DatasetName, datasetNames } from "../lib/data/open.ts";
import { cifarModelNames, imageNetModelNames } from "../lib/models/model.ts";
import { evaluateCifar, evaluateCifarShard } from "../lib/robustness/evaluate_cifar.ts";
import { evaluateImageNet, evaluateImageNetShard } from "../lib/robustness/evaluate_imagenet.ts";
import { cifarSuiteNames, suiteNames } from "../lib/robustness/suites.ts";
import { imageNetDefaults } from "../lib/train/flags.ts";
import { type EvaluationFlags, evaluationOptions } from "./evaluation_options.ts";
import { integer, oneOf, option, withOptions } from "./options.ts";
import { runEvaluation } from "./run_evaluation.ts";

const notes = `
Ctrl-C keeps what is measured; the same command goes on from there. What each number means is in
docs/evaluation.md, and how several machines share the work in docs/cluster.md.`;

const cifarExample = `
Examples:
  layermix evaluate cifar runs/layermix/best.safetensors --data-path data/cifar-10-batches-bin --suites clean
  layermix evaluate cifar runs/layermix/best.safetensors --data-path data/cifar-10-batches-bin \\
    --suites clean,c,pgd --c-dir data/CIFAR-10-C
${notes}`;

const imageNetExample = `
Examples:
  layermix evaluate imagenet runs/resnet50/best.safetensors --data-val imagenet/val --suites clean,r --imagenet-r-dir imagenet-r
  layermix evaluate imagenet resnet50.pth --model imagenet_resnet50 --data-val val.pack \\
    --suites clean,c,c-bar --imagenet-c-dir imagenet-c --make
${notes}`;

/** `layermix evaluate`: one subcommand per family of data sets. */
export function evaluate() {
  return new Command("evaluate").description("Evaluate a checkpoint.")
    .addCommand(cifar()).addCommand(imageNet());
}

interface CifarFlags extends EvaluationFlags {
  dataset?: DatasetName;
  dataPath?: string;
  cDir?: string;
  cBarDir?: string;
  pDir?: string;
  layers?: number;
  widenFactor?: number;
}

function cifar() {
  const command = new Command("cifar").description(
    "Error, loss and calibration of a checkpoint on CIFAR-10, CIFAR-100 or the built-in shapes, " +
      "and on corrupted, perturbed and attacked versions of them.",
  );
  const own = [
    option(
      "--dataset <name>",
      `${datasetNames.join(", ")} (default: the checkpoint's)`,
      oneOf("the data set", datasetNames),
    ),
    option("--data-path <folder>", "folder of the official files, binary or python"),
    option("--c-dir <folder>", "folder of CIFAR-10-C's or CIFAR-100-C's .npy files, for suite c"),
    option("--c-bar-dir <folder>", "the same of C-bar, for suite c-bar"),
    option("--p-dir <folder>", "the same of P, for suite p"),
  ];
  const family = { suites: cifarSuiteNames, models: cifarModelNames, batchSize: 128 };
  return withOptions<CifarFlags>(command, [...own, ...evaluationOptions(family)])
    .argument("<checkpoint>", "a safetensors or PyTorch file")
    .addHelpText("after", cifarExample)
    .action(async (checkpoint, flags) => {
      const { dataset, dataPath, cDir, cBarDir, pDir, layers, widenFactor } = flags;
      const own = { dataset, dataPath, cDir, cBarDir, pDir, layers, widenFactor };
      const folders = {
        c: { flag: "--c-dir", folder: cDir },
        "c-bar": { flag: "--c-bar-dir", folder: cBarDir },
        p: { flag: "--p-dir", folder: pDir },
      };
      await runEvaluation(checkpoint, flags, folders, (common, shard) => {
        const options = { ...common, ...own };
        return shard ? evaluateCifarShard(options, shard) : evaluateCifar(options);
      });
    });
}

interface ImageNetFlags extends EvaluationFlags {
  dataVal: string;
  imagenetCDir?: string;
  imagenetCBarDir?: string;
  imagenetRDir?: string;
  imagenetADir?: string;
  imagenetPDir?: string;
  classes?: string;
  numClasses?: number;
  side?: number;
  resize?: number;
  workers?: number;
}

function imageNet() {
  const command = new Command("imagenet").description(
    "Error, loss and calibration of a checkpoint on ImageNet, or any folder with a folder of " +
      "pictures for each class, on corrupted, perturbed and attacked versions, and on R and A.",
  );
  const own = [
    option("--data-val <folder>", "test pictures: a folder for each class; or a pack")
      .makeOptionMandatory(),
    option("--imagenet-c-dir <folder>", "ImageNet-C, or a part of it, for suite c"),
    option("--imagenet-c-bar-dir <folder>", "the same of C-bar, for suite c-bar"),
    option("--imagenet-r-dir <folder>", "ImageNet-R, for suite r"),
    option("--imagenet-a-dir <folder>", "ImageNet-A, for suite a"),
    option("--imagenet-p-dir <folder>", "ImageNet-P, for suite p; its videos need ffmpeg"),
    option(
      "--classes <list>",
      "the network's, in order: imagenet-1k, imagenet-200, or a file; for files layermix did not write",
    ),
    option("--num-classes <n>", "classes that the network must have", integer(2, 65_535)),
    option(
      "--side <pixels>",
      `of the pictures the network sees (default: the checkpoint's, or ${imageNetDefaults.side})`,
      integer(16, 1024),
    ),
    option(
      "--resize <pixels>",
      "shorter side of corrupted pictures before the crop; 256 as LayerMix's code (default: the side)",
      integer(16, 8192),
    ),
    option(
      "--workers <n>",
      "threads that decode (default: as many as processors)",
      integer(1, 256),
    ),
  ];
  const batchSize = imageNetDefaults.evalBatchSize;
  const family = { suites: suiteNames, models: imageNetModelNames, batchSize };
  return withOptions<ImageNetFlags>(command, [...own, ...evaluationOptions(family)])
    .argument("<checkpoint>", "a safetensors or PyTorch file")
    .addHelpText("after", imageNetExample)
    .action(async (checkpoint, flags) => {
      const { dataVal, numClasses, side, resize, workers } = flags;
      const { imagenetCDir, imagenetCBarDir, imagenetRDir, imagenetADir, imagenetPDir } = flags;
      const dirs = { imagenetCDir, imagenetCBarDir, imagenetRDir, imagenetADir, imagenetPDir };
      const folders = {
        c: { flag: "--imagenet-c-dir", folder: imagenetCDir },
        "c-bar": { flag: "--imagenet-c-bar-dir", folder: imagenetCBarDir },
        r: { flag: "--imagenet-r-dir", folder: imagenetRDir },
        a: { flag: "--imagenet-a-dir", folder: imagenetADir },
        p: { flag: "--imagenet-p-dir", folder: imagenetPDir },
      };
      await runEvaluation(checkpoint, flags, folders, async (common, shard) => {
        const classes = flags.classes === undefined
          ? undefined
          : await readClassList(flags.classes);
        const own = { dataVal, classes, numClasses, side, resize, workers, ...dirs };
        const options = { ...common, ...own };
        return await (shard ? evaluateImageNetShard(options, shard) : evaluateImageNet(options));
      });
    });
}
