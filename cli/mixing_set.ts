import { Command } from "@commander-js/extra-typings";
import { makeMixingSet, type MixingSetResult, SIZES } from "../lib/fractals/make_set.ts";
import { adapterNames } from "./adapter.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { integer, oneOf } from "./options.ts";
import { formatSeconds, type Progress, progress } from "./progress.ts";

const example = `
Examples:
  layermix mixing-set data/fractals --count 1000 --size 256 --seed 1 --contact-sheet fractals.png
  layermix mixing-set data/fractals --count 2000 --size 256 --seed 1

The second goes on with the set of the first. The same seed gives the same pictures on the same
adapter, whatever the count. Ctrl-C leaves whole files only; the same command goes on.`;

/** `layermix mixing-set`: fractals to mix into pictures. */
export function mixingSet() {
  return new Command("mixing-set")
    .description("Draw fractal pictures to mix into others, as PNG files in a folder.")
    .argument("<folder>", "made if absent; may hold an earlier part of the same set")
    .option("--count <n>", "pictures", integer(1, 1e6), 1000)
    .option("--size <pixels>", "of each side", integer(SIZES.least, SIZES.most), 256)
    .option("--seed <n>", "another one gives other pictures", integer(0), 1)
    .option("--contact-sheet <file>", "PNG of thumbnails of the first 64")
    .option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames))
    .option("--quiet", "print nothing but errors")
    .option("--json", "print progress and what was made as JSON")
    .addHelpText("after", example)
    .action(async (folder, { contactSheet: sheet, quiet, json, ...options }) => {
      const interrupt = new AbortController();
      const ending = listenForInterrupts(interrupt, "what is drawn is kept");
      const began = performance.now();
      let bar: Progress | undefined;
      const result = await makeMixingSet({
        ...options,
        folder,
        sheet,
        signal: interrupt.signal,
        progress(done, rejected) {
          const total = options.count;
          bar ??= progress({ total, unit: "pictures", start: done, quiet, json });
          bar.update(done, { rejected: String(rejected) });
        },
      }).finally(() => {
        bar?.finish();
        ending();
      });
      const seconds = (performance.now() - began) / 1000;
      if (json) console.log(JSON.stringify({ ...result, seconds }));
      else if (!quiet) console.log(conclude(result, seconds));
      if (result.interrupted) Deno.exit(130);
    });
}

function conclude(
  { folder, drawn, kept, rejected, interrupted }: MixingSetResult,
  seconds: number,
): string {
  const share = Math.round(100 * rejected / Math.max(1, drawn + rejected));
  const parts = [
    `${drawn + kept} pictures in ${folder}`,
    ...(kept > 0 ? [`${kept} of them from before`] : []),
    `${share} % of attempts rejected`,
    formatSeconds(seconds),
  ];
  return parts.join(", ") + (interrupted ? "; run it again to go on" : "");
}
