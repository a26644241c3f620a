import { Command } from "@commander-js/extra-typings";
import type { Option } from "commander";
import { heededSettings } from "../lib/augment/complete_options.ts";
import {
  type MethodName,
  methodNames,
  methods,
  type MethodSettings,
} from "../lib/augment/methods.ts";
import { opSetNames } from "../lib/augment/op_sets.ts";
import { datasetNames } from "../lib/data/open.ts";
import { cifarDefaults as defaults, imageNetDefaults } from "../lib/train/flags.ts";
import { UsageError } from "./error.ts";
import { integer, method, number, oneOf, option, withOptions } from "./options.ts";

/** What help says of a default that the library fills in, so that a given flag can be told from it. */
export const shown = (value: number | string) => `(default: ${value})`;

/** Flags that say how pictures are augmented. */
export interface AugmentFlags extends Partial<MethodSettings> {
  mixingSet?: string;
  method?: MethodName;
}

/** A command with the flags that say which small pictures are augmented, and how. */
export function augmentedCifar(name: string) {
  const command = new Command(name)
    .option(
      "--dataset <name>",
      `${datasetNames.join(", ")} ${shown(defaults.dataset)}`,
      oneOf("the data set", datasetNames),
    )
    .option("--data-path <folder>", "folder of the official files, binary or python");
  type Flags = AugmentFlags & ReturnType<typeof command.opts>;
  return withOptions<Flags>(command, augmentOptions());
}

/** A command with the flags that say which large pictures are augmented, and how. */
export function augmentedImageNet(name: string) {
  const command = new Command(name)
    .option("--data-standard <folder>", "a folder of pictures for each class; or a pack")
    .option("--data-val <folder>", "the same of the pictures to test with")
    .option(
      "--num-classes <n>",
      "200 takes ImageNet-R's classes out of more; by default all that are there",
      integer(2, 65_535),
    )
    .option(
      "--side <pixels>",
      `of the pictures the network sees ${shown(imageNetDefaults.side!)}`,
      integer(16, 1024),
    );
  type Flags = AugmentFlags & ReturnType<typeof command.opts>;
  return withOptions<Flags>(command, augmentOptions());
}

function augmentOptions(): Option[] {
  return [
    option(
      "--mixing-set <folder>",
      'folder tree of mixing pictures, a pack, or "fractals" for built-in ones',
    ),
    option("--method <name>", `${methodNames.join(", ")} ${shown(defaults.method)}`, method),
    option(
      "--ops <set>",
      `op set: ${opSetNames.join(", ")} ${ofMethod("ops")}`,
      oneOf("the op set", opSetNames),
    ),
    option("--all-ops", `also color, contrast, brightness, sharpness ${ofMethod("allOps")}`),
    option("--no-all-ops", "not these"),
    option(
      "--magnitude <n>",
      `strength of the ops, 0.1 … 10 ${ofMethod("magnitude")}`,
      number(0.1, 10),
    ),
    option(
      "--blending-ratio <r>",
      `r of the Beta distributions ${ofMethod("blendingRatio")}`,
      number(1e-3, 1e3),
    ),
    option("--k <n>", `rounds of PixMix, chains of IPMix ${ofMethod("k")}`, integer(1, 10)),
    option("--t <n>", `ops or patches in a chain of IPMix ${ofMethod("t")}`, integer(1, 10)),
    option(
      "--width, --mixture-width <n>",
      `chains of AugMix ${ofMethod("mixtureWidth")}`,
      integer(1, 10),
    ),
    option(
      "--depth, --mixture-depth <n>",
      `ops in a chain of AugMix, 0: 1 to 3 ${ofMethod("mixtureDepth")}`,
      integer(0, 10),
    ),
    option("--gray-mixing", `mixing pictures in grey, turned at random ${ofMethod("grayMixing")}`),
    option("--no-gray-mixing", "not so"),
    option(
      "--alpha <a>",
      `labels' shares are from Beta(a, a) ${ofMethod("alpha")}`,
      number(1e-3, 1e3),
    ),
  ];
}

/** What help says of a default that depends on the method. */
function ofMethod(setting: keyof MethodSettings): string {
  const values = new Map<string, string[]>();
  for (const name of methodNames.filter((name) => heededSettings(name).includes(setting))) {
    const value = `${methods[name].defaults[setting]}`;
    values.set(value, [...values.get(value) ?? [], name]);
  }
  const list = [...values].map(([value, names]) => `${value} for ${names.join(", ")}`);
  return `(default: ${values.size === 1 ? [...values.keys()][0] : list.join("; ")})`;
}

/**
 * Refuses a setting that the method does not heed: who typed it expects something of it.
 *
 * @throws {UsageError} naming the flag and the methods that heed it
 */
export function checkSettings(method: MethodName, given: Partial<MethodSettings>): void {
  const heeded = heededSettings(method);
  for (const [name, value] of Object.entries(given)) {
    const setting = name as keyof MethodSettings;
    const able = methodNames.filter((other) => heededSettings(other).includes(setting));
    if (value === undefined || able.length === 0 || heeded.includes(setting)) continue;
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    throw new UsageError(`Cannot use --${flag} with ${method}: it is for ${able.join(", ")}`);
  }
}
