import { parseArgs } from "node:util";
import { quick } from "../lib/bench/clock.ts";
import { furtherOperations, mainOperations } from "../lib/bench/operations.ts";
import type { Peer } from "../lib/bench/peer.ts";
import { checkWritable, openBench, writeRecord } from "../lib/bench/run.ts";
import { benchAugment, benchOperations, benchStep } from "../lib/bench/suite.ts";
import { Gpu } from "../lib/gpu/device.ts";
import { openJax } from "./jax.ts";
import { openTensorflow } from "./tensorflow.ts";

const { values: { quick: isQuick, out } } = parseArgs({
  options: { quick: { type: "boolean" }, out: { type: "string" } },
});

/** A peer that cannot be opened must not keep the others from being measured. */
async function open(peer: string, opening: () => Promise<Peer>): Promise<Peer[]> {
  try {
    const opened = await opening();
    console.log(`peer ${opened.title}`);
    return [opened];
  } catch (error) {
    console.log(`note: no ${peer}: ${(error as Error).message}`);
    return [];
  }
}

if (out) await checkWritable(out);
// First, since it makes sure of the Vulkan driver, which the peers then take too.
const gpu = await Gpu.open();
const peers = [
  ...await open("TensorFlow.js", openTensorflow),
  ...await open("jax-js", openJax),
];
const { suite, record, add } = await openBench(gpu, {
  tune: { note: console.log },
  peers,
  isQuick,
  print: console.log,
});
record.rows.push(...await benchOperations(suite, mainOperations));
if (!isQuick) record.rows.push(...await benchOperations(suite, furtherOperations));
add(await benchStep(suite, { layers: 16, widenFactor: 1, batchSize: 32 }));
for (const method of ["layermix", "pixmix", "ipmix", "augmix"] as const) {
  add(await benchAugment(suite, { method, side: 32, batchSize: 128 }));
  if (!isQuick) add(await benchAugment(suite, { method, side: 224, batchSize: 64 }));
}
if (!isQuick) {
  const sizes = { widenFactor: 4, method: "layermix" } as const;
  add(await benchStep(suite, { ...sizes, layers: 16, batchSize: 64 }, { profiled: true }));
  add(await benchStep(suite, { ...sizes, layers: 40, batchSize: 128 }, { effort: quick }));
}
if (out) await writeRecord(out, record);
gpu.close();
// The peers have no way to give their devices back, which would keep the process.
Deno.exit();
