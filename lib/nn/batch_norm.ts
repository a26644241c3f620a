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
  const [, height, width, channels] = x.shape as [number, number, number, number];
  if (weight.shape[0] !== channels) {
    throw new RangeError(
      `Cannot normalise with ${weight.name}: expected ${
        weight.shape[0]
      } channels but found ${channels}`,
    );
  }
  const c4 = padded(channels) / 4;
  const vectors = paddedSize(x.shape) / 4;
  const chunks = Math.ceil(vectors / c4 / CHUNK);
  const y = tape.tensor(weight.name, x.shape);
  const partials = tape.scratch("batch_norm.partials", chunks * c4 * 32);
  const saved = tape.region(`${weight.name}.saved`, c4 * 32);
  const constants = { AREA: height * width, C4: c4, CHUNK };
  const launch = (
    kernel: string,
    bindings: Launch["bindings"],
    constants: Launch["constants"],
    count: number,
  ): Launch => ({
    kernel,
    code: stepCode + code,
    constants,
    bindings,
    groups: [Math.ceil(count / 64)],
  });
  const running = { running_mean: runningMean.data, running_var: runningVar.data };
  const affine = { gamma: weight.data, beta: bias.data };
  const elementwise = { VECTORS: vectors, C4: c4, RELU: Number(relu) };
  const forward = training
    ? [
      launch("batch_norm_partials", { step, x: x.data, partials }, constants, chunks * c4),
      launch("batch_norm_statistics", { step, partials, saved, ...running }, constants, c4),
    ]
    : [launch("batch_norm_running", { saved, ...running }, { C4: c4 }, c4)];
  forward.push({
    ...launch(
      "batch_norm_forward",
      { x: x.data, statistics: saved, ...affine, y: y.data },
      elementwise,
      1,
    ),
    groups: elementGroups(vectors),
  });
  tape.record(forward, () => {
    const dy = tape.received(y);
    const [dgamma, dbeta] = [tape.soleGradient(weight), tape.soleGradient(bias)];
    const dx = tape.gradient(x);
    const source = { step, x: x.data, statistics: saved, ...affine, dy };
    const flags = { RELU: Number(relu) };
    return [
      launch(
        "batch_norm_backward_partials",
        { ...source, partials },
        { ...constants, ...flags },
        chunks * c4,
      ),
      launch("batch_norm_parameter_gradient", { step, partials, dgamma, dbeta }, constants, c4),
      {
        ...launch("batch_norm_input_gradient", { ...source, dgamma, dbeta, dx: dx.region }, {
          AREA: height * width,
          ...elementwise,
          TRAINING: Number(training),
          ACCUMULATE: Number(dx.accumulate),
        }, 1),
        groups: elementGroups(vectors),
      },
    ];
  });
  return y;
}
