import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { drawSamples } from "../lib/report/samples.ts";
import { cifarDefaults as defaults, completed } from "../lib/train/flags.ts";
import { adapterNames } from "./adapter.ts";
import { augmented } from "./augmented.ts";
import { integer, listOf, oneOf } from "./options.ts";

const example = `
Examples:
  layermix samples --dataset cifar10 --data-path data/cifar-10-batches-bin --mixing-set data/fractals --index 0,1,2,3 --out grid.png
  layermix samples --dataset shapes --mixing-set fractals --seed 7 --epoch 3 --draws 4 --explain`;

/** `layermix samples`: a picture of what training sees. */
export function samples() {
  return augmented("samples")
    .description(
      "Draw a labelled grid: originals, the mixing pictures used, and augmented pictures as training sees them.",
    )
    .option("--index <numbers>", "numbers of training pictures", listOf(integer(0)), [
      0,
      1,
      2,
      3,
      4,
      5,
    ])
    .option("--seed <n>", "as in training", integer(0), defaults.seed)
    .option("--epoch <n>", "the first epoch shown, from 1", integer(1), 1)
    .option("--draws <n>", "how many epochs are shown", integer(1, 32), 4)
    .option("--scale <n>", "enlargement", integer(1, 16))
    .option("--out <file>", "PNG to write", "samples.png")
    .option("--explain", "print each draw's plan as JSON")
    .option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames))
    .addHelpText("after", example)
    .action(async ({ out, explain, index, ...options }) => {
      const { png, plans } = await drawSamples({
        ...completed(options),
        ...options,
        indices: index,
      });
      await writeAtomic(out, png);
      if (explain) {
        for (const plan of plans.flat()) {
          console.log(JSON.stringify({ ...plan, epoch: plan.epoch + 1 }));
        }
      }
      console.error(`written to ${out}`);
    });
}
