/**
 * An opened GPU device, and what training steps are made of on it: regions of memory, kernels, and
 * the tape that records them once and replays them.
 *
 * ```ts run
 * import { Gpu } from "@layermix/layermix/gpu";
 *
 * const gpu = await Gpu.open();
 * const buffer = gpu.device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST });
 * gpu.device.queue.writeBuffer(buffer, 0, new Float32Array([1, 2, 3, 4]));
 * console.log(new Float32Array(await gpu.read(buffer))); // Float32Array(4) [ 1, 2, 3, 4 ]
 * gpu.close();
 * ```
 *
 * @module
 */
export type { Buffers } from "./buffers.ts";
export { type AdapterChoice, Gpu } from "./device.ts";
export { diagnose, type Diagnosis } from "./doctor.ts";
export { GpuError } from "./error.ts";
export { type Precision, precisions } from "./half.ts";
export type { BuildProgress, Dispatch, Launch, Region } from "./kernel.ts";
export { Program, readFloats, write } from "./program.ts";
export { type Step, STEP_BYTES, stepCode, writeStep } from "./step.ts";
export { type Gradient, padded, Tape, type Tensor } from "./tape.ts";
export { openTimer, type TimedPass, type Timer } from "./timing.ts";
export { type Alternative, type Question, Tuning } from "./tuning.ts";
