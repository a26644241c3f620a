import { Gpu } from "../lib/gpu/device.ts";

let opened: Promise<Gpu> | undefined;

/**
 * The GPU of this test file: opened at first use, shared by all its tests and never closed.
 * Deno's sanitizers take what it holds for a leak: switch them off with `gpuTest`.
 */
export function testGpu(): Promise<Gpu> {
  return opened ??= Gpu.open();
}

/**
 * A test that uses `testGpu()`, so that operations and resources may outlive it. Where the adapter
 * lacks a feature that it needs, it is left out, which is said.
 */
export function gpuTest(
  name: string,
  body: (gpu: Gpu) => Promise<void> | void,
  feature?: GPUFeatureName,
): void {
  Deno.test({
    name,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      const gpu = await testGpu();
      if (!feature || gpu.device.features.has(feature)) return await body(gpu);
      console.log(`skipped: ${gpu.name} has no ${feature}`);
    },
  });
}

/** What recording needs to know of a device, for tests that run nothing on it. */
export const describedGpu = {
  name: "described",
  software: true,
  inStep: 1,
  device: {
    limits: {
      maxStorageBufferBindingSize: 2 ** 27,
      maxUniformBufferBindingSize: 2 ** 16,
      maxComputeInvocationsPerWorkgroup: 256,
      maxComputeWorkgroupStorageSize: 2 ** 14,
    },
  },
} as unknown as Gpu;
