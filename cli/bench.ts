import { Command } from "@commander-js/extra-typings";
import { furtherOperations, mainOperations } from "../lib/bench/operations.ts";
import { checkWritable, openBench, writeRecord } from "../lib/bench/run.ts";
import { benchAugment, benchOperations, benchStep } from "../lib/bench/suite.ts";
import { Gpu } from "../lib/gpu/device.ts";
import { blocksPerGroup } from "../lib/models/wide_resnet.ts";
import { adapterNames } from "./adapter.ts";
import { integer, oneOf } from "./options.ts";
import { noTune, preparationDisplay } from "./preparing.ts";

const example = `
Examples:
  layermix bench
  layermix bench --layers 40 --widen-factor 4 --batch-size 64 --profile --json bench.json
  layermix bench --quick --no-tune

Measures the kernels that training uses, LayerMix, and a step of training with LayerMix on built-in pictures.
On a software adapter times are of the processor, divided by its cores, so that other programs have
no part in them; on a GPU they are of the clock. GB/s count each buffer once for each kernel.`;

/** `layermix bench`: how fast the adapter is. */
export function bench() {
  return new Command("bench")
    .description("Measure kernels and a training step on this machine's adapter.")
    .option("--layers <n>", "depth of the network, 6n + 4", integer(1, 1000), 16)
    .option("--widen-factor <n>", "its width", integer(1, 64), 1)
    .option("--batch-size <n>", "pictures of a step", integer(1, 1e6), 32)
    .option("--profile", "show where the time of the step goes, by kernel")
    .option("--quick", "the main kernels alone, each measured once")
    .option("--json <file>", "write the measurements to a file too")
    .option("--adapter <kind>", adapterNames.join(", "), oneOf("the adapter", adapterNames))
    .option("--no-tune", noTune)
    .addHelpText("after", example)
    .action(async ({ profile, quick: isQuick, json, adapter, tune, ...size }) => {
      blocksPerGroup(size.layers);
      if (json) await checkWritable(json);
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
        add(await benchStep(suite, { ...size, method: "layermix" }, { profiled: profile }));
        if (json) await writeRecord(json, record);
      } finally {
        display.finish();
        gpu.close();
      }
    });
}
