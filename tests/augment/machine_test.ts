import { deepEqual, ok } from "node:assert/strict";
import { autocontrastShort } from "../../lib/augment/autocontrast_short.ts";
import { JobTable } from "../../lib/augment/encode.ts";
import { declareMachine, launchJobs, usesAutocontrastShort } from "../../lib/augment/machine.ts";
import { type MethodName, methodNames, methods } from "../../lib/augment/methods.ts";
import { mixingRegion } from "../../lib/augment/mixing.ts";
import type { PicturePlan } from "../../lib/augment/plan.ts";
import type { MethodLayout } from "../../lib/augment/jobs.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { mixingSet, runStages } from "./fixture.ts";

// Odd, and more than a block of pixels.
const size = { width: 45, height: 27, padding: 3, seed: 6 };
const pixels = size.width * size.height;
const noise = (key: number, count: number) => {
  const stream = new Stream(key, 99);
  const slopes = Array.from({ length: 6 }, () => 5 * stream.uniform());
  return new Uint8Array(4 * count).map((_, i) =>
    (slopes[i % 3]! * (i >> 2) + slopes[3 + i % 3]! * ((i >> 2) % 40) + 30 * stream.uniform()) % 256
  );
};
const mixing = mixingSet([1, 2, 3].map((key) => noise(key, 50 * 30)), 50, 30);

async function run(
  gpu: Gpu,
  method: MethodName,
  layout: MethodLayout,
  plans: readonly PicturePlan[],
  roundsTogether = 1,
): Promise<Float32Array> {
  const options = { ...methods[method].defaults, ...size };
  const shape = {
    ...{ ...layout, ...size, used: methods[method].ops(options) },
    ...{ batch: plans.length, chunk: 7, together: 3, roundsTogether, views: 1 },
  };
  const tape = new Tape(gpu);
  const machine = declareMachine(
    tape,
    { ...shape, mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.25] },
    mixingRegion(tape, { ...size, batch: plans.length }, mixing),
  );
  tape.record(launchJobs(tape, machine));
  const program = await tape.compile();
  const table = new JobTable(shape, mixing);
  table.encode(plans);
  write(gpu, machine.jobs, table.jobs);
  write(gpu, machine.launches, table.tables.launches);
  write(gpu, machine.rows, table.tables.rows);
  write(gpu, machine.mixing, mixing.rgba as BufferSource);
  write(gpu, machine.pictures, noise(9, pixels * plans.length) as BufferSource);
  if (usesAutocontrastShort(machine.options)) {
    write(gpu, machine.autocontrastShort, autocontrastShort());
  }
  program.run();
  const all = await readFloats(gpu, machine.output.data);
  program.destroy();
  return all.slice(0, 4 * pixels * plans.length);
}

for (const method of ["pixmix", "ipmix", "augmix"] as const) {
  gpuTest(`${method} makes the same of bytes in slots of bytes and of floats`, async (gpu) => {
    const options = { ...methods[method].defaults, ...size };
    const layout = methods[method].layout(options);
    ok(layout.byteSlots);
    const drawn = Array.from(
      { length: 40 },
      (_, i) => methods[method].plan(options, mixing, i, 1),
    );
    const plans = [...drawn, { ...drawn[0]!, stages: [] }];
    const floats = {
      ...{ ...layout, byteSlots: false, byteBlends: [] },
      blends: [...layout.blends, ...layout.byteBlends ?? []],
    };
    const found = await run(gpu, method, layout, plans);
    deepEqual(found, await run(gpu, method, floats, plans));
    ok(found.every(Number.isFinite) && new Set(found).size > 500);
  });
}

for (const method of methodNames) {
  gpuTest(
    `${method} makes the same with all rounds in a launch, or each in its own`,
    async (gpu) => {
      const options = { ...methods[method].defaults, ...size };
      const layout = methods[method].layout(options);
      const drawn = Array.from(
        { length: 30 },
        (_, i) => methods[method].plan(options, mixing, i, 1),
      );
      const plans = methods[method].pair?.(options, drawn) ?? drawn;
      // Elsewhere a workgroup does not see what others wrote in the same launch.
      const together = gpu.inStep === 8 ? layout.rounds : 1;
      const found = await run(gpu, method, layout, plans, together);
      deepEqual(found, await run(gpu, method, layout, plans, 1));
      ok(found.every(Number.isFinite) && new Set(found).size > 500);
    },
  );
}

gpuTest("bytes become the floats nearest to their shares of 255", async (gpu) => {
  const all = new Uint8Array(4 * 256).map((_, i) => i >> 2);
  const [shares] = await runStages(
    gpu,
    { width: 16, height: 16 },
    [[new Float32Array(4 * 256)]],
    [{
      ...{ index: 0, epoch: 0, crop: { top: 0, left: 0, flip: false } },
      mixing: { picture: 0, top: 0, left: 0 },
      stages: [{ a: { from: "mixing" }, to: "output" }],
    }],
    mixingSet([all], 16, 16),
  );
  for (let byte = 0; byte < 256; byte++) {
    // WGSL leaves a division 2.5 units in the last place.
    const most = gpu.software ? 0 : 3 * 2 ** -24 * byte / 255;
    ok(Math.abs(shares![4 * byte]! - Math.fround(byte / 255)) <= most, `${byte}`);
  }
});
