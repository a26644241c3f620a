import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { convolutionKey, type Geometry, outputSize } from "./convolution.ts";
import { passGradient } from "./elementwise.ts";
import { contractGradient, expandWeights, unitedGroups } from "./grouped_weights.ts";
import type { Parameter } from "./parameters.ts";
import type { Epilogue, WindowPass } from "./product/window.ts";
import { weightKernels } from "./weight_kernels.ts";
import { windowKernels, type WindowOperands } from "./window_kernels.ts";

/** How a convolution is run. */
export interface ConvolutionOptions {
  /** The same in both directions. */
  stride?: number;
  /** Zeros around the picture, the same on all sides. */
  padding?: number;
  /** Groups of channels that do not mix. */
  groups?: number;
  /** Added to the result, whose shape it has: a residual connection without a pass of its own. */
  residual?: Tensor;
}

/**
 * y = x ∗ w [+ residual], for x (batch × height × width × inputs) and w with PyTorch's shape
 * (outputs × inputs / groups × kernel × kernel), no bias.
 *
 * @throws {RangeError} when the channels of x and w differ, the groups do not divide them, the
 * kernel is larger than the picture, or the residual has another shape than the result
 */
export function conv2d(
  tape: Tape,
  x: Tensor,
  w: Parameter,
  { stride = 1, padding = 0, groups = 1, residual }: ConvolutionOptions = {},
): Tensor {
  const geometry = geometryOf(x, w, stride, padding, groups);
  const shape = [geometry.batch, ...outputSize(geometry), geometry.outputs];
  if (residual && residual.shape.join() !== shape.join()) {
    throw new RangeError(
      `Cannot add to the output of ${w.name}: expected shape ${shape.join(" × ")} but found ` +
        residual.shape.join(" × "),
    );
  }
  const y = tape.tensor(`output of ${w.name}`, shape);
  const operands = { x: x.data, w: w.data, y: y.data, residual: residual?.data };
  const epilogue = residual ? "residual" : "store";
  tape.record(windowPass(tape, "conv2d_forward", geometry, epilogue, operands), () => {
    const dy = tape.received(y);
    const launches = w.differentiable
      ? weightPass(tape, geometry, x.data, dy, tape.soleGradient(w))
      : [];
    if (x.differentiable) {
      const { region, accumulate } = tape.gradient(x);
      const epilogue = accumulate ? "accumulate" : "store";
      const operands = { x: dy, w: w.data, y: region };
      launches.push(...windowPass(tape, "conv2d_input_gradient", geometry, epilogue, operands));
    }
    // Last, since the residual may take dy's own buffer as its gradient and add to it.
    return residual?.differentiable ? [...launches, ...passGradient(tape, dy, residual)] : launches;
  });
  return y;
}

function geometryOf(
  x: Tensor,
  w: Parameter,
  stride: number,
  padding: number,
  groups: number,
): Geometry {
  const [batch, height, width, inputs] = x.shape as [number, number, number, number];
  const [outputs, from, kernel = 1] = w.shape as [number, number, number?];
  const refuse = (what: string) => {
    throw new RangeError(`Cannot convolve with ${w.name}: ${what}`);
  };
  if (!Number.isInteger(stride) || stride < 1) {
    refuse(`expected a stride from 1 but found ${stride}`);
  }
  if (!Number.isInteger(groups) || groups < 1 || outputs % groups) {
    refuse(`${groups} groups do not divide ${outputs} output channels`);
  }
  if (from * groups !== inputs) {
    refuse(`expected ${from * groups} input channels but found ${inputs}`);
  }
  if (Math.min(height, width) + 2 * padding < kernel) {
    refuse(`a ${height} × ${width} picture is smaller than the kernel of ${kernel}`);
  }
  return { batch, height, width, inputs, outputs, kernel, stride, padding, groups };
}

function windowPass(
  tape: Tape,
  pass: WindowPass,
  geometry: Geometry,
  epilogue: Epilogue,
  operands: WindowOperands,
): Launch[] {
  const united = unitedGroups(geometry);
  const task = { pass, geometry: united.geometry, epilogue };
  const kernel = tape.choose(
    convolutionKey(pass, task.geometry),
    windowKernels(tape.gpu, task),
  );
  if (united.together === 1) return kernel.launches(tape, operands);
  const { launches, expanded } = expandWeights(tape, geometry, united, operands.w);
  return [...launches, ...kernel.launches(tape, { ...operands, w: expanded })];
}

function weightPass(
  tape: Tape,
  geometry: Geometry,
  x: Region,
  dy: Region,
  dw: Region,
): Launch[] {
  const united = unitedGroups(geometry);
  const kernel = tape.choose(
    convolutionKey("conv2d_weight_gradient", united.geometry),
    weightKernels(tape.gpu, united.geometry),
  );
  if (united.together === 1) return kernel.launches(tape, { x, dy, dw });
  const { launches, dexpanded } = contractGradient(tape, geometry, united, dw);
  return [...kernel.launches(tape, { x, dy, dw: dexpanded }), ...launches];
}
