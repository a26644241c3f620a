import code from "../../kernels/sgd.wgsl" with { type: "text" };
import type { Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import type { Tape } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";
import { ALIGNMENT, type Parameters } from "./parameters.ts";

/** Momentum in [0, 1) and weight decay, which acts on all parameters. */
export interface SgdOptions {
  momentum: number;
  decay: number;
}

/**
 * Records the update of all parameters, by one dispatch where the adapter can bind them all at
 * once; the learning rate comes with the step.
 */
export function sgd(
  tape: Tape,
  step: Region,
  parameters: Parameters,
  { momentum, decay }: SgdOptions,
): void {
  const { values, gradients, momenta } = parameters.buffers;
  const largest = tape.gpu.device.limits.maxStorageBufferBindingSize;
  const slice = Math.floor(largest / ALIGNMENT) * ALIGNMENT;
  for (let offset = 0; offset < values.bytes; offset += slice) {
    const bytes = Math.min(slice, values.bytes - offset);
    const [w, dw, velocity] = [values, gradients, momenta].map((whole) =>
      part(whole, offset, bytes)
    );
    tape.update([{
      kernel: "sgd",
      code: stepCode + code,
      constants: { MATRICES: bytes / 64, MOMENTUM: momentum, DECAY: decay },
      bindings: { step, w: w!, dw: dw!, velocity: velocity! },
      groups: elementGroups(bytes / 16),
    }]);
  }
}

/** A part of a buffer that is allocated later. */
function part(whole: Region, offset: number, bytes: number): Region {
  return {
    name: whole.name,
    bytes,
    offset,
    get buffer() {
      return whole.buffer;
    },
  };
}
