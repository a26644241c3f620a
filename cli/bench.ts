import { Command } from "@commander-js/extra-typings";
import { furtherOperations, mainOperations } from "../lib/bench/operations.ts";
import { checkWritable, openBench, writeRecord } from "../lib/bench/run.ts";
import { benchAugment, benchOperations, benchStep } from "../lib/bench/suite.ts";
import { Gpu } from "../lib/gpu/device.ts";
import { checkModel, modelNames, models } from "../lib/models/model.ts";
import { adapterNames } from "./adapter.ts";
import { integer, oneOf } from "./options.ts";
import { noTune, preparationDisplay } from "./preparing.ts";

const example = `
Examples:
  layermix bench
  layermix bench --layers 40 --widen-factor 4 --batch-size 64 --profile --out bench.json
  layermix bench --quick --no-tune
  layermix bench --model imagenet_resnet50 --side 224 --batch-size 4

Measures the kernels that training uses, LayerMix, and a step of training with LayerMix on built-in pictures.
On a software adapter times are of the processor, divided by its cores, so that other programs have
no part in them; on a GPU they are of the clock. GB/s count each buffer once for each kernel.`;

/** The Wide ResNet that is measured where no network is named. */
const small = { layers: 16, widenFactor: 1 };

/** `layermix bench`: how fast the adapter is. */
export function bench() {
  return new Command("bench")
    .description("Measure kernels and a training step on this machine's adapter.")
    .option(
      "--model <name>",
      `${modelNames.join(", ")} (default: wrn)`,
      oneOf("the model", modelNames),
    )
    .option("--layers <n>", "depth of wrn, 6n + 4 (default: 16)", integer(1, 1000))
    .option("--widen-factor <n>", "width of wrn (default: 1)", integer(1, 64))
    .option("--side <pixels>", "of the pictures", integer(16, 1024), 32)
    .option("--batch-size <n>", "pictures of a step", integer(1, 1e6), 32)
    .option("--profile", "show where the time of the step goes, by kernel")
    .option("--quick", "the main kernels alone, each measured once")
    .option("--out <file>", "write the measurements to a file too, as JSON")
    .option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames))
    .option("--no-tune", noTune)
    .addHelpText("after", example)
    .action(async ({ profile, quick: isQuick, out, adapter, tune, ...size }) => {
      const { model = "wrn" } = size, usual = model === "wrn" ? small : models[model];
      const { layers = usual.layers, widenFactor = usual.widenFactor } = size;
      checkModel({ name: model, layers, widenFactor, dropRate: 0, classes: 10 });
      if (out) await checkWritable(out);
      const gpu = await Gpu.open(adapter);
      const display = preparationDisplay({});
      try {
        const { suite, record, add } = await openBench(gpu, {
          tune: tune ? { progress: display.show, note: display.note } : undefined,
          isQuick,
          print: console.log,
        });
        const operations = isQuick ? mainOperations : [...mainOperations, ...furtherOperations];
        record.rows.push(...await benchOperations(suite, operations));
        add(await benchAugment(suite, { method: "layermix", side: 32, batchSize: 128 }));
        const step = { ...size, layers, widenFactor, method: "layermix" } as const;
        add(await benchStep(suite, step, { profiled: profile }));
        if (out) await writeRecord(out, record);
      } finally {
        display.finish();
        gpu.close();
      }
    });
}
