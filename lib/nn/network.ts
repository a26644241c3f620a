import type { Region } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { batchNorm, type BatchNormOptions, type BatchNormParameters } from "./batch_norm.ts";
import { addBias } from "./bias.ts";
import { conv2d, type ConvolutionOptions } from "./conv2d.ts";
import type { DropoutOptions } from "./elementwise.ts";
import { linear } from "./linear.ts";
import type { Parameters } from "./parameters.ts";

/** What a model is recorded into. */
export interface Network {
  /** What launches are recorded on. */
  tape: Tape;
  /** The region that holds `Step`. */
  step: Region;
  /** Where parameters are declared. */
  parameters: Parameters;
  /** Batch statistics and dropout, or running statistics and no dropout. */
  training: boolean;
}

/** A convolution whose parameter `<name>.weight`, and `.bias` if wanted, is declared here. */
export function convolution(
  { tape, parameters }: Network,
  name: string,
  x: Tensor,
  outputs: number,
  kernel: number,
  { bias, ...options }: ConvolutionOptions & { bias?: boolean } = {},
): Tensor {
  const inputs = x.shape[3]! / (options.groups ?? 1);
  const w = parameters.parameter(`${name}.weight`, [outputs, inputs, kernel, kernel]);
  const y = conv2d(tape, x, w, options);
  return bias ? addBias(tape, y, parameters.parameter(`${name}.bias`, [outputs])) : y;
}

/** Declares a batch norm's `<name>.weight`, `.bias` and `.running_*`, which fixes their order. */
export function declareBatchNorm(
  { parameters }: Pick<Network, "parameters">,
  name: string,
  channels: number,
): BatchNormParameters {
  return {
    weight: parameters.parameter(`${name}.weight`, [channels]),
    bias: parameters.parameter(`${name}.bias`, [channels]),
    runningMean: parameters.statistic(`${name}.running_mean`, channels, 0),
    runningVar: parameters.statistic(`${name}.running_var`, channels, 1),
  };
}

/** What follows a batch norm in the same pass. */
export type AfterBatchNorm = Omit<BatchNormOptions, "training">;

/** A batch norm, declared here, and what follows it; dropout in training only. */
export function normalize(
  network: Network,
  name: string,
  x: Tensor,
  { dropout, ...after }: AfterBatchNorm = {},
): Tensor {
  const { tape, step, training } = network;
  const owned = declareBatchNorm(network, name, x.shape[3]!);
  return batchNorm(tape, step, x, owned, {
    ...after,
    training,
    dropout: training ? dropout : undefined,
  });
}

/** A batch norm followed by ReLU and, in training, by dropout where asked. */
export function batchNormRelu(
  network: Network,
  name: string,
  x: Tensor,
  dropout?: DropoutOptions,
): Tensor {
  return normalize(network, name, x, { relu: true, dropout });
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
