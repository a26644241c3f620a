import code from "../../kernels/sgd.wgsl" with { type: "text" };
import averageCode from "../../kernels/weight_average.wgsl" with { type: "text" };
import { GpuError } from "../gpu/error.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import type { Tape } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";
import { findOverflow, followOverflow, unscaleCode } from "./loss_scaling.ts";
import { ALIGNMENT, type Parameters } from "./parameters.ts";

/** Momentum in [0, 1) and weight decay, which acts on all parameters. */
export interface SgdOptions {
  /** Nesterov's, in [0, 1). */
  momentum: number;
  /** Weight decay, on all parameters. */
  decay: number;
  /** Whether batches may come in parts, whose gradients are added up; false by default. */
  inParts?: boolean;
  /** The state of loss scaling: gradients that overflow skip the step. Without it they are as they are. */
  scaling?: Region;
}

/**
 * Records the update of all parameters, by one dispatch where the adapter can bind them all at
 * once; the learning rate comes with the step.
 */
export function sgd(
  tape: Tape,
  step: Region,
  parameters: Parameters,
  { momentum, decay, inParts = false, scaling }: SgdOptions,
): void {
  const { values, gradients, momenta } = parameters.buffers;
  const sums = inParts ? tape.region("gradient sums", values.bytes) : undefined;
  const updates: Launch[] = [];
  for (const slice of slices(tape, values.bytes)) {
    const [w, dw, velocity] = [values, gradients, momenta].map((whole) => part(whole, slice));
    const matrices = slice.bytes / 64, groups = elementGroups(slice.bytes / 16);
    if (scaling) tape.update([findOverflow(scaling, dw!, matrices, groups)]);
    updates.push({
      kernel: sums ? "sgd_of_parts" : "sgd",
      code: stepCode + code + unscaleCode(scaling, 5),
      constants: { MATRICES: matrices, MOMENTUM: momentum, DECAY: decay },
      bindings: {
        ...{ step, w: w!, dw: dw!, velocity: velocity! },
        ...(sums ? { sums: part(sums, slice) } : {}),
        ...(scaling ? { scaling } : {}),
      },
      groups,
    });
  }
  tape.update(scaling ? [...updates, followOverflow(step, scaling)] : updates);
}

/**
 * Records the exponential moving average of all values and statistics in `averages`, which are
 * declared in the same order; `decay` in [0, 1) is how much of it stays in a step, less at first.
 */
export function averageWeights(
  tape: Tape,
  step: Region,
  parameters: Parameters,
  averages: Parameters,
  decay: number,
): void {
  for (const name of ["values", "statistics"] as const) {
    const [from, to] = [parameters.buffers[name], averages.buffers[name]];
    if (from.bytes !== to.bytes) {
      throw new GpuError(`Cannot average ${name}: ${from.bytes} and ${to.bytes} bytes differ`);
    }
    for (const slice of slices(tape, from.bytes)) {
      tape.update([{
        kernel: "weight_average",
        code: stepCode + averageCode,
        constants: { MATRICES: slice.bytes / 64, DECAY: decay },
        bindings: { step, values: part(from, slice), averages: part(to, slice) },
        groups: elementGroups(slice.bytes / 16),
      }]);
    }
  }
}

interface Slice {
  offset: number;
  bytes: number;
}

/** The parts of a buffer that the adapter can bind at once. */
function slices({ gpu }: Tape, bytes: number): Slice[] {
  const largest = gpu.device.limits.maxStorageBufferBindingSize;
  const most = Math.floor(largest / ALIGNMENT) * ALIGNMENT;
  return Array.from({ length: Math.ceil(bytes / most) }, (_, i) => {
    return { offset: i * most, bytes: Math.min(most, bytes - i * most) };
  });
}

/** A part of a buffer that is allocated later. */
function part(whole: Region, { offset, bytes }: Slice): Region {
  return {
    ...{ name: whole.name, bytes, offset: whole.offset + offset },
    get buffer() {
      return whole.buffer;
    },
  };
}
