import type { Tensor } from "../gpu/tape.ts";
import type { Network } from "../nn/network.ts";
import { allConv } from "./allconv.ts";
import { denseNet40 } from "./densenet.ts";
import { resNet18Cifar } from "./resnet_cifar.ts";
import { resNet } from "./resnet.ts";
import { resNext29 } from "./resnext.ts";
import { blocksPerGroup, wideResNet } from "./wide_resnet.ts";

/** A network by name and size; what a checkpoint records of its architecture. */
export interface ModelOptions {
  /** Which network. */
  name: ModelName;
  /** Depth: 6n + 4 for a Wide ResNet, fixed for the others. */
  layers: number;
  /** 1 for all but a Wide ResNet. */
  widenFactor: number;
  /** Dropout rate in [0, 1); 0 for networks without dropout. */
  dropRate: number;
  /** How many there are. */
  classes: number;
}

/** One kind of network. */
export interface Model {
  /** The published size; other depths and widths are only there where `sizes` says so. */
  readonly layers: number;
  readonly widenFactor: number;
  readonly sizes?: boolean;
  /** The published dropout rate; absent where there is no dropout. */
  readonly dropRate?: number;
  /** The pictures it is for. */
  readonly pictures: "cifar" | "imagenet";
  title(options: ModelOptions): string;
  record(network: Network, pictures: Tensor, options: ModelOptions): Tensor;
}

/** Those that can be trained on 32 × 32 pictures, in the order of the help. */
export const cifarModelNames = ["wrn", "resnet18", "resnext29", "densenet40", "allconv"] as const;
/** Those for larger pictures, as torchvision's. */
export const imageNetModelNames = ["imagenet_resnet18", "imagenet_resnet50"] as const;
/** All networks. */
export const modelNames = [...cifarModelNames, ...imageNetModelNames] as const;
/** One of them. */
export type ModelName = typeof modelNames[number];

/** All networks. */
export const models: Readonly<Record<ModelName, Model>> = {
  wrn: {
    ...{ layers: 40, widenFactor: 4, sizes: true, dropRate: 0.3, pictures: "cifar" },
    title: ({ layers, widenFactor }) => `WRN-${layers}-${widenFactor}`,
    record: (network, pictures, { layers: depth, ...options }) =>
      wideResNet(network, pictures, { depth, ...options }),
  },
  resnet18: {
    ...{ layers: 18, widenFactor: 1, pictures: "cifar" },
    title: () => "ResNet-18",
    record: (network, pictures, { classes }) => resNet18Cifar(network, pictures, classes),
  },
  resnext29: {
    ...{ layers: 29, widenFactor: 1, pictures: "cifar" },
    title: () => "ResNeXt-29 4×32d",
    record: (network, pictures, { classes }) => resNext29(network, pictures, classes),
  },
  densenet40: {
    ...{ layers: 40, widenFactor: 1, pictures: "cifar" },
    title: () => "DenseNet-40 k=12",
    record: (network, pictures, { classes }) => denseNet40(network, pictures, classes),
  },
  allconv: {
    ...{ layers: 9, widenFactor: 1, dropRate: 0.5, pictures: "cifar" },
    title: () => "AllConv",
    record: allConv,
  },
  imagenet_resnet18: {
    ...{ layers: 18, widenFactor: 1, pictures: "imagenet" },
    title: () => "ResNet-18",
    record: (network, pictures, { classes }) => resNet(network, pictures, 18, classes),
  },
  imagenet_resnet50: {
    ...{ layers: 50, widenFactor: 1, pictures: "imagenet" },
    title: () => "ResNet-50",
    record: (network, pictures, { classes }) => resNet(network, pictures, 50, classes),
  },
};

/** Records the network; logits (batch × classes) for pictures (batch × height × width × 3). */
export function recordModel(network: Network, pictures: Tensor, options: ModelOptions): Tensor {
  return models[options.name].record(network, pictures, options);
}

/** For example "WRN-40-4". */
export function modelTitle(options: ModelOptions): string {
  return models[options.name].title(options);
}

/**
 * Makes sure that there is such a network.
 *
 * @throws {RangeError} when it has no such depth, width or dropout
 */
export function checkModel(options: ModelOptions): void {
  const model = models[options.name];
  if (model.sizes) blocksPerGroup(options.layers);
  const fixed = {
    ...(model.sizes ? {} : { layers: model.layers, widenFactor: model.widenFactor }),
    ...(model.dropRate === undefined ? { dropRate: 0 } : {}),
  };
  for (const [name, value] of Object.entries(fixed)) {
    const found = options[name as keyof typeof fixed];
    if (found !== value) {
      throw new RangeError(
        `Cannot build ${modelTitle(options)}: expected ${name} ${value} but found ${found}`,
      );
    }
  }
}
