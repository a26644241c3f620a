import type { Region } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { batchNorm } from "./batch_norm.ts";
import { conv2d, type ConvolutionOptions } from "./conv2d.ts";
import type { DropoutOptions } from "./elementwise.ts";
import { linear } from "./linear.ts";
import type { Parameters } from "./parameters.ts";

/** What a model is recorded into. */
export interface Network {
  tape: Tape;
  /** The region that holds `Step`. */
  step: Region;
  parameters: Parameters;
  /** Batch statistics and dropout, or running statistics and no dropout. */
  training: boolean;
}

/** A convolution whose parameter `<name>.weight` is declared here. */
export function convolution(
  { tape, parameters }: Network,
  name: string,
  x: Tensor,
  outputs: number,
  kernel: number,
  options: ConvolutionOptions = {},
): Tensor {
  const inputs = x.shape[3]! / (options.groups ?? 1);
  const w = parameters.parameter(`${name}.weight`, [outputs, inputs, kernel, kernel]);
  return conv2d(tape, x, w, options);
}

/**
 * A batch norm followed by ReLU and, in training, by dropout where asked; its `<name>.weight`,
 * `.bias`, `.running_*` are declared here.
 */
export function batchNormRelu(
  { tape, step, parameters, training }: Network,
  name: string,
  x: Tensor,
  dropout?: DropoutOptions,
): Tensor {
  const channels = x.shape[3]!;
  return batchNorm(tape, step, x, {
    weight: parameters.parameter(`${name}.weight`, [channels]),
    bias: parameters.parameter(`${name}.bias`, [channels]),
    runningMean: parameters.statistic(`${name}.running_mean`, channels, 0),
    runningVar: parameters.statistic(`${name}.running_var`, channels, 1),
  }, { training, relu: true, dropout: training ? dropout : undefined });
}

/** A fully connected layer whose `<name>.weight` and `.bias` are declared here. */
export function fullyConnected(
  { tape, parameters }: Network,
  name: string,
  x: Tensor,
  outputs: number,
): Tensor {
  const w = parameters.parameter(`${name}.weight`, [outputs, x.shape[1]!]);
  return linear(tape, x, w, parameters.parameter(`${name}.bias`, [outputs]));
}
