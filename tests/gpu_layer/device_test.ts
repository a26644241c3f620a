import assert from "node:assert/strict";
import { Gpu } from "../../lib/gpu/device.ts";
import { GpuError } from "../../lib/gpu/error.ts";
import { gpuTest } from "../gpu.ts";

/** Opens a device of its own, which a test may break. */
function openTest(name: string, body: (gpu: Gpu) => Promise<void>): void {
  gpuTest(name, async () => {
    const gpu = await Gpu.open();
    try {
      await body(gpu);
    } finally {
      gpu.close();
    }
  });
}

/** What `check()` throws, once the device has had time to report. */
async function reported(gpu: Gpu): Promise<GpuError> {
  await gpu.device.queue.onSubmittedWorkDone();
  await new Promise((resolve) => setTimeout(resolve, 20));
  let caught: unknown;
  try {
    gpu.check();
  } catch (error) {
    caught = error;
  }
  assert.ok(caught instanceof GpuError, `expected a GpuError but found ${caught}`);
  return caught;
}

openTest("Gpu.open() opens the adapter's full limits and names it", async (gpu) => {
  const adapter = await navigator.gpu.requestAdapter();
  assert.ok(gpu.name.length > 0);
  for (
    const limit of [
      "maxStorageBufferBindingSize",
      "maxBufferSize",
      "maxComputeInvocationsPerWorkgroup",
    ] as const
  ) {
    assert.equal(gpu.device.limits[limit], adapter!.limits[limit], limit);
  }
  gpu.check();
});

gpuTest("Gpu.open() opens the software adapter, or says that there is none", async () => {
  if (!await navigator.gpu.requestAdapter({ forceFallbackAdapter: true })) {
    await assert.rejects(Gpu.open("software"), /Cannot find a software WebGPU adapter/);
    return;
  }
  const gpu = await Gpu.open("software");
  assert.equal(gpu.software, true);
  gpu.close();
});

Deno.test("Gpu.open() says what to install where there is no adapter", async () => {
  const { gpu } = navigator;
  const give = (value: unknown) =>
    Object.defineProperty(navigator, "gpu", { value, configurable: true });
  const install = "install a Vulkan driver (Debian, Ubuntu: sudo apt-get install -y " +
    "mesa-vulkan-drivers), then see `layermix doctor`";
  try {
    give({ requestAdapter: () => Promise.resolve(null) });
    await assert.rejects(Gpu.open(), {
      name: "GpuError",
      message: `Cannot find a WebGPU adapter: ${install}`,
    });
    give(undefined);
    await assert.rejects(Gpu.open("software"), {
      name: "GpuError",
      message: `Cannot find a software WebGPU adapter: ${install}`,
    });
  } finally {
    give(gpu);
  }
});

openTest("A buffer of a usage that does not exist is thrown by the next check()", async (gpu) => {
  const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.STORAGE;
  gpu.device.createBuffer({ label: "wrong", size: 16, usage });
  const error = await reported(gpu);
  assert.match(error.message, /^The GPU \(.+\) reported: .*\S/);
  assert.ok(error.message.includes(gpu.name));
  assert.ok(!error.message.includes("\n"), "one line");
});

openTest("A bind group that lacks an entry is thrown by the next submit()", async (gpu) => {
  const layout = gpu.device.createBindGroupLayout({
    entries: [{ binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "storage" } }],
  });
  gpu.device.createBindGroup({ label: "empty", layout, entries: [] });
  const first = await reported(gpu);
  assert.throws(() => gpu.submit(gpu.device.createCommandEncoder()), first);
  await assert.rejects(gpu.idle(), first);
});

openTest("The first of several faults is the one that is thrown", async (gpu) => {
  gpu.device.createBuffer({ label: "too-large", size: 2 ** 50, usage: GPUBufferUsage.STORAGE });
  const first = await reported(gpu);
  gpu.device.createBuffer({ size: 4, usage: 0 });
  assert.equal(await reported(gpu), first);
});

openTest("A lost device is thrown by the next check() and by read()", async (gpu) => {
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
  const buffer = gpu.device.createBuffer({ size: 16, usage });
  gpu.device.destroy();
  await gpu.device.lost;
  const error = await reported(gpu);
  assert.ok(error.message.startsWith(`Lost the GPU (${gpu.name}): `), error.message);
  await assert.rejects(gpu.read(buffer), error);
});

openTest("A device that was closed on purpose is no fault", async (gpu) => {
  gpu.close();
  await gpu.device.lost;
  gpu.check();
});

gpuTest("read() returns a part of a buffer", async (gpu) => {
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = gpu.device.createBuffer({ size: 32, usage });
  gpu.device.queue.writeBuffer(buffer, 0, Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8));
  assert.deepEqual(new Uint32Array(await gpu.read(buffer, 8, 12)), Uint32Array.of(3, 4, 5));
  assert.deepEqual(new Uint32Array(await gpu.read(buffer, 24)), Uint32Array.of(7, 8));
  buffer.destroy();
});
