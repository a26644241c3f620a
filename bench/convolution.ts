import type { Gpu } from "../lib/gpu/device.ts";
import type { Launch } from "../lib/gpu/kernel.ts";
import { Tape } from "../lib/gpu/tape.ts";
import { flops, type Geometry, outputSize } from "../lib/nn/convolution.ts";
import { gatherProduct } from "../lib/nn/gather_product.ts";
import { storedSize } from "../lib/nn/parameters.ts";
import { weightGradient } from "../lib/nn/weight_gradient.ts";
import { milliseconds } from "./time.ts";

/** Convolutions of Wide ResNets: the widest layer of WRN-40-4 first. */
export const geometries: readonly Geometry[] = [
  { batch: 32, height: 32, width: 32, inputs: 64, outputs: 64, kernel: 3, stride: 1, padding: 1 },
  { batch: 64, height: 32, width: 32, inputs: 16, outputs: 16, kernel: 3, stride: 1, padding: 1 },
  { batch: 64, height: 16, width: 16, inputs: 32, outputs: 32, kernel: 3, stride: 1, padding: 1 },
  { batch: 64, height: 8, width: 8, inputs: 64, outputs: 64, kernel: 3, stride: 1, padding: 1 },
  { batch: 64, height: 32, width: 32, inputs: 16, outputs: 32, kernel: 3, stride: 2, padding: 1 },
  { batch: 64, height: 32, width: 32, inputs: 3, outputs: 16, kernel: 3, stride: 1, padding: 1 },
];

/** GFLOP/s of the three passes of one convolution. */
export interface ConvolutionSpeed {
  forward: number;
  inputGradient: number;
  weightGradient: number;
}

/** Measures the three passes of a convolution on buffers of zeros. */
export async function convolutionSpeed(gpu: Gpu, geometry: Geometry): Promise<ConvolutionSpeed> {
  const tape = new Tape(gpu, false);
  const { batch, height, width, inputs, outputs, kernel } = geometry;
  const x = tape.tensor("x", [batch, height, width, inputs]).data;
  const y = tape.tensor("y", [batch, ...outputSize(geometry), outputs]).data;
  const w = tape.region("w", 4 * storedSize([outputs, inputs, kernel, kernel]));
  const plan = weightGradient(geometry);
  const partials = tape.region("partials", plan.parts * w.bytes);
  const forward = gatherProduct("conv2d_forward", geometry, false);
  const input = gatherProduct("conv2d_input_gradient", geometry, false);
  const launches: Launch[] = [
    { kernel: "conv2d_forward", ...forward, bindings: { x, w, y } },
    { kernel: "conv2d_input_gradient", ...input, bindings: { x: y, w, y: x } },
    {
      kernel: "conv2d_weight_gradient",
      code: plan.code,
      groups: plan.groups,
      bindings: { x, dy: y, partials },
    },
  ];
  tape.record(launches);
  const program = await tape.compile();
  const speeds: number[] = [];
  for (let i = 0; i < launches.length; i++) {
    speeds.push(flops(geometry) / 1e6 / await milliseconds(gpu, () => program.run(i, i + 1)));
  }
  program.destroy();
  const [a, b, c] = speeds as [number, number, number];
  return { forward: a, inputGradient: b, weightGradient: c };
}
