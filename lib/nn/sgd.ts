import code from "../../kernels/sgd.wgsl" with { type: "text" };
import type { Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import type { Tape } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";
import type { Parameters } from "./parameters.ts";

/** Momentum in [0, 1) and weight decay, which acts on all parameters. */
export interface SgdOptions {
  momentum: number;
  decay: number;
}

/** Records the update of all parameters by one dispatch; the learning rate comes with the step. */
export function sgd(
  tape: Tape,
  step: Region,
  parameters: Parameters,
  { momentum, decay }: SgdOptions,
): void {
  const { values, gradients, momenta } = parameters.buffers;
  tape.update([{
    kernel: "sgd",
    code: stepCode + code,
    constants: { MATRICES: values.bytes / 64, MOMENTUM: momentum, DECAY: decay },
    bindings: { step, w: values, dw: gradients, velocity: momenta },
    groups: elementGroups(values.bytes / 16),
  }]);
}
