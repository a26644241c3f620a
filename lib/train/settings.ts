import type { MethodName, MethodSettings } from "../augment/methods.ts";
import type { ModelOptions } from "../models/model.ts";

/** Everything that decides the bits of a training run, beside the pictures and the adapter. */
export interface TrainSettings extends MethodSettings {
  model: ModelOptions;
  method: MethodName;
  /** Whether each picture is seen as a crop and two draws of the method, with AugMix's loss. */
  jsd: boolean;
  epochs: number;
  batchSize: number;
  evalBatchSize: number;
  learningRate: number;
  momentum: number;
  decay: number;
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
  best?: { epoch: number; test_error: number };
}

/** Sums over training pictures, as augmented, in the order they were seen. */
export interface TrainSums {
  count: number;
  loss: number;
  correct: number;
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
