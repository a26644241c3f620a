import type { Gpu } from "../../lib/gpu/device.ts";
import type { Launch, Region } from "../../lib/gpu/kernel.ts";
import type { Tape } from "../../lib/gpu/tape.ts";
import { convolutionKey, type Geometry } from "../../lib/nn/convolution.ts";
import { fromStored, toStored } from "../../lib/nn/parameters.ts";
import type { Epilogue, WindowPass } from "../../lib/nn/product/window.ts";
import type { WeightOperands } from "../../lib/nn/weight_kernels.ts";
import type { WindowOperands } from "../../lib/nn/window_kernels.ts";
import { Stream } from "../../lib/random/stream.ts";
import { fromChannelsLast, largestError, relativeError, toChannelsLast } from "../layout.ts";
import * as twin from "../reference/convolution.ts";
import { normal, type Values } from "../reference/values.ts";
import { assertResult, runGuarded, type Stored } from "./guarded.ts";

export const windowPasses = ["conv2d_forward", "conv2d_input_gradient"] as const;
export const passes = [...windowPasses, "conv2d_weight_gradient"] as const;
export type Pass = typeof passes[number];

/** Batch, height, width, input and output channels, kernel, stride, padding, groups. */
export type Sizes = readonly [
  ...[number, number, number, number, number],
  ...[number, number, number, number],
];

export function geometryOf(sizes: Sizes): Geometry {
  const [batch, height, width, inputs, outputs, kernel, stride, padding, groups] = sizes;
  return { batch, height, width, inputs, outputs, kernel, stride, padding, groups };
}

/** Random operands of a convolution, and what its passes make of them in float64. */
export interface Convolved {
  geometry: Geometry;
  x: Values;
  w: Values;
  dy: Values;
  results: Record<Pass, Values>;
  /** Numbers to which the epilogues of a pass add. */
  addends: Record<Pass, Values>;
}

/** Pictures and gradients are of deviation 1, weights as He initialises them. */
export function convolved(geometry: Geometry): Convolved {
  const { batch, height, width, inputs, outputs, kernel, groups } = geometry;
  const stream = new Stream(height * width * inputs, kernel);
  const x = normal([batch, inputs, height, width], stream);
  const shape = [outputs, inputs / groups, kernel, kernel];
  const w = normal(shape, stream, 0, Math.sqrt(2 * groups / (inputs * kernel * kernel)));
  const dy = normal(twin.outputShape(x.shape, shape, geometry), stream);
  const results = {
    conv2d_forward: twin.conv2d(x, w, geometry),
    conv2d_input_gradient: twin.inputGradient(dy, w, x.shape, geometry),
    conv2d_weight_gradient: twin.weightGradient(dy, x, w.shape, geometry),
  };
  const addends = {
    conv2d_forward: normal(dy.shape, stream),
    conv2d_input_gradient: normal(x.shape, stream),
    conv2d_weight_gradient: normal(w.shape, stream),
  };
  return { geometry, x, w, dy, results, addends };
}

type Buffers = Record<"x" | "w" | "dy" | Pass, Region>;

/** One way to run a pass. */
export interface Trial {
  name: string;
  pass: Pass;
  epilogue: Epilogue;
  /** Largest error allowed, as a part of the largest number of the result. */
  tolerance: number;
  launches(tape: Tape, buffers: Buffers, result: Region): Launch[];
}

const TOLERANCE = 4e-6;

/** What is allowed to a kernel by its name: Winograd's larger transforms cost accuracy. */
function toleranceOf(name: string): number {
  return name.startsWith("winograd 4x4") ? 3 * TOLERANCE : TOLERANCE;
}

/** A forward pass or an input gradient. */
export function windowTrial(
  name: string,
  pass: WindowPass,
  epilogue: Epilogue,
  launches: (tape: Tape, operands: WindowOperands) => Launch[],
): Trial {
  return {
    ...{ name, pass, epilogue, tolerance: toleranceOf(name) },
    launches(tape, { x, w, dy, [pass]: residual }, y) {
      return launches(tape, { x: pass === "conv2d_forward" ? x : dy, w, y, residual });
    },
  };
}

/** A weight gradient. */
export function weightTrial(
  name: string,
  launches: (tape: Tape, operands: WeightOperands) => Launch[],
): Trial {
  return {
    ...{ name, pass: "conv2d_weight_gradient", epilogue: "store", tolerance: toleranceOf(name) },
    launches: (tape, { x, dy }, dw) => launches(tape, { x, dy, dw }),
  };
}

/** As the GPU stores pictures, or weights and what their gradient makes. */
function stored({ data, shape }: Values, pass: Pass): Stored {
  return pass === "conv2d_weight_gradient" ? toStored(data, shape) : toChannelsLast(data, shape);
}

/** Runs trials, `runs` times over, and reads their results. */
export function runTrials(
  gpu: Gpu,
  { x, w, dy, addends }: Convolved,
  trials: readonly Trial[],
  runs = 1,
): Promise<Stored[]> {
  const operands = {
    x: stored(x, "conv2d_forward"),
    w: stored(w, "conv2d_weight_gradient"),
    dy: stored(dy, "conv2d_forward"),
    conv2d_forward: stored(addends.conv2d_forward, "conv2d_forward"),
    conv2d_input_gradient: stored(addends.conv2d_input_gradient, "conv2d_input_gradient"),
    conv2d_weight_gradient: stored(addends.conv2d_weight_gradient, "conv2d_weight_gradient"),
  };
  const jobs = trials.map(({ pass, epilogue, launches }) => {
    const before = epilogue === "accumulate" ? operands[pass] : undefined;
    return { size: operands[pass].length, before, launches };
  });
  return runGuarded(gpu, operands, jobs, runs);
}

/** Asserts that trials make what the float64 twins make, zeros in the padding, and nothing else. */
export async function checkTrials(
  gpu: Gpu,
  convolved: Convolved,
  trials: readonly Trial[],
): Promise<void> {
  const { geometry, results, addends } = convolved;
  const read = await runTrials(gpu, convolved, trials);
  for (const [i, { pass, epilogue, tolerance, name }] of trials.entries()) {
    const { shape, data } = results[pass];
    const added = epilogue === "store" ? [] : addends[pass].data;
    assertResult(`${convolutionKey(pass, geometry)}, ${epilogue}, ${name}`, read[i]!, {
      expected: stored({ shape, data: data.map((value, i) => value + (added[i] ?? 0)) }, pass),
      exists: stored({ shape, data: data.map(() => 1) }, pass),
      tolerance,
    });
  }
}

/** The largest error relative to the largest number, and the same of root mean squares. */
export interface Errors {
  max: number;
  rms: number;
}

/** The errors of trials that store their results, against float64. */
export async function errorsOf(
  gpu: Gpu,
  convolved: Convolved,
  trials: readonly Trial[],
): Promise<Errors[]> {
  const read = await runTrials(gpu, convolved, trials);
  return trials.map(({ pass }, i) => {
    const { shape, data } = convolved.results[pass];
    const unstored = pass === "conv2d_weight_gradient" ? fromStored : fromChannelsLast;
    const values = unstored(read[i]!, shape);
    const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return { max: largestError(values, data) / scale, rms: relativeError(values, data) };
  });
}
