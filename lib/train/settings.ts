import type { MethodName, MethodSettings } from "../augment/methods.ts";
import type { Precision } from "../gpu/half.ts";
import type { ModelOptions } from "../models/model.ts";
import type { LossScale } from "../nn/loss_scaling.ts";

/** Everything that decides the bits of a training run, beside the pictures and the adapter. */
export interface TrainSettings extends MethodSettings {
  /** The network. */
  model: ModelOptions;
  /** How pictures are augmented. */
  method: MethodName;
  /** Whether each picture is seen as a crop and two draws of the method, with AugMix's loss. */
  jsd: boolean;
  /** How many there are. */
  epochs: number;
  /** Pictures of a step. */
  batchSize: number;
  /** Pictures that are tested at once, at the most. */
  evalBatchSize: number;
  /** The greatest, above 0. */
  learningRate: number;
  /** Epochs in which the learning rate rises from almost 0; may be a fraction. */
  warmupEpochs: number;
  /** Nesterov's, in [0, 1). */
  momentum: number;
  /** Weight decay, on all parameters. */
  decay: number;
  /** The part of each label that is spread over all classes alike, in [0, 1). */
  labelSmoothing: number;
  /** How activations and their gradients are stored; with f16, the loss's gradient is scaled. */
  precision: Precision;
  /** Parts that each batch is made in, one after the other, to need less memory. */
  accumulate: number;
  /** How much of the weights' moving average stays in a step, in [0, 1); 0: there is none. */
  emaDecay: number;
  /** Training pictures that are left out, to choose the best epoch by. */
  holdout: number;
  /** Unsigned 32-bit. */
  seed: number;
}

/** Where a run is: what a checkpoint needs beside tensors to go on with the same bits. */
export interface Progress {
  /** Steps done since training began. */
  step: number;
  /** Epochs that are complete, evaluated and logged. */
  epoch: number;
  /** Over the steps of the present epoch. */
  sums: TrainSums;
  /** The epoch of the lowest error on the pictures held out, or else on the test set. */
  best?: { epoch: number; test_error: number; holdout_error?: number };
  /** Where gradients are stored as f16. */
  loss_scale?: LossScale;
}

/** Sums over training pictures, as augmented, in the order they were seen. */
export interface TrainSums {
  /** Pictures. */
  count: number;
  /** The sum of their losses, in nats. */
  loss: number;
  /** Those that were classified rightly. */
  correct: number;
  /** Those whose class was among the five best. */
  correct5: number;
}

/** Sums over no pictures. */
export function noSums(): TrainSums {
  return { count: 0, loss: 0, correct: 0, correct5: 0 };
}

/** Steps of one epoch: the last may have fewer pictures, as PyTorch's loader without drop_last. */
export function stepsPerEpoch(pictures: number, batchSize: number): number {
  return Math.ceil(pictures / batchSize);
}
