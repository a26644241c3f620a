import assert from "node:assert/strict";
import { fractals } from "../../lib/data/fractals.ts";
import { mixingSetFromPictures } from "../../lib/data/mixing_set.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { cifarDefaults, settingsOf } from "../../lib/train/flags.ts";
import { openSession } from "../../lib/train/session.ts";
import { gpuTest } from "../gpu.ts";

/** Calls of a device, and submissions to its queue, while `work` runs. */
async function calls(gpu: Gpu, work: () => Promise<void>): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const { device } = gpu;
  const watched: [object, readonly string[]][] = [
    [
      device,
      Object.getOwnPropertyNames(Object.getPrototypeOf(device)).filter((name) =>
        name.startsWith("create")
      ),
    ],
    [device.queue, ["submit", "onSubmittedWorkDone"]],
  ];
  for (const [owner, names] of watched) {
    for (const name of names) {
      const method = Reflect.get(owner, name) as (...args: unknown[]) => unknown;
      Object.defineProperty(owner, name, {
        configurable: true,
        value: (...args: unknown[]) => {
          counts[name] = (counts[name] ?? 0) + 1;
          return method.apply(owner, args);
        },
      });
    }
  }
  try {
    await work();
  } finally {
    // Without the properties of its own, the methods of the prototype show again.
    for (const [owner, names] of watched) {
      for (const name of names) Reflect.deleteProperty(owner, name);
    }
  }
  return counts;
}

gpuTest(
  "a training step makes no buffer, bind group or pipeline, and one submission",
  async (gpu) => {
    const data = shapes("train", 16, 3);
    const mixing = mixingSetFromPictures(fractals(4, 72, 3), 36);
    const flags = { ...cifarDefaults, layers: 10, widenFactor: 1, batchSize: 8 };
    const session = await openSession(gpu, settingsOf(flags, 10), data, mixing);
    initialize(gpu, session.parameters, 1);
    const pictures = Uint32Array.from({ length: 8 }, (_, i) => i);
    const counts = await calls(gpu, async () => {
      for (let number = 0; number < 10; number++) await session.step(pictures, 0, number, 10);
    });
    session.destroy();
    // Of ten steps, at most two are under way at once: before the third and every second one it waits.
    assert.deepEqual(counts, { createCommandEncoder: 10, submit: 10, onSubmittedWorkDone: 4 });
  },
);
