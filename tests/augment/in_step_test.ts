import { deepEqual } from "node:assert/strict";
import { Gpu } from "../../lib/gpu/device.ts";
import { createAugmenter } from "../../mod.ts";
import { gpuTest } from "../gpu.ts";
import { noise, optionsOf } from "./create_augmenter_fixture.ts";

gpuTest("pixels do not depend on whether a workgroup runs in step", async (gpu) => {
  // As an adapter of which nothing is known, such as a browser's on the processor.
  const unknown = Object.assign(Gpu.from(gpu.device), { inStep: 1 });
  const batch = 8, indices = Array.from({ length: batch }, (_, i) => i);
  const pictures = noise(4 * batch * 9 * 7, 13);
  for (const ops of ["reference", "pil"] as const) {
    const draws = await Promise.all([gpu, unknown].map(async (gpu) => {
      using augmenter = await createAugmenter(
        optionsOf(gpu, "layermix", { ops, allOps: true, batch }),
      );
      return await (await augmenter.augment(pictures, indices, 0)).read();
    }));
    deepEqual(draws[1], draws[0], ops);
  }
  unknown.close();
});

gpuTest(
  "no loop is ended by a driver that counts turns, however many pixels there are",
  async (gpu) => {
    const augmix = (side: number, batch: number) =>
      createAugmenter({ method: "augmix", gpu, width: side, height: side, batch, seed: 1 });
    // The first draw has two equalized pictures: more turns in one launch than llvmpipe allows.
    const unknown = Object.assign(Gpu.from(gpu.device), { inStep: 1 });
    const large = noise(3 * 224 * 224, 13),
      single = [gpu, unknown].map(async (gpu) => {
        using augmenter = await createAugmenter({
          ...{ method: "augmix", gpu, width: 224, height: 224, batch: 1, seed: 1, padding: 0 },
        });
        return await (await augmenter.augment(large, [0], 0)).read();
      });
    const [found, expected] = await Promise.all(single);
    deepEqual(found, expected);
    unknown.close();
    // Many small pictures, which workgroups make side by side.
    const batch = 128, values = 3 * 64 * 64;
    const pictures = noise(values * batch, 13);
    using many = await augmix(64, batch);
    using one = await augmix(64, 1);
    const all = await (await many.augment(pictures, [...Array(batch).keys()], 0)).read();
    for (let i = 0; i < batch; i += 9) {
      const given = pictures.subarray(i * values, (i + 1) * values);
      const alone = await (await one.augment(given, [i], 0)).read();
      deepEqual(all.subarray(i * values, (i + 1) * values), alone, `picture ${i}`);
    }
  },
);
