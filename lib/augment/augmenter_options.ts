import type { Gpu } from "../gpu/device.ts";
import type { Mixing } from "./mixing.ts";

/** What `createAugmenter` takes for every method. Sizes are in pixels. */
export interface CommonAugmenterOptions {
  /** Where to run. Without it an adapter is opened, and closed when the augmenter is destroyed. */
  gpu?: Gpu;
  /** Of each picture: a whole number from 1 on. */
  width: number;
  /** Of each picture: a whole number from 1 on. */
  height: number;
  /** Pictures given at a time, at the most: a whole number from 1 on. */
  batch: number;
  /** Decides all draws, together with a picture's index and the epoch: an unsigned 32-bit integer. */
  seed: number;
  /** Pixels of zeros around a picture before it is cropped: a whole number ≥ 0, 4 by default. */
  padding?: number;
  /** For r, g and b: output = (value - mean) / std with values in [0, 1]. 0 by default. */
  mean?: readonly [number, number, number];
  /** For r, g and b, > 0. 1 by default. */
  std?: readonly [number, number, number];
}

/** Of methods that draw one picture several times, to train for equal answers. */
export interface ViewOptions {
  /**
   * Output pictures for each one given, one after the other: 1 … 10, 1 by default. With more, the
   * first is only cropped, and the others are draws apart, with the same crop.
   */
  views?: number;
}

/** Of methods with ops such as rotate and posterize. */
export interface OpDrawOptions {
  /** Which ops: LayerMix's published code, the same scaled as AugMix means it, or Pillow's. */
  ops?: "reference" | "corrected" | "pil";
  /** Also color, contrast, brightness and sharpness, which are among CIFAR-C's corruptions. */
  allOps?: boolean;
  /** Strength of the ops, in (0, 10]. */
  magnitude?: number;
}

/** Of methods that mix in pictures of another set. */
export interface MixingSourceOptions {
  /**
   * The set: pictures in memory, a folder tree of PNG, JPEG and WebP files, a pack, "fractals" for
   * built-in ones, or what `openMixing()` gives. Of a folder or a pack, the shorter side becomes 8/7 of
   * the longer one of `width` and `height`.
   */
  mixing: Mixing | string;
  /**
   * Bytes that a folder's pictures may take on the GPU, 2³⁰ by default and no more than the adapter
   * binds: a larger set is read when it is needed, with the same results.
   */
  mixingMemory?: number;
  /** The parameter of the Beta distributions of the blends, > 0. */
  blendingRatio?: number;
  /** Whether mixing pictures become grey, and are turned at random. */
  grayMixing?: boolean;
}

/** Settings of LayerMix (arXiv 2501.04861). */
export interface LayermixAugmenterOptions
  extends CommonAugmenterOptions, ViewOptions, OpDrawOptions, MixingSourceOptions {
  /** LayerMix. */
  method: "layermix";
}

/** Settings of PixMix (arXiv 2112.05135). */
export interface PixmixAugmenterOptions
  extends CommonAugmenterOptions, ViewOptions, OpDrawOptions, MixingSourceOptions {
  /** PixMix. */
  method: "pixmix";
  /** Rounds of mixing at the most, 1 … 10. */
  k?: number;
}

/** Settings of IPMix (arXiv 2310.04780). */
export interface IpmixAugmenterOptions
  extends CommonAugmenterOptions, ViewOptions, OpDrawOptions, MixingSourceOptions {
  /** IPMix. */
  method: "ipmix";
  /** Chains that are mixed, 1 … 10. */
  k?: number;
  /** Ops or patches of a chain at the most, 1 … 10. */
  t?: number;
}

/** Settings of AugMix (arXiv 1912.02781). */
export interface AugmixAugmenterOptions extends CommonAugmenterOptions, ViewOptions, OpDrawOptions {
  /** AugMix. */
  method: "augmix";
  /** Chains that are mixed, 1 … 10. */
  mixtureWidth?: number;
  /** Ops of a chain, 1 … 10; 0 draws 1, 2 or 3 for each. */
  mixtureDepth?: number;
}

/** Settings of RandomErasing (arXiv 1708.04896). */
export interface RandomErasingAugmenterOptions extends CommonAugmenterOptions, ViewOptions {
  /** RandomErasing. */
  method: "random_erasing";
}

/** Settings of MixUp (arXiv 1710.09412) and CutMix (arXiv 1905.04899). */
export interface PairMixingAugmenterOptions extends CommonAugmenterOptions {
  /** One λ for the batch, or one rectangle. */
  method: "mixup" | "cutmix";
  /** The share of a picture's own label is drawn from Beta(alpha, alpha); > 0. */
  alpha?: number;
}

/** Settings of the usual crop and mirroring alone. */
export interface BaselineAugmenterOptions extends CommonAugmenterOptions {
  /** No augmentation but the crop. */
  method: "baseline";
}

/** What `createAugmenter` takes. Settings that are left out are the method's published ones. */
export type AugmenterOptions =
  | LayermixAugmenterOptions
  | PixmixAugmenterOptions
  | IpmixAugmenterOptions
  | AugmixAugmenterOptions
  | RandomErasingAugmenterOptions
  | PairMixingAugmenterOptions
  | BaselineAugmenterOptions;
