import type { Gpu } from "./device.ts";
import { GpuError } from "./error.ts";

/**
 * Does work whose faults are thrown here, instead of becoming the device's and ending all work on
 * it. Nothing else may use the device meanwhile.
 *
 * @param task what the error says could not be done, such as "time a kernel"
 * @throws {GpuError} with the first fault, or what the work throws
 */
export async function contain<Result>(
  gpu: Gpu,
  task: string,
  work: () => Result | Promise<Result>,
): Promise<Result> {
  const { device } = gpu;
  const filters = ["validation", "out-of-memory", "internal"] as const;
  for (const filter of filters) device.pushErrorScope(filter);
  let faults: Promise<(GPUError | null)[]>;
  let result: Result;
  try {
    result = await work();
  } finally {
    faults = Promise.all(filters.map(() => device.popErrorScope()));
    // Where the work throws, its own error tells more.
    faults.catch(() => {});
  }
  const fault = (await faults).find((found) => found);
  if (fault) throw new GpuError(`Cannot ${task} on ${gpu.name}: ${fault.message.trim()}`);
  return result;
}
