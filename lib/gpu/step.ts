import code from "../../kernels/step.wgsl" with { type: "text" };
import type { Gpu } from "./device.ts";
import type { Region } from "./kernel.ts";
import { write } from "./program.ts";

/** What changes from step to step; the layout of `Step` in `kernels/step.wgsl`. */
export interface Step {
  /** How many rows (pictures, or views of them) are real, 1 … batch size. */
  batch: number;
  /** Steps done since training began. */
  number: number;
  /** Of all random numbers, unsigned 32-bit. */
  seed: number;
  /** Of this step. */
  learningRate: number;
  /** Where a batch is made in parts, one after the other: which this one is. The whole by default. */
  part?: {
    /** Rows of the whole batch. */
    total: number;
    /** The first row of this part. */
    first: number;
  };
}

/** The WGSL declaration of `Step`, to be put before kernels that read it. */
export const stepCode: string = code;

/** Bytes of the region that `writeStep()` writes. */
export const STEP_BYTES = 32;

/** Writes the values that the next submitted step reads. */
export function writeStep(gpu: Gpu, region: Region, step: Step): void {
  const { total, first } = step.part ?? { total: step.batch, first: 0 };
  const data = new DataView(new ArrayBuffer(STEP_BYTES));
  data.setUint32(0, step.batch, true);
  data.setUint32(4, step.number, true);
  data.setUint32(8, step.seed, true);
  data.setFloat32(12, step.learningRate, true);
  data.setUint32(16, total, true);
  data.setUint32(20, first, true);
  data.setUint32(24, Number(first + step.batch === total), true);
  write(gpu, region, data.buffer);
}
