import { type MethodName, methodNames, methods } from "../lib/augment/methods.ts";
import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { frameFolder } from "../lib/report/frame_folder.ts";
import { drawSamples } from "../lib/report/samples.ts";
import type { SubjectSize } from "../lib/report/subjects.ts";
import { cifarDefaults as defaults } from "../lib/train/flags.ts";
import { adapterNames } from "./adapter.ts";
import { augmentedCifar, shown } from "./augmented.ts";
import { UsageError } from "./error.ts";
import { integer, listOf, method, oneOf } from "./options.ts";

const example = `
Examples:
  layermix samples --dataset cifar10 --data-path data/cifar-10-batches-bin --mixing-set data/fractals --methods all --index 0,1,2,3 --out grid.png
  layermix samples --images cat.jpg dog.png --size 224 --mixing-set data/fractals --methods layermix,augmix --explain
  layermix samples --dataset shapes --mixing-set fractals --index 7 --seed 7 --epoch 3 --draws 1 --frames stages

Each picture is, pixel for pixel, what training with that seed sees in that epoch (but for the
built-in fractals, where pictures are not 32 x 32). A setting that is not given is each method's
own. Methods that mix the pictures of a batch, here mix those shown.`;

const sizeOf = integer(1, 4096);

/** `layermix samples`: a picture of what training sees. */
export function samples() {
  return augmentedCifar("samples")
    .description(
      "Draw a labelled grid: originals, the pictures mixed in, and augmented pictures as training sees them.",
    )
    .option("--methods <names>", "several methods, one column each: a list, or all", methodList)
    .option("--index <numbers>", `numbers of training pictures ${shown("0,1,2,3")}`, indexList)
    .option("--images <files...>", "picture files (PNG, JPEG, WebP) instead of a data set")
    .option(
      "--size <pixels>",
      `files are resized and cut to squares of this side; own: left as they are ${shown(224)}`,
      (text): SubjectSize => text === "own" ? text : sizeOf(text),
    )
    .option("--seed <n>", "as in training", integer(0), defaults.seed)
    .option("--epoch <n>", "the first epoch shown, from 1", integer(1), 1)
    .option(
      "--draws <n>",
      "how many epochs are shown (default: 4 for one method, 2 for several)",
      integer(1, 32),
    )
    .option("--scale <n>", "enlargement (default: what is easy to see)", integer(1, 16))
    .option("--out <file>", "PNG to write", "samples.png")
    .option(
      "--explain [as]",
      `print what happened to each picture: ${explanations.join(", ")} ${shown("text")}`,
      oneOf("the form of explanations", explanations),
    )
    .option("--frames <folder>", "a new or empty folder for every stage of each picture, as PNG")
    .option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames))
    .addHelpText("after", example)
    .action(async ({ out, explain, frames, index, methods: several, method: one, ...options }) => {
      check({ ...options, index, several, one });
      const method = several === "all" ? allMethods(options.mixingSet) : several ?? one;
      const isOne = method === undefined || typeof method === "string" || method.length === 1;
      const folder = frames === undefined ? undefined : await frameFolder(frames);
      const drawn = await drawSamples({
        ...options,
        method: method ?? defaults.method,
        dataset: options.dataset ?? defaults.dataset,
        indices: index ?? [0, 1, 2, 3],
        draws: options.draws ?? (isOne ? 4 : 2),
        frame: folder?.write,
      });
      await writeAtomic(out, drawn.png);
      for (const draw of explain ? drawn.draws : []) {
        console.log(drawn.explain(draw, explain === "json" ? "json" : "text"));
      }
      console.error(`written to ${out}`);
      if (folder) console.error(`${folder.count} frames written to ${frames}`);
    });
}

const explanations = ["text", "json"] as const;
const indexList = listOf(integer(0));
const names = listOf(method);

function methodList(text: string): MethodName[] | "all" {
  return text === "all" ? text : [...new Set(names(text))];
}

/** All methods that can do without a mixing set where there is none. */
function allMethods(mixingSet: string | undefined): MethodName[] {
  const left = mixingSet ? [] : methodNames.filter((name) => methods[name].mixing);
  if (left.length > 0) console.error(`without --mixing-set, left out: ${left.join(", ")}`);
  return methodNames.filter((name) => !left.includes(name));
}

/** Refuses flags that exclude each other. */
function check(
  given: Partial<
    Record<"images" | "dataset" | "dataPath" | "index" | "size" | "several" | "one", unknown>
  >,
): void {
  const refuse = (flag: string, other: string) => {
    throw new UsageError(`Cannot use ${flag} with ${other}: expected one of them`);
  };
  if (given.several && given.one) refuse("--methods", "--method");
  if (given.images && given.dataset) refuse("--images", "--dataset");
  if (given.images && given.dataPath) refuse("--images", "--data-path");
  if (given.images && given.index) refuse("--images", "--index");
  if (given.size && !given.images) {
    throw new UsageError("Cannot use --size: expected picture files, given with --images");
  }
}
