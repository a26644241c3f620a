import code from "../../kernels/tfjs/pack.wgsl" with { type: "text" };
import type { Gpu } from "../gpu/device.ts";
import { build, type Region } from "../gpu/kernel.ts";
import { Program } from "../gpu/program.ts";
import { elementGroups } from "../nn/elementwise.ts";

/** The types of tensors that are read: whole numbers of 0 … 255, or floats in [0, 1]. */
export type PackedType = "int32" | "float32";

/**
 * Gets ready to turn r, g, b (pixels × 3) into bytes r, g, b, 0 (pixels × 4) at the start of `to`.
 * Floats are rounded as `createAugmenter` rounds the host's; what is out of range is brought to its
 * ends, and what is no number to 0, since nothing is read back that could tell.
 *
 * @returns what submits it
 * @throws {GpuError} when the device binds less
 */
export async function packer(
  gpu: Gpu,
  from: { buffer: GPUBuffer; type: PackedType },
  to: Region,
  pixels: number,
): Promise<() => void> {
  const values = { name: "tensor", bytes: 12 * pixels, buffer: from.buffer, offset: 0 };
  const launch = {
    ...{ kernel: `pack_${from.type}`, code, groups: elementGroups(pixels, 1) },
    bindings: {
      [from.type === "int32" ? "ints" : "floats"]: values,
      packed: { ...to, bytes: 4 * pixels, buffer: to.buffer! },
    },
  };
  const dispatches = await build(gpu, [launch]);
  return () => new Program(gpu, dispatches, { kept: [], shared: [] }).run();
}
