import { type Buffers, destroy } from "./buffers.ts";
import type { Gpu } from "./device.ts";
import { GpuError } from "./error.ts";
import type { Dispatch, Region } from "./kernel.ts";

/** A compiled tape: its launches over their buffers, replayed as one submission. */
export class Program {
  /** Takes over the buffers, which `destroy` gives back. */
  constructor(
    readonly gpu: Gpu,
    readonly dispatches: readonly Dispatch[],
    readonly buffers: Buffers,
  ) {}

  /** Submits launches `from` … `to - 1`, all by default, in order and in one compute pass. */
  run(from = 0, to = this.dispatches.length): void {
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (let i = from; i < to; i++) {
      const { pipeline, group, groups: [x, y, z] } = this.dispatches[i]!;
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y, z);
    }
    pass.end();
    this.gpu.submit(encoder);
  }

  /** Frees the buffers the tape declared. */
  destroy(): void {
    destroy(this.buffers);
  }
}

/**
 * Writes host numbers to the start of a region, `offset` bytes in; ordered with submissions.
 *
 * @throws {GpuError} when the region shares its memory
 */
export function write(gpu: Gpu, region: Region, data: BufferSource, offset = 0): void {
  checkKept(region, "write");
  // Deno 2.9.6 panics on an empty array.
  if (data.byteLength === 0) return;
  gpu.device.queue.writeBuffer(region.buffer!, region.offset + offset, data);
}

/**
 * Reads a region's numbers back, as f32 whatever they are stored as.
 *
 * @throws {GpuError} when the region shares its memory
 */
export async function readFloats(gpu: Gpu, region: Region): Promise<Float32Array<ArrayBuffer>> {
  checkKept(region, "read");
  const bytes = await gpu.read(region.buffer!, region.offset, region.bytes);
  return region.half ? new Float32Array(new Float16Array(bytes)) : new Float32Array(bytes);
}

/** What a shared buffer holds between runs is of other regions. */
function checkKept({ name, isShared }: Region, task: string): void {
  if (!isShared) return;
  throw new GpuError(`Cannot ${task} ${name}: its memory is shared; keep it when recording`);
}
