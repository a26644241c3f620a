import assert from "node:assert/strict";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { models } from "../../lib/models/model.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { completed, settingsOf, type TrainFlags } from "../../lib/train/flags.ts";
import { Stream } from "../../lib/random/stream.ts";
import { openSession, type Session } from "../../lib/train/session.ts";
import { gpuTest } from "../gpu.ts";
import { run, traces, withPlace } from "./fixture.ts";

const data = shapes("train", 16, 5);

/** Training of a network from drawn weights, step by step. */
async function begin(gpu: Gpu, flags: Partial<TrainFlags>) {
  const options = {
    method: "baseline",
    layers: 10,
    widenFactor: 1,
    batchSize: 8,
    decay: 0,
  } as const;
  const settings = settingsOf(completed({ ...options, ...flags }), data.classes.length);
  const session = await openSession(gpu, settings, data);
  initialize(gpu, session.parameters, 1);
  const { values, momenta } = session.parameters.buffers;
  let number = 0;
  return {
    session,
    async step() {
      await session.step(Uint32Array.from({ length: 8 }, (_, i) => i), 0, number, 10);
      const { loss } = await session.sums(number, ++number);
      return {
        loss,
        values: await readFloats(gpu, values),
        momenta: await readFloats(gpu, momenta),
      };
    },
  };
}

for (const model of ["wrn", "allconv"] as const) {
  gpuTest(`${model} in f16 is no further from f32 than weights that are rounded`, async (gpu) => {
    const { layers, widenFactor, dropRate: droprate = 0.3 } = models[model];
    const flags = model === "wrn" ? {} : { model, layers, widenFactor, droprate };
    const [f32, rounded] = [await begin(gpu, flags), await begin(gpu, flags)];
    const f16 = await begin(gpu, { ...flags, precision: "f16" });
    await roundWeights(gpu, rounded.session);
    const [expected, near, found] = [await f32.step(), await rounded.step(), await f16.step()];
    assert.ok(Math.abs(found.loss / expected.loss - 1) < 1e-3, `${found.loss}, ${expected.loss}`);
    // Without decay, the momenta of the first step are the gradients, which amplify any rounding.
    const error = distance(found.momenta, expected.momenta);
    assert.ok(
      error < 2 * distance(near.momenta, expected.momenta),
      `gradients are off by ${error}`,
    );
    assert.ok(f16.session.bytes < f32.session.bytes);
    assert.deepEqual(await f16.session.lossScale!.read(), {
      ...{ scale: 65536, good_steps: 1, skipped_steps: 0 },
    });
    for (const { session } of [f32, rounded, f16]) session.destroy();
  }, "shader-f16");
}

/** Moves each weight by as much as f16's rounding may move what is made of it: 2^-11 of it. */
async function roundWeights(gpu: Gpu, { parameters }: Session): Promise<void> {
  const { values } = parameters.buffers, stream = new Stream(1, 0);
  const moved = (await readFloats(gpu, values)).map((value) =>
    value * (1 + 2 ** -11 * stream.between(-1, 1))
  );
  write(gpu, values, moved);
}

/** The norm of a - b as a part of b's. */
function distance(a: Float32Array, b: Float32Array): number {
  const square = (of: (i: number) => number) => b.reduce((sum, _, i) => sum + of(i) ** 2, 0);
  return Math.sqrt(square((i) => a[i]! - b[i]!) / square((i) => b[i]!));
}

gpuTest("a step in f16 that overflows is skipped, and training goes on", async (gpu) => {
  const { session, step } = await begin(gpu, { precision: "f16" });
  const before = await readFloats(gpu, session.parameters.buffers.values);
  session.lossScale!.write({ scale: 2 ** 26, good_steps: 7, skipped_steps: 0 });
  const skipped = await step();
  assert.deepEqual(skipped.values, before);
  const { scale, ...counts } = await session.lossScale!.read();
  assert.deepEqual([scale, counts], [2 ** 25, { good_steps: 0, skipped_steps: 1 }]);
  for (let i = 0; i < 9; i++) await step();
  const after = await session.lossScale!.read();
  assert.ok(after.good_steps > 0 && after.skipped_steps < 10, JSON.stringify(after));
  assert.notDeepEqual((await step()).values, before);
  session.destroy();
}, "shader-f16");

gpuTest("an adapter without f16 is told in one line", async (gpu) => {
  const without = Object.create(gpu, {
    device: { value: { features: new Set(), limits: gpu.device.limits } },
    name: { value: "a GPU of old" },
  });
  await assert.rejects(() => begin(without, { precision: "f16" }), {
    name: "GpuError",
    message:
      "Cannot train with --precision f16: a GPU of old has no shader-f16; leave it out for f32",
  });
});

gpuTest(
  "a run in f16 logs its loss scale and the steps it skipped",
  () =>
    withPlace(async (place) => {
      await run(place, "half", { flags: { method: "baseline", epochs: 1, precision: "f16" } });
      const { records } = await traces(place.path("half")) as { records: Record<string, number>[] };
      const { loss_scale, skipped_steps } = records[0]!;
      assert.deepEqual([loss_scale, skipped_steps], [65536, 0]);
    }),
  "shader-f16",
);
