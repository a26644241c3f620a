import type { Gpu } from "./device.ts";
import { GpuError } from "./error.ts";
import type { Region } from "./kernel.ts";
import type { Slot } from "./slots.ts";

/** What is to be allocated. */
export interface Memory {
  /** Regions with a buffer of their own. */
  readonly kept: readonly Region[];
  /** Regions that have a buffer one after the other. */
  readonly shared: readonly Slot[];
}

/** What was allocated. */
export interface Buffers {
  /** All zero at first. */
  readonly kept: readonly GPUBuffer[];
  /** Between runs they hold what no one needs any more. */
  readonly shared: readonly GPUBuffer[];
}

/** Bytes that `allocate` takes. */
export function bytesOf({ kept, shared }: Memory): number {
  return [...kept, ...shared].reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Makes the buffers and gives them to their regions.
 *
 * @throws {GpuError} when one cannot be had; nothing is held then
 */
export async function allocate(gpu: Gpu, memory: Memory): Promise<Buffers> {
  const { device } = gpu;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST |
    GPUBufferUsage.COPY_SRC;
  device.pushErrorScope("validation");
  device.pushErrorScope("out-of-memory");
  const kept = memory.kept.map((region) =>
    region.buffer = device.createBuffer({ label: region.name, size: region.bytes, usage })
  );
  const shared = memory.shared.map(({ bytes, lifetimes }, i) => {
    const buffer = device.createBuffer({ label: `shared ${i}`, size: bytes, usage });
    for (const { region } of lifetimes) Object.assign(region, { buffer, isShared: true });
    return buffer;
  });
  const scopes = [device.popErrorScope(), device.popErrorScope()];
  const error = (await Promise.all(scopes)).find((found) => found);
  if (!error) return { kept, shared };
  destroy({ kept, shared });
  throw new GpuError(
    `Cannot allocate ${(bytesOf(memory) / 2 ** 20).toFixed(0)} MiB on ${gpu.name}: ` +
      `${error.message.trim()}; use a smaller batch, or more parts of it`,
  );
}

/** Frees the buffers. */
export function destroy({ kept, shared }: Buffers): void {
  for (const buffer of [...kept, ...shared]) buffer.destroy();
}
