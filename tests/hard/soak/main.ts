// Trains and augments for many steps, and sees that memory does not grow.
import { createAugmenter } from "../../../mod.ts";
import { fractals } from "../../../lib/data/fractals.ts";
import { mixingSetFromPictures } from "../../../lib/data/mixing_set.ts";
import { shapes } from "../../../lib/data/shapes.ts";
import { Gpu } from "../../../lib/gpu/device.ts";
import type { TrainFlags } from "../../../lib/train/flags.ts";
import { type Place, run, TRAIN, withPlace } from "../../train/fixture.ts";
import { taskFlags } from "../task_flags.ts";
import { growth, read, type Reading, watchBuffers } from "./memory.ts";

const usage = "Usage: deno task soak [--steps 1000], of at least 10";
const isRight = ({ steps }: { steps: string }) => /^\d{2,9}$/.test(steps) && Number(steps) >= 10;
const steps = Number(taskFlags(usage, { steps: "1000" }, [], isRight).steps);

/** Readings of a loop: ten of each, so that every hundredth of a thousand steps is one. */
const READINGS = 10;

let isGrown = false;

/** Reads memory while a loop tells of its steps, and says what it comes to. */
async function soak(
  name: string,
  count: number,
  loop: (step: (number: number) => void) => Promise<unknown>,
): Promise<void> {
  const readings: Reading[] = [], every = Math.ceil(count / READINGS);
  await loop((number) => {
    if (number % every) return;
    const { rss, gpu } = readings[readings.push(read(number)) - 1]!;
    const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
    console.log(`${name}, step ${number}: resident ${mebibytes(rss)}, buffers ${mebibytes(gpu)}`);
  });
  const left = read(count).gpu;
  const grown = growth(readings, count / 5) ??
    (left ? `${left} bytes of buffers are left` : undefined);
  if (!grown) return;
  console.log(`${name}: ${grown}`);
  isGrown = true;
}

/** Steps of an epoch. */
const BATCH = 8, PER_EPOCH = Math.ceil(TRAIN / BATCH);

/** Trains with an evaluation, a log row and a checkpoint for each epoch. */
async function train(place: Place, name: string, count: number, flags: Partial<TrainFlags>) {
  await soak(name, count, async (tell) => {
    let number = 0;
    const epochs = Math.ceil(count / PER_EPOCH);
    await run(place, name, {
      flags: { ...flags, epochs, batchSize: BATCH, learningRate: 0.01 },
      observer: { step: () => tell(++number) },
    });
  });
}

async function augment(count: number): Promise<void> {
  const [batch, side] = [32, 32];
  const mixing = mixingSetFromPictures(fractals(8, 40, 3), 36);
  const { rgba } = shapes("train", batch, 5);
  await soak("augment alone", count, async (tell) => {
    const gpu = await Gpu.open();
    const augmenter = await createAugmenter({
      ...{ gpu, method: "layermix", width: side, height: side, batch, seed: 1, mixing },
    });
    const indices = Array.from({ length: batch }, (_, i) => i);
    for (let number = 1; number <= count; number++) {
      await augmenter.augment(rgba, indices, number);
      tell(number);
    }
    augmenter.destroy();
    gpu.close();
  });
}

watchBuffers();
await withPlace(async (place) => {
  await train(place, "layermix", steps, {});
  const gpu = await Gpu.open();
  const hasHalf = gpu.device.features.has("shader-f16");
  gpu.close();
  if (hasHalf) await train(place, "f16", steps / 5, { precision: "f16" });
  else console.log("f16: skipped, the adapter has no shader-f16");
  await train(place, "accumulate 2, averages", steps / 5, { accumulate: 2, emaDecay: 0.9 });
  await augment(steps);
});
if (isGrown) Deno.exit(1);
