import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { Gpu } from "../../lib/gpu/device.ts";
import { createAugmenter } from "../../mod.ts";
import { describedGpu, gpuTest, testGpu } from "../gpu.ts";
import { indices, optionsOf, rgba } from "../augment/create_augmenter_fixture.ts";

/** Opens a device as others do: with WebGPU's default limits and no features. */
async function openPlain(): Promise<GPUDevice> {
  await testGpu();
  return await (await navigator.gpu.requestAdapter())!.requestDevice();
}

gpuTest(
  "Gpu.from() gives the same pixels on a plain device as on one with full limits",
  async (gpu) => {
    const device = await openPlain();
    const borrowed = Gpu.from(device);
    equal(borrowed.name, gpu.name);
    equal(borrowed.software, gpu.software);
    equal(borrowed.inStep, gpu.inStep);
    // Pillow's ops bind the most buffers.
    for (const changes of [{}, { ops: "pil", allOps: true }]) {
      const results = await Promise.all([gpu, borrowed].map(async (gpu) => {
        using augmenter = await createAugmenter(optionsOf(gpu, "layermix", changes));
        return await (await augmenter.augment(rgba, indices, 4)).read();
      }));
      deepEqual(results[1], results[0]);
    }
    device.destroy();
  },
);

gpuTest("close() of a borrowed device leaves it alone, and listens no longer", async () => {
  const device = await openPlain();
  let heard = 0, prevented = 0;
  device.addEventListener("uncapturederror", (event) => {
    heard++;
    prevented += Number(event.defaultPrevented);
    event.preventDefault();
  });
  const fault = async () => {
    device.createBuffer({ size: 4, usage: 0 });
    await device.queue.onSubmittedWorkDone();
    await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const [used, closed] = [Gpu.from(device, { name: "theirs" }), Gpu.from(device)];
  closed.close();
  await fault();
  throws(() => used.check(), /^GpuError: The GPU \(theirs\) reported: /);
  closed.check();
  used.close();
  await fault();
  deepEqual([heard, prevented], [2, 0]);
  // It still works.
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: 4, usage });
  device.queue.writeBuffer(buffer, 0, Uint32Array.of(7));
  const again = Gpu.from(device);
  deepEqual(new Uint32Array(await again.read(buffer)), Uint32Array.of(7));
  device.destroy();
  await device.lost;
  await rejects(again.read(buffer), { name: "GpuError" });
});

Deno.test("Gpu.from() names the limit that is too small, and refuses what is no device", () => {
  const { limits } = describedGpu.device;
  const device = (changes: object) =>
    ({
      queue: {},
      limits: {
        ...{ ...limits, maxStorageBuffersPerShaderStage: 8, maxComputeWorkgroupSizeX: 256 },
        ...changes,
      },
    }) as GPUDevice;
  throws(() => Gpu.from(device({ maxStorageBuffersPerShaderStage: 4 }), { name: "old" }), {
    name: "GpuError",
    message:
      "Cannot use the device (old): expected maxStorageBuffersPerShaderStage of at least 8 but " +
      "found 4; request the device with that among requiredLimits",
  });
  throws(
    () => Gpu.from(device({ maxComputeInvocationsPerWorkgroup: 128 })),
    /\(unnamed adapter\): expected maxComputeInvocationsPerWorkgroup of at least 256 but found 128/,
  );
  for (const wrong of [undefined, null, {}, "cpu"]) {
    throws(() => Gpu.from(wrong as unknown as GPUDevice), {
      name: "TypeError",
      message: `Cannot use the device: expected a GPUDevice but found ${wrong}`,
    });
  }
});

gpuTest("a mixing set too large for a borrowed device is refused, with what it binds", async () => {
  const device = await openPlain();
  const gpu = Gpu.from(device, { name: "theirs" });
  const count = 1, side = Math.ceil(Math.sqrt(device.limits.maxStorageBufferBindingSize / 4)) + 1;
  const mixing = {
    ...{ count, widths: Uint32Array.of(side), heights: Uint32Array.of(side) },
    ...{ offsets: Uint32Array.of(0), rgba: new Uint8Array(4 * side * side) },
  };
  await rejects(
    createAugmenter({ gpu, method: "pixmix", mixing, width: 8, height: 8, batch: 1, seed: 1 }),
    /Cannot hold the mixing set: .* theirs binds at most \d+/,
  );
  device.destroy();
});
