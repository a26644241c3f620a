import code from "../../kernels/conv2d.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { type Geometry, outputSize, quads } from "./convolution.ts";
import { gatherProduct } from "./gather_product.ts";
import type { Parameter } from "./parameters.ts";
import { weightGradient } from "./weight_gradient.ts";

/** Stride and zero padding of a convolution, the same in both directions. */
export interface ConvolutionOptions {
  stride?: number;
  padding?: number;
}

/**
 * y = x ∗ w, for x (batch × height × width × inputs) and w with PyTorch's shape
 * (outputs × inputs × kernel × kernel), no bias.
 *
 * @throws {RangeError} when the channels of x and w differ or the kernel is larger than the picture
 */
export function conv2d(
  tape: Tape,
  x: Tensor,
  w: Parameter,
  { stride = 1, padding = 0 }: ConvolutionOptions = {},
): Tensor {
  const geometry = geometryOf(x, w, stride, padding);
  const [outHeight, outWidth] = outputSize(geometry);
  const y = tape.tensor(`output of ${w.name}`, [
    geometry.batch,
    outHeight,
    outWidth,
    geometry.outputs,
  ]);
  const { code, groups } = gatherProduct("conv2d_forward", geometry, false);
  const forward = {
    kernel: "conv2d_forward",
    code,
    groups,
    bindings: { x: x.data, w: w.data, y: y.data },
  };
  tape.record([forward], () => {
    const dy = tape.received(y);
    const launches = [...weightLaunches(tape, geometry, x, w, dy)];
    if (x.differentiable) launches.push(...inputLaunches(tape, geometry, x, w, dy));
    return launches;
  });
  return y;
}

function geometryOf(x: Tensor, w: Parameter, stride: number, padding: number): Geometry {
  const [batch, height, width, inputs] = x.shape as [number, number, number, number];
  const [outputs, from, kernel = 1] = w.shape as [number, number, number?];
  if (from !== inputs) {
    throw new RangeError(
      `Cannot convolve with ${w.name}: expected ${from} input channels but found ${inputs}`,
    );
  }
  if (Math.min(height, width) + 2 * padding < kernel) {
    throw new RangeError(
      `Cannot convolve with ${w.name}: a ${height} × ${width} picture is smaller than the kernel of ${kernel}`,
    );
  }
  return { batch, height, width, inputs, outputs, kernel, stride, padding };
}

function sizes({ inputs, outputs, kernel }: Geometry, parts: number): Record<string, number> {
  return {
    INPUTS4: quads(inputs),
    OUTPUTS4: quads(outputs),
    TAPS: kernel * kernel,
    PARTS: parts,
  };
}

function weightLaunches(
  tape: Tape,
  geometry: Geometry,
  x: Tensor,
  w: Parameter,
  dy: Region,
): Launch[] {
  const plan = weightGradient(geometry);
  const partials = tape.scratch("conv2d.partials", plan.parts * w.data.bytes);
  const constants = sizes(geometry, plan.parts);
  const size = constants.TAPS! * constants.INPUTS4! * 4 * constants.OUTPUTS4!;
  return [
    {
      kernel: "conv2d_weight_gradient",
      code: plan.code,
      bindings: { x: x.data, dy, partials },
      groups: plan.groups,
    },
    {
      kernel: "conv2d_sum_parts",
      code,
      constants,
      bindings: { partials, dw: tape.soleGradient(w) },
      groups: [Math.ceil(size / 64)],
    },
  ];
}

function inputLaunches(
  tape: Tape,
  geometry: Geometry,
  x: Tensor,
  w: Parameter,
  dy: Region,
): Launch[] {
  const transposed = tape.scratch("conv2d.transposed", w.data.bytes);
  const constants = sizes(geometry, 1);
  const dx = tape.gradient(x);
  const product = gatherProduct("conv2d_input_gradient", geometry, dx.accumulate);
  return [
    {
      kernel: "conv2d_transpose",
      code,
      constants,
      bindings: { w: w.data, transposed },
      groups: [Math.ceil(constants.TAPS! * constants.INPUTS4! * constants.OUTPUTS4! / 64)],
    },
    {
      kernel: "conv2d_input_gradient",
      code: product.code,
      bindings: { x: dy, w: transposed, y: dx.region },
      groups: product.groups,
    },
  ];
}
