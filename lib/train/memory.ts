import type { Gpu } from "../gpu/device.ts";

/**
 * Bytes a run may take: on a software adapter four fifths of the free main memory, since its driver
 * grants any buffer and the system then kills the process; unknown, so unbounded, on a real GPU,
 * which refuses by itself.
 */
export function memoryOf(gpu: Gpu): number {
  if (!gpu.software || typeof Deno === "undefined") return Infinity;
  try {
    return 0.8 * Deno.systemMemoryInfo().available;
  } catch {
    // Without the permission to ask, the driver's answer has to do.
    return Infinity;
  }
}
