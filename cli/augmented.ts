import { Command } from "@commander-js/extra-typings";
import { methodNames } from "../lib/augment/augmenter.ts";
import { datasetNames } from "../lib/data/open.ts";
import { cifarDefaults as defaults } from "../lib/train/flags.ts";
import { method, number, oneOf } from "./options.ts";

/** What help says of a default that the library fills in, so that a given flag can be told from it. */
export const shown = (value: number | string) => `(default: ${value})`;

/** A command with the flags that say which pictures are augmented, and how. */
export function augmented(name: string) {
  return new Command(name)
    .option(
      "--dataset <name>",
      `${datasetNames.join(", ")} ${shown(defaults.dataset)}`,
      oneOf("the data set", datasetNames),
    )
    .option("--data-path <folder>", "folder of the official binary files")
    .option(
      "--mixing-set <folder>",
      'folder tree of mixing pictures, or "fractals" for built-in ones',
    )
    .option("--method <name>", `${methodNames.join(", ")} ${shown(defaults.method)}`, method)
    .option(
      "--ops <set>",
      `op set: reference, corrected ${shown(defaults.ops)}`,
      oneOf("the op set", ["reference", "corrected"]),
    )
    .option(
      "--magnitude <n>",
      `strength of the ops, 0.1 … 10 ${shown(defaults.magnitude)}`,
      number(0.1, 10),
    )
    .option(
      "--blending-ratio <r>",
      `r of the Beta distributions ${shown(defaults.blendingRatio)}`,
      number(1e-3, 1e3),
    );
}
