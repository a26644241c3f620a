import { Command } from "@commander-js/extra-typings";
import { layermixVersion } from "../lib/version.ts";
import { bench } from "./bench.ts";
import { completion } from "./completion.ts";
import { convert } from "./convert.ts";
import { corrupt } from "./corrupt.ts";
import { data } from "./data.ts";
import { doctor } from "./doctor.ts";
import { evaluate } from "./evaluate.ts";
import { merge } from "./merge.ts";
import { mixingSet } from "./mixing_set.ts";
import { pack } from "./pack.ts";
import { quickstart } from "./quickstart.ts";
import { report } from "./report.ts";
import { samples } from "./samples.ts";
import { train } from "./train.ts";

/** In the order of `layermix --help`. */
const commands = [
  doctor,
  quickstart,
  data,
  train,
  evaluate,
  merge,
  report,
  samples,
  mixingSet,
  corrupt,
  convert,
  pack,
  bench,
  completion,
];

/** The command line of layermix, which throws where commander would end the process. */
export function createProgram() {
  const program = new Command("layermix")
    .description("Train robust image classifiers with LayerMix (arXiv 2501.04861), on the GPU.")
    .version(layermixVersion)
    .option("--debug", "show where an error came from")
    .showHelpAfterError("(add --help for the flags and an example)")
    .exitOverride();
  for (const command of commands) {
    const made = command().copyInheritedSettings(program);
    for (const nested of made.commands) nested.copyInheritedSettings(program);
    program.addCommand(made);
  }
  return program;
}
