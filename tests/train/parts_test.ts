import assert from "node:assert/strict";
import { shapes } from "../../lib/data/shapes.ts";
import { Gpu } from "../../lib/gpu/device.ts";
import { fits } from "../../lib/gpu/memory.ts";
import { Tuning } from "../../lib/gpu/tuning.ts";
import { completed, settingsOf } from "../../lib/train/flags.ts";
import { inPartsThatFit } from "../../lib/train/parts.ts";
import { recordTraining, weightOf } from "../../lib/train/recorded_step.ts";
import type { TrainFlags } from "../../lib/train/flags.ts";
import { describedGpu } from "../gpu.ts";
import { traces } from "./fixture.ts";
import { withTrees } from "./imagenet_fixture.ts";

const MIB = 2 ** 20;

/** A GPU that is not there, but which may be recorded for. */
const gpuOf = (binding: number, software: boolean) => {
  const limits = { ...describedGpu.device.limits, maxStorageBufferBindingSize: binding };
  return { ...describedGpu, software, device: { limits } } as unknown as Gpu;
};

/** ImageNet at 224 pixels, of which nothing is read. */
const pictures = {
  data: { ...shapes("train", 1, 1), name: "imagenet", width: 224, height: 224 },
  mixing: {
    ...{ count: 1, widths: Uint32Array.of(256), heights: Uint32Array.of(256) },
    cut: () => assert.fail("nothing is to be read"),
  },
};

function settings(flags: Partial<TrainFlags>) {
  return settingsOf(completed({ dataset: "imagenet", ...flags }), 1000);
}

/** What training and evaluation state to take, in MiB. */
function stated(gpu: Gpu, flags: Partial<TrainFlags>): number {
  const { bytes } = weightOf(recordTraining(gpu, new Tuning(), settings(flags), pictures));
  return bytes / MIB;
}

Deno.test("ResNets at 224 pixels train within the memory of common GPUs", () => {
  for (const software of [true, false]) {
    const gpu = gpuOf(2 ** 31 - 4, software);
    const bound = (flags: Partial<TrainFlags>, most: number) => {
      const found = stated(gpu, flags);
      assert.ok(found < most && found > 0.8 * most, `${JSON.stringify(flags)}: ${found} MiB`);
    };
    bound({ batchSize: 64 }, 7200);
    bound({ batchSize: 32 }, 3800);
    bound({ batchSize: 64, precision: "f16" }, 4400);
    bound({ batchSize: 128, accumulate: 2 }, 7300);
    bound({ batchSize: 128, accumulate: 4 }, 3900);
    bound({ batchSize: 64, model: "imagenet_resnet18", layers: 18 }, 2700);
  }
});

Deno.test("a batch whose buffers are too large to be bound is made in as few parts as fit", () => {
  const gpu = gpuOf(128 * MIB, false), notes: string[] = [];
  const choose = (flags: Partial<TrainFlags>, on = gpu) =>
    inPartsThatFit(on, settings(flags), pictures, (line) => notes.push(line));
  assert.equal(choose({ batchSize: 64 }).accumulate, 2);
  assert.match(
    notes.join(),
    /^note: a batch of 64 does not fit: it needs \d+ MiB, the largest buffer \(.+\) \d+ MiB, and described has buffers of at most 128 MiB; it is made in 2 parts of 32, as with --accumulate 2: /,
  );
  const parts = settings({ batchSize: 64, accumulate: 2 });
  assert.deepEqual(choose({ batchSize: 64 }), parts);
  assert.ok(fits(gpu, weightOf(recordTraining(gpu, new Tuning(), parts, pictures))));
  assert.equal(choose({ batchSize: 96 }).accumulate, 3);
  // Neither 61 nor anything between divides a prime number.
  assert.equal(choose({ batchSize: 61 }).accumulate, 61);
  notes.length = 0;
  assert.equal(choose({ batchSize: 16 }).accumulate, 1);
  assert.equal(choose({ batchSize: 64 }, gpuOf(2 ** 31, false)).accumulate, 1);
  // What never fits is refused as it is.
  assert.equal(choose({ batchSize: 64 }, gpuOf(MIB, false)).accumulate, 1);
  assert.deepEqual(notes, []);
});

/** Bytes that a buffer of the whole batch exceeds, and none of half of it. */
async function between(flags: Partial<TrainFlags>): Promise<number> {
  const gpu = await Gpu.open(), { side = 224 } = flags;
  const sized = { data: { ...pictures.data, width: side, height: side } };
  const [whole, half] = [1, 2].map((accumulate) => {
    const all = settings({ ...flags, accumulate });
    return weightOf(recordTraining(gpu, new Tuning(), all, sized)).largest.bytes;
  }) as [number, number];
  gpu.close();
  assert.ok(half < whole);
  return (half + whole) / 2;
}

/** Does work on adapters that bind no larger buffers. */
async function withBinding(most: number, work: () => Promise<unknown>): Promise<void> {
  const { open } = Gpu;
  Gpu.open = async (choice) => {
    const gpu = await open(choice), { limits } = gpu.device;
    const get = (target: GPUSupportedLimits, name: keyof GPUSupportedLimits) =>
      name === "maxStorageBufferBindingSize" ? most : Reflect.get(target, name, target);
    Object.defineProperty(gpu.device, "limits", { value: new Proxy(limits, { get } as never) });
    return gpu;
  };
  try {
    await work();
  } finally {
    Gpu.open = open;
  }
}

Deno.test("a run makes batches in parts that nobody asked for, says so, and goes on so", () =>
  withTrees(async ({ path, run }) => {
    const flags: Partial<TrainFlags> = {
      ...{ model: "wrn", layers: 10, widenFactor: 1, droprate: 0, method: "baseline" },
      ...{ side: 64, epochs: 1, batchSize: 8, evalBatchSize: 2 },
    };
    const notes: string[] = [];
    await withBinding(await between(flags), async () => {
      const stop = new AbortController();
      const observer = { step: () => stop.abort() };
      const note = (line: string) => void notes.push(line);
      await run("chosen", flags, { signal: stop.signal, observer, note });
      await assert.rejects(
        run("refused", { ...flags, accumulate: 1 }),
        /^GpuError: Cannot train with a batch of 8: .*; --accumulate makes a batch in parts/,
      );
    });
    assert.ok(notes.some((line) => line.includes("it is made in 2 parts of 4, as with")));
    await run("chosen", flags, { resume: true });
    const { flags: kept, settings } = JSON.parse(
      await Deno.readTextFile(path("chosen/run.json")),
    );
    assert.deepEqual([kept.accumulate, settings.accumulate], [2, 2]);
    await run("given", { ...flags, accumulate: 2 });
    assert.deepEqual(await traces(path("chosen")), await traces(path("given")));
  }));
