import { Command, Option } from "@commander-js/extra-typings";
import { type DatasetName, datasetNames } from "../lib/data/open.ts";
import { scaleOf } from "../lib/robustness/corruptions/corrupt_batch.ts";
import type { Scale, Severity } from "../lib/robustness/corruptions/corruption.ts";
import {
  type CorruptOptions,
  type CorruptResult,
  makeCorruptions,
} from "../lib/robustness/corruptions/make_corruptions.ts";
import {
  corruptions,
  type CorruptionSelection,
  corruptionSuites,
  type SuiteName,
  suites,
} from "../lib/robustness/corruptions/suites.ts";
import { counted } from "./counted.ts";
import { UsageError } from "./error.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { integer, listOf, oneOf } from "./options.ts";
import { formatSeconds, type Progress, progress } from "./progress.ts";

const example = `
Examples:
  layermix corrupt c --dataset cifar10 --data-path cifar-10-batches-bin --out cifar-10-c
  layermix corrupt c --images imagenet/val --out imagenet-c --format jpeg --frost frost
  layermix corrupt c --dataset shapes --count 100 --corruptions fog,snow --severities 5 --out foggy
  layermix corrupt c-bar --dataset cifar10 --data-path cifar-10-batches-bin --out cifar-10-c-bar
  layermix corrupt p --dataset cifar10 --data-path cifar-10-batches-bin --out cifar-10-p

The first writes CIFAR-10-C's layout, the second ImageNet-C's, the last CIFAR-10-P's: an array of
(pictures, frames, height, width, 3). Of p, --severities 2 and 3 have harder noises. The same seed
gives the same bits on every machine. Ctrl-C leaves whole files only; the same command goes on.`;

/** How many files that are no pictures are named. */
const SHOWN = 20;
const selections = ["test", "validation", "all"] as const;

/** `layermix corrupt`: robustness benchmarks of one's own pictures. */
export function corrupt() {
  return new Command("corrupt")
    .description(
      "Write the pictures of a data set or folder corrupted, as C, C-bar and P are.",
    )
    .argument("<suite>", corruptionSuites.join(", "), oneOf("the suite", corruptionSuites))
    .requiredOption("--out <folder>", "made if absent; may hold an earlier part of the same set")
    .option(
      "--dataset <name>",
      `test pictures of ${datasetNames.join(", ")}`,
      oneOf("the data set", datasetNames),
    )
    .option("--data-path <folder>", "folder of the official files, binary or python")
    .option("--images <folder>", "a tree of PNG, JPEG and WebP files, instead of a data set")
    .option("--corruptions <names>", `${selections.join(", ")}, or names: fog,snow`, "test")
    .option(
      "--severities <numbers>",
      "of 1 … 5, or of p one of 1 … 3 (default: all, or of p 1)",
      listOf(integer(1, 5)),
    )
    .option("--count <n>", "the first n pictures", integer(1))
    .option("--seed <n>", "another one gives other random numbers", integer(0), 1)
    .option("--frost <folder>", "of frost1.png … frost5.jpg as published (default: our own)")
    .addOption(
      new Option("--scale <name>", "table of settings (default: cifar up to 64 pixels)")
        .choices(["cifar", "imagenet"] as const),
    )
    .option("--resize <pixels>", "the shorter side of --images (default: 256)", integer(1, 8192))
    .option("--crop <pixels>", "kept of each side of --images (default: 224)", integer(1, 8192))
    .option("--no-resize", "keep --images as large as they are")
    .addOption(
      new Option("--format <name>", "of corrupted --images; jpeg has quality 85, as published")
        .choices(["png", "jpeg"] as const).default("png" as const),
    )
    .option("--workers <n>", "threads (default: processor cores)", integer(1, 1024))
    .option("--quiet", "print nothing but errors")
    .option("--json", "print progress and what was made as JSON")
    .addHelpText("after", example)
    .action(async (suite, { out, corruptions: chosen, quiet, json, ...flags }) => {
      const interrupt = new AbortController();
      const ending = listenForInterrupts(interrupt, "what is whole is kept");
      const display = corruptionDisplay({ quiet, json });
      const { seed, frost, count, workers } = flags;
      const severities = severitiesOf(suite, flags.severities);
      const began = performance.now();
      const result = await makeCorruptions({
        ...{ suite, seed, frost, count, workers, severities, folder: out },
        source: sourceOf(suite, flags),
        names: namesOf(suite, chosen, scaleOfNames(suite, flags)),
        scale: flags.scale,
        progress: display.show,
        signal: interrupt.signal,
      }).finally(() => {
        display.finish();
        ending();
      });
      const seconds = (performance.now() - began) / 1000;
      if (json) console.log(JSON.stringify({ ...result, seconds }));
      else if (!quiet) console.log(conclude(result, seconds, frost));
      if (result.interrupted) Deno.exit(130);
    });
}

interface SourceFlags {
  dataset?: DatasetName;
  dataPath?: string;
  images?: string;
  resize?: number | boolean;
  crop?: number;
  scale?: Scale;
  format: "png" | "jpeg";
}

