import type { Gpu } from "../gpu/device.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import { write } from "../gpu/program.ts";
import { Tape } from "../gpu/tape.ts";
import type { Tuning } from "../gpu/tuning.ts";
import { conv2d } from "../nn/conv2d.ts";
import { flops, type Geometry } from "../nn/convolution.ts";
import { Parameters } from "../nn/parameters.ts";
import { recordTuned, type TuneOptions } from "../tune/record_tuned.ts";
import type { Work } from "./clock.ts";
import { boundBytes } from "./profile.ts";

/** The three passes of a convolution, in the order in which they are launched. */
export const passNames = ["forward", "input_gradient", "weight_gradient"] as const;
export type PassName = typeof passNames[number];

/** A convolution that is measured; a matrix product is one of 1 × 1 on pictures of one pixel. */
export interface Operation {
  /** Rows are named `<name>_<pass>`; where there is one pass alone, `<name>`. */
  readonly name: string;
  readonly passes: readonly PassName[];
  readonly geometry: Geometry;
}

/** One pass, ready to be timed. */
export interface OpenedPass {
  readonly name: PassName;
  readonly work: Pick<Work, "call" | "idle">;
  readonly flops: number;
  /** Of all buffers that its launches bind. */
  readonly bytes: number;
}

/** The passes of an operation over one set of buffers. */
export interface OpenedOperation {
  readonly passes: readonly OpenedPass[];
  release(): void;
}

function convolution(
  name: string,
  inputs: number,
  outputs: number,
  { kernel = 3, stride = 1 } = {},
): Operation {
  const sizes = { batch: 32, height: 32, width: 32, inputs, outputs, kernel, stride, groups: 1 };
  return { name, passes: passNames, geometry: { ...sizes, padding: kernel >> 1 } };
}

/** What `--quick` measures: the widest layer of WRN-40-4, and a matrix product. */
export const mainOperations: readonly Operation[] = [
  convolution("conv3x3", 64, 64),
  {
    name: "matmul_1024",
    passes: ["forward"],
    geometry: {
      ...{ batch: 1024, height: 1, width: 1, inputs: 1024, outputs: 1024 },
      ...{ kernel: 1, stride: 1, padding: 0, groups: 1 },
    },
  },
];

/** Further layers of Wide ResNets: where they widen and where pictures shrink. */
export const furtherOperations: readonly Operation[] = [
  convolution("conv1x1_16_64", 16, 64, { kernel: 1 }),
  convolution("conv1x1_64_128_stride2", 64, 128, { kernel: 1, stride: 2 }),
  convolution("conv3x3_64_128_stride2", 64, 128, { stride: 2 }),
  convolution("conv3x3_16_32_stride2", 16, 32, { stride: 2 }),
];

interface Recorded {
  tape: Tape;
  parameters: Parameters;
  /** What has to hold numbers before a run. */
  inputs: Region[];
}

/** Records the forward pass, and as many of the backward passes as `gradients` says. */
function record(
  gpu: Gpu,
  tuning: Tuning,
  geometry: Geometry,
  gradients: "none" | "weight" | "all",
): Recorded {
  const { batch, height, width, inputs: channels, outputs, kernel, stride, padding } = geometry;
  const tape = new Tape(gpu, gradients !== "none", tuning);
  const x = tape.tensor("x", [batch, height, width, channels], gradients === "all");
  const parameters = new Parameters();
  const w = parameters.parameter("w", [outputs, channels, kernel, kernel]);
  const y = conv2d(tape, x, w, { stride, padding });
  // What follows would write it; here the host does.
  const inputs = [x.data, ...(tape.differentiate ? [tape.gradient(y).region] : [])];
  return { tape, parameters, inputs };
}

/** Records, tunes where asked to, and compiles an operation. */
export async function openOperation(
  gpu: Gpu,
  { geometry, passes }: Operation,
  tune?: TuneOptions,
): Promise<OpenedOperation> {
  const gradients = passes.length > 1 ? "all" : "none";
  const { recorded, tuning } = await recordTuned(gpu, (tuning) => {
    const recorded = record(gpu, tuning, geometry, gradients);
    recorded.tape.finish();
    return recorded;
  }, tune);
  const { tape, parameters } = recorded;
  parameters.allocate(gpu);
  const program = await tape.compile();
  for (const region of [...recorded.inputs, parameters.buffers.values]) fill(gpu, region);
  const launches = tape.finish();
  // The weight gradient's launches come before those of the input gradient.
  const [forward, weight] = (["none", "weight"] as const).map((gradients) =>
    record(gpu, tuning, geometry, gradients).tape.finish().length
  ) as [number, number];
  const ranges: Record<PassName, [number, number]> = {
    forward: [0, forward],
    weight_gradient: [forward, weight],
    input_gradient: [weight, launches.length],
  };
  return {
    passes: passes.map((name) => ({
      name,
      work: { call: () => program.run(...ranges[name]), idle: () => gpu.idle() },
      flops: flops(geometry),
      bytes: bytesOf(launches.slice(...ranges[name])),
    })),
    release() {
      program.destroy();
      parameters.destroy();
    },
  };
}

function bytesOf(launches: readonly Launch[]): number {
  return launches.reduce((sum, launch) => sum + boundBytes(launch), 0);
}

/** Random numbers, since some GPUs are faster on zeros. */
function fill(gpu: Gpu, region: Region): void {
  const some = Float32Array.from({ length: 4096 }, () => Math.random() - 0.5);
  const values = new Float32Array(region.bytes / 4);
  for (let i = 0; i < values.length; i += some.length) {
    values.set(some.subarray(0, Math.min(some.length, values.length - i)), i);
  }
  write(gpu, region, values);
}
