import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import type { Geometry } from "../../lib/nn/convolution.ts";
import type { Epilogue } from "../../lib/nn/product/window.ts";
import { weightKernels } from "../../lib/nn/weight_kernels.ts";
import { windowKernels } from "../../lib/nn/window_kernels.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import {
  checkTrials,
  convolved,
  geometryOf,
  type Sizes,
  type Trial,
  weightTrial,
  windowPasses,
  windowTrial,
} from "./passes.ts";

const epilogues: readonly Epilogue[] = ["store", "accumulate", "residual"];

/** A device for which the alternatives are those of a processor, or of a GPU. */
function deviceOf({ name, device }: Gpu, software: boolean): Gpu {
  return { name, device, software } as unknown as Gpu;
}

/** The kernels that a device offers for each pass. */
function offered(gpu: Gpu, geometry: Geometry, epilogue: Epilogue) {
  const [forward, inputGradient] = windowPasses.map((pass) =>
    windowKernels(gpu, { pass, geometry, epilogue })
  );
  return [forward!, inputGradient!, weightKernels(gpu, geometry)] as const;
}

/** All of them, each with another epilogue. */
function trialsOf(gpu: Gpu, geometry: Geometry): Trial[] {
  const byEpilogue = epilogues.map((epilogue) => offered(gpu, geometry, epilogue));
  const gathered = windowPasses.flatMap((pass, p) =>
    byEpilogue[0]![p as 0 | 1].map(({ name }, i) => {
      const kernel = byEpilogue[i % 3]![p as 0 | 1].find((kernel) => kernel.name === name)!;
      return windowTrial(name, pass, epilogues[i % 3]!, kernel.launches);
    })
  );
  return [
    ...gathered,
    ...byEpilogue[0]![2].map(({ name, launches }) => weightTrial(name, launches)),
  ];
}

/** Grouped and strided, flattened, and fit for Winograd's transforms. */
const geometries = ([
  [1, 7, 6, 12, 24, 3, 2, 1, 3],
  [2, 9, 4, 17, 5, 1, 1, 0, 1],
  [1, 5, 7, 16, 16, 3, 1, 1, 1],
] as Sizes[]).map(geometryOf);

for (const software of [true, false]) {
  const device = software ? "processors" : "GPUs";
  gpuTest(`Every kernel that is offered on ${device} gives what float64 gives`, async (gpu) => {
    for (const geometry of geometries) {
      await checkTrials(gpu, convolved(geometry), trialsOf(deviceOf(gpu, software), geometry));
    }
  });

  gpuTest(`Kernels that are offered on ${device} run alone, to be timed`, async (gpu) => {
    for (const geometry of geometries) {
      const tape = new Tape(gpu);
      const kernels = offered(deviceOf(gpu, software), geometry, "residual").flat();
      for (const kernel of kernels) kernel.record(tape);
      assert.ok(tape.finish().length >= kernels.length);
      const program = await tape.compile();
      program.run();
      await gpu.idle();
      program.destroy();
    }
  });

  Deno.test(`Kernels that are offered on ${device} have names and code of their own`, () => {
    const gpu = deviceOf(describedGpu, software);
    for (const kernels of geometries.flatMap((geometry) => offered(gpu, geometry, "store"))) {
      const codes = kernels.map((kernel) => {
        const tape = new Tape(gpu);
        kernel.record(tape);
        return tape.finish().map(({ code, groups }) => `${groups} ${code}`).join();
      });
      const names = kernels.map(({ name }) => name);
      assert.equal(new Set(names).size, kernels.length, names.join());
      const repeated = names.filter((_, i) => codes.indexOf(codes[i]!) < i);
      assert.deepEqual(repeated, []);
    }
  });
}
