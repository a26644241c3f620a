import type { Gpu } from "./device.ts";
import type { Dispatch, Region } from "./kernel.ts";

/** A compiled tape: its launches over their buffers, replayed as one submission. */
export class Program {
  constructor(
    readonly gpu: Gpu,
    readonly dispatches: readonly Dispatch[],
    readonly regions: readonly Region[],
  ) {}

  /** Submits launches `from` … `to - 1`, all by default, in order and in one compute pass. */
  run(from = 0, to = this.dispatches.length): void {
    const encoder = this.gpu.device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, group, groups } of this.dispatches.slice(from, to)) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...groups);
    }
    pass.end();
    this.gpu.submit(encoder);
  }

  /** Frees the buffers the tape declared. */
  destroy(): void {
    for (const region of this.regions) region.buffer?.destroy();
  }
}

/** Writes host numbers to the start of a region, `offset` bytes in; ordered with submissions. */
export function write(gpu: Gpu, region: Region, data: BufferSource, offset = 0): void {
  gpu.device.queue.writeBuffer(region.buffer!, region.offset + offset, data);
}

/** Reads a region's numbers back. */
export async function readFloats(gpu: Gpu, region: Region): Promise<Float32Array<ArrayBuffer>> {
  return new Float32Array(await gpu.read(region.buffer!, region.offset, region.bytes));
}
