import code from "../../kernels/batch_norm.wgsl" with { type: "text" };
import type { Launch, Region } from "../gpu/kernel.ts";
import { stepCode } from "../gpu/step.ts";
import { padded, paddedSize, type Tape, type Tensor } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";
import type { Parameter, Statistic } from "./parameters.ts";

/** What a batch norm of `channels` channels owns. */
export interface BatchNormParameters {
  weight: Parameter;
  bias: Parameter;
  runningMean: Statistic;
  runningVar: Statistic;
}

/** How a batch norm is run. */
export interface BatchNormOptions {
  /** Normalise by the batch and update the running statistics; else use those. */
  training: boolean;
  /** Apply ReLU to the result. */
  relu?: boolean;
}

/** Rows per invocation of the sums: long enough to amortise, short enough to fill the device. */
const CHUNK = 256;

/**
 * y = γ (x - mean) / sqrt(var + 1e-5) + β per channel, then ReLU if asked, for x
 * (batch × height × width × channels). Running statistics move by 0.1 and use the unbiased
 * variance, as PyTorch's. Pictures past `step.batch` do not count and get no gradient.
 */
export function batchNorm(
  tape: Tape,
  step: Region,
  x: Tensor,
  parameters: BatchNormParameters,
  { training, relu = false }: BatchNormOptions,
): Tensor {
  const { weight, bias, runningMean, runningVar } = parameters;
  const channels = x.shape[3]!;
  if (weight.shape[0] !== channels) {
    throw new RangeError(
      `Cannot normalise with ${weight.name}: expected ${
        weight.shape[0]
      } channels but found ${channels}`,
    );
  }
  const y = tape.tensor(`output of ${weight.name}`, x.shape);
  const norm: Norm = {
    ...{ x, y, weight, bias, runningMean, runningVar, training, relu, step },
    ...sizesOf(x.shape),
    saved: tape.region(`${weight.name}.saved`, 8 * padded(channels)),
  };
  const { chunks, c4 } = norm;
  const partials = tape.scratch("batch_norm.partials", chunks * c4 * 32);
  tape.record(forward(norm, partials), () => backward(tape, norm, partials));
  return y;
}

/** A batch norm on its way from forward to backward. */
interface Norm extends BatchNormParameters, Required<BatchNormOptions>, Sizes {
  x: Tensor;
  y: Tensor;
  step: Region;
  /** Mean and 1 / standard deviation, as used. */
  saved: Region;
}

interface Sizes {
  /** Pixels of a picture. */
  area: number;
  /** Vectors of channels, and of the whole tensor. */
  c4: number;
  vectors: number;
  /** Parts of the sums. */
  chunks: number;
}

function sizesOf(shape: readonly number[]): Sizes {
  const [, height, width, channels] = shape as [number, number, number, number];
  const c4 = padded(channels) / 4;
  const vectors = paddedSize(shape) / 4;
  return { area: height * width, c4, vectors, chunks: Math.ceil(vectors / c4 / CHUNK) };
}

type Bindings = Launch["bindings"];
type Constants = Launch["constants"];

/** A launch with one invocation for each of `count` vectors of channels. */
function launch(kernel: string, bindings: Bindings, constants: Constants, count: number): Launch {
  return { kernel, code: stepCode + code, constants, bindings, groups: [Math.ceil(count / 64)] };
}

/** A launch over every element. */
function elementwise(
  kernel: string,
  bindings: Bindings,
  constants: Constants,
  vectors: number,
): Launch {
  return { ...launch(kernel, bindings, constants, 1), groups: elementGroups(vectors) };
}

function forward(norm: Norm, partials: Region): Launch[] {
  const { x, y, weight, bias, step, saved, area, c4, vectors, chunks } = norm;
  const sums = { AREA: area, C4: c4, CHUNK };
  const running = { running_mean: norm.runningMean.data, running_var: norm.runningVar.data };
  const affine = { gamma: weight.data, beta: bias.data };
  const source = { x: x.data, statistics: saved, ...affine };
  const constants = { VECTORS: vectors, C4: c4, RELU: Number(norm.relu) };
  const statistics = norm.training
    ? [
      launch("batch_norm_partials", { step, x: x.data, partials }, sums, chunks * c4),
      launch("batch_norm_statistics", { step, partials, saved, ...running }, sums, c4),
    ]
    : [launch("batch_norm_running", { saved, ...running }, { C4: c4 }, c4)];
  const apply = elementwise("batch_norm_forward", { ...source, y: y.data }, constants, vectors);
  return [...statistics, apply];
}

function backward(tape: Tape, norm: Norm, partials: Region): Launch[] {
  const { x, y, weight, bias, step, saved, area, c4, vectors, chunks } = norm;
  const dy = tape.received(y);
  const [dgamma, dbeta] = [tape.soleGradient(weight), tape.soleGradient(bias)];
  const { region: dx, accumulate } = tape.gradient(x);
  const sums = { AREA: area, C4: c4, CHUNK };
  const relu = { RELU: Number(norm.relu) };
  const affine = { gamma: weight.data, beta: bias.data };
  const source = { step, x: x.data, statistics: saved, ...affine, dy };
  const flags = { TRAINING: Number(norm.training), ACCUMULATE: Number(accumulate) };
  const constants = { AREA: area, VECTORS: vectors, C4: c4, ...relu, ...flags };
  return [
    launch(
      "batch_norm_backward_partials",
      { ...source, partials },
      { ...sums, ...relu },
      chunks * c4,
    ),
    launch("batch_norm_parameter_gradient", { step, partials, dgamma, dbeta }, sums, c4),
    elementwise("batch_norm_input_gradient", { ...source, dgamma, dbeta, dx }, constants, vectors),
  ];
}
