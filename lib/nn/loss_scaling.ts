import code from "../../kernels/loss_scaling.wgsl" with { type: "text" };
import type { Gpu } from "../gpu/device.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import { write } from "../gpu/program.ts";
import { stepCode } from "../gpu/step.ts";
import type { Tape } from "../gpu/tape.ts";

/** Where loss scaling is: what training needs to go on with the same bits. */
export interface LossScale {
  /** What the loss's gradient is multiplied by; a power of two. */
  scale: number;
  /** Steps without overflow since the scale was changed. */
  good_steps: number;
  /** Steps whose gradients overflowed, and which changed no parameter, since training began. */
  skipped_steps: number;
}

/** As PyTorch's GradScaler begins. */
export const initialLossScale: LossScale = { scale: 65536, good_steps: 0, skipped_steps: 0 };

/** Doubled and halved within f32's exponents, whatever a file says. */
const LARGEST_SCALE = 2 ** 100;

/** Declares the state of loss scaling, which kernels know as `scaling`. */
export function declareLossScaling(tape: Tape): Region {
  return tape.region("scaling", 16);
}

/** WGSL of the state, for kernels that only read it. */
const declaration = (binding: number) => `
struct Scaling {
  scale: f32,
  good_steps: u32,
  overflowed: u32,
  skipped: u32,
}
@group(0) @binding(${binding}) var<storage, read> scaling: Scaling;
`;

/** WGSL of `loss_scale`, which the gradient of a loss is multiplied by. */
export function lossScaleCode(scaling: Region | undefined, binding: number): string {
  return `${scaling ? declaration(binding) : ""}
fn loss_scale() -> f32 {
  return ${scaling ? "scaling.scale" : "1.0"};
}
`;
}

/** WGSL of `unscaled`, which undoes that, and of `is_skipped`, whether a gradient overflowed. */
export function unscaleCode(scaling: Region | undefined, binding: number): string {
  return `${scaling ? declaration(binding) : ""}
fn unscaled(gradient: mat4x4<f32>) -> mat4x4<f32> {
  return ${scaling ? "gradient * (1.0 / scaling.scale)" : "gradient"};
}
fn is_skipped() -> bool {
  return ${scaling ? "scaling.overflowed != 0u" : "false"};
}
`;
}

/** The launch that looks for what is not finite among `matrices` × 16 gradients. */
export function findOverflow(
  scaling: Region,
  gradients: Region,
  matrices: number,
  groups: Launch["groups"],
): Launch {
  return {
    kernel: "find_overflow",
    code: stepCode + code,
    constants: { MATRICES: matrices },
    bindings: { gradients, scaling },
    groups,
  };
}

/** The launch that counts the step and changes the scale, after parameters were updated. */
export function followOverflow(step: Region, scaling: Region): Launch {
  const bindings = { step, scaling };
  return { kernel: "follow_overflow", code: stepCode + code, bindings, groups: [1] };
}

/** Reads the state back. */
export async function readLossScale(gpu: Gpu, scaling: Region): Promise<LossScale> {
  const data = new DataView(await gpu.read(scaling.buffer!, scaling.offset, 16));
  return {
    scale: data.getFloat32(0, true),
    good_steps: data.getUint32(4, true),
    skipped_steps: data.getUint32(12, true),
  };
}

/** Sets the state, as training begins or goes on. */
export function writeLossScale(
  gpu: Gpu,
  scaling: Region,
  { scale, good_steps, skipped_steps }: LossScale,
): void {
  const data = new DataView(new ArrayBuffer(16));
  data.setFloat32(0, scale, true);
  data.setUint32(4, good_steps, true);
  data.setUint32(12, skipped_steps, true);
  write(gpu, scaling, data.buffer);
}

/** Whether a value that was read from a file is a state of loss scaling. */
export function isLossScale(value: unknown): value is LossScale {
  const { scale, good_steps, skipped_steps } = (value ?? {}) as Partial<LossScale>;
  return typeof scale === "number" && scale >= 1 && scale <= LARGEST_SCALE &&
    [good_steps, skipped_steps].every((count) => Number.isInteger(count) && count! >= 0);
}
