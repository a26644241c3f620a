import type { Gpu } from "./device.ts";
import { GpuError } from "./error.ts";
import type { Region } from "./kernel.ts";

/** What a recorded step would take. */
export interface Weight {
  /** All buffers. */
  bytes: number;
  /** The largest buffer that is bound. */
  largest: Region;
}

/**
 * Bytes that buffers may take: on a software adapter four fifths of the free main memory, since its
 * driver grants any buffer and the system then kills the process; unknown, so unbounded, on a real
 * GPU, which refuses by itself.
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

/** Whether buffers of that size can be had and bound, as far as is known. */
export function fits(gpu: Gpu, { bytes, largest }: Weight): boolean {
  return largest.bytes <= gpu.device.limits.maxStorageBufferBindingSize && bytes <= memoryOf(gpu);
}

/** What a step needs, and what there is, in the words of errors and notes. */
export function describeNeed(gpu: Gpu, { bytes, largest }: Weight): string {
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  const memory = memoryOf(gpu), binding = gpu.device.limits.maxStorageBufferBindingSize;
  return `it needs ${mebibytes(bytes)}, the largest buffer (${largest.name}) ` +
    `${mebibytes(largest.bytes)}, and ${gpu.name} has ` +
    (memory === Infinity ? "" : `${mebibytes(memory)} and `) +
    `buffers of at most ${mebibytes(binding)}`;
}

/**
 * Records a step of the wanted batch size, or refuses it where it does not fit the memory or the
 * bindings of the adapter.
 *
 * @param task the verb of the error, such as "train"
 * @param record records a step of a batch size, and allocates nothing
 * @param advice the end of the error where a smaller batch fits
 * @throws {GpuError} naming the largest batch that fits
 */
export function recordFitting<Recorded>(
  gpu: Gpu,
  task: string,
  batchSize: number,
  record: (batchSize: number) => Recorded,
  weigh: (recorded: Recorded) => Weight,
  advice = "",
): Recorded {
  const recorded = record(batchSize);
  const weight = weigh(recorded);
  if (fits(gpu, weight)) return recorded;
  let [low, high] = [0, batchSize];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (fits(gpu, weigh(record(middle)))) low = middle;
    else high = middle;
  }
  throw new GpuError(
    `Cannot ${task} with a batch of ${batchSize}: ${describeNeed(gpu, weight)}; ` +
      (low ? `the largest batch that fits is ${low}${advice}` : "no batch fits"),
  );
}
