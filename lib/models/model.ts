import type { Tensor } from "../gpu/tape.ts";
import type { Network } from "../nn/network.ts";
import { wideResNet } from "./wide_resnet.ts";

/** A network by name and size; what a checkpoint records of its architecture. */
export interface ModelOptions {
  name: ModelName;
  /** Depth, 6n + 4. */
  layers: number;
  widenFactor: number;
  /** Dropout rate in [0, 1). */
  dropRate: number;
  classes: number;
}

/** The networks that can be trained. */
export const modelNames = ["wrn"] as const;
export type ModelName = typeof modelNames[number];

/** Records the network; logits (batch × classes) for pictures (batch × height × width × 3). */
export function recordModel(network: Network, pictures: Tensor, options: ModelOptions): Tensor {
  const { layers, widenFactor, dropRate, classes } = options;
  return wideResNet(network, pictures, { depth: layers, widenFactor, dropRate, classes });
}

/** For example "WRN-40-4". */
export function modelTitle({ layers, widenFactor }: ModelOptions): string {
  return `WRN-${layers}-${widenFactor}`;
}
