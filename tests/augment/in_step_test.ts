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