function sourceOf(suite: SuiteName, flags: SourceFlags): CorruptOptions["source"] {
  const { dataset, dataPath: path, images, format, resize, crop } = flags;
  if ((dataset === undefined) === (images === undefined)) {
    throw new UsageError("Cannot corrupt: give either --dataset or --images");
  }
  if (dataset !== undefined) {
    if (resize !== undefined && resize !== true || crop !== undefined || format !== "png") {
      throw new UsageError("Cannot use --resize, --crop or --format with --dataset: only --images");
    }
    return { dataset, path };
  }
  if (path !== undefined) {
    throw new UsageError("Cannot use --data-path with --images: only with --dataset");
  }
  if (suite === "p" && format === "jpeg") {
    throw new UsageError("Cannot use --format with p: frames of a picture are an npy file");
  }
  if (resize === false) {
    if (crop !== undefined) throw new UsageError("Cannot use --no-resize with --crop");
    return { images: images!, format };
  }
  const sizes = { resize: typeof resize === "number" ? resize : 256, crop: crop ?? 224 };
  if (sizes.crop > sizes.resize) {
    throw new UsageError(
      `Cannot crop: expected at most the ${sizes.resize} pixels of --resize but found ${sizes.crop}`,
    );
  }
  return { images: images!, format, ...sizes };
}

/** Each once, the smallest first. */
function severitiesOf(suite: SuiteName, numbers?: readonly number[]): readonly Severity[] {
  const { severities, defaultSeverities } = suites[suite];
  const chosen = numbers ? [...new Set(numbers)].toSorted() as Severity[] : defaultSeverities;
  const most = severities.length;
  if (suite === "p" && (chosen.length > 1 || chosen[0]! > most)) {
    throw new UsageError(
      `Cannot use --severities ${chosen} with p: expected one of 1 … ${most}, for its noises`,
    );
  }
  return chosen;
}

/** The scale whose corruptions can be named: that of the pictures, as far as flags say. */
function scaleOfNames(suite: SuiteName, flags: SourceFlags): Scale {
  const { scale, dataset, resize, crop = 224 } = flags;
  if (scale !== undefined) return scale;
  if (dataset !== undefined) return "cifar";
  if (resize === false && suite === "c-bar") {
    throw new UsageError(
      "Cannot use --no-resize with c-bar: give --scale, which has its own names",
    );
  }
  return scaleOf({ width: crop, height: crop });
}

/** The corruptions of a word such as "test", or of a list of names; each once, in official order. */
function namesOf(suite: SuiteName, chosen: string, scale: Scale): string[] {
  const selection = selections.find((name) => name === chosen) as CorruptionSelection | undefined;
  const all = corruptions(suite, selection ?? "all", scale).map(({ name }) => name);
  if (all.length === 0) throw new UsageError(`Cannot corrupt: ${suite} has none for ${selection}`);
  if (selection) return all;
  const named = listOf(oneOf("the corruption", all))(chosen);
  return all.filter((name) => named.includes(name));
}

/** A bar for each corruption. */
function corruptionDisplay(verbosity: { quiet?: true; json?: true }) {
  let shown: { corruption: string; bar: Progress } | undefined;
  return {
    show({ corruption, done, total }: { corruption: string; done: number; total: number }) {
      if (shown?.corruption !== corruption) {
        shown?.bar.finish();
        const bar = progress({ task: corruption, total, unit: "pictures", ...verbosity });
        shown = { corruption, bar };
      }
      shown!.bar.update(done);
    },
    finish: () => shown?.bar.finish(),
  };
}

function conclude(result: CorruptResult, seconds: number, frost?: string): string {
  const { folder, corruptions, unreadable, interrupted } = result;
  const made = corruptions.filter(({ made }) => made > 0);
  const sum = (key: "made" | "kept") => corruptions.reduce((all, one) => all + one[key], 0);
  const slowest = made.toSorted((a, b) => b.seconds / b.made - a.seconds / a.made)[0];
  const parts = [
    `${counted(sum("made") + sum("kept"), "picture")} of ${
      counted(corruptions.length, "corruption")
    } in ${folder}`,
    ...(sum("kept") > 0 ? [`${sum("kept")} of them from before`] : []),
    ...(slowest ? [`slowest ${slowest.name} (${perSecond(slowest)} pictures/s)`] : []),
    formatSeconds(seconds),
  ];
  const lines = [parts.join(", ") + (interrupted ? "; run it again to go on" : "")];
  if (frost === undefined && made.some(({ name }) => name === "frost")) {
    lines.push("frost: layermix's own pictures; for the published ones give --frost");
  }
  if (unreadable.length > 0) {
    lines.push(
      `left out, since no picture can be read from them: ${counted(unreadable.length, "file")}`,
    );
    for (const { file, reason } of unreadable.slice(0, SHOWN)) lines.push(`  ${file}: ${reason}`);
    if (unreadable.length > SHOWN) lines.push("  … (all of them with --json)");
  }
  return lines.join("\n");
}

function perSecond({ made, seconds }: { made: number; seconds: number }): string {
  return String(Number((made / seconds).toPrecision(3)));
}
