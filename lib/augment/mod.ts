/**
 * LayerMix and the methods it is compared with, for batches of pictures in a training loop of your
 * own: from arrays or GPU buffers to either.
 *
 * ```ts run
 * import { createAugmenter } from "@layermix/layermix/augment";
 *
 * using augmenter = await createAugmenter({
 *   ...{ method: "augmix", magnitude: 1 },
 *   ...{ width: 32, height: 32, batch: 2, seed: 1 },
 * });
 * const grey = new Uint8Array(2 * 32 * 32 * 3).fill(128);
 * const output = await augmenter.augment(grey, [0, 1], 0);
 * console.log(output.shape); // [ 2, 32, 32, 3 ]
 * ```
 *
 * @module
 */
export type * from "./augmenter_options.ts";
export type { AugmixOptions } from "./augmix.ts";
export type { AugmentedPictures, BatchAugmenter } from "./batch_augmenter.ts";
export { createAugmenter } from "./create_augmenter.ts";
export type { OpOptions } from "./draw_ops.ts";
export type { IpmixOptions } from "./ipmix.ts";
export type { LayermixOptions } from "./layermix.ts";
export type { OpSettings } from "./levels.ts";
export {
  type MethodName,
  methodNames,
  type MethodOptions,
  type MethodSettings,
} from "./methods.ts";
export { mixedLabels } from "./mixed_labels.ts";
export type {
  Mixing,
  MixingOptions,
  MixingPictures,
  MixingSizes,
  StreamedMixing,
} from "./mixing.ts";
export { type OpSet, opSetNames } from "./op_sets.ts";
export type { FloatOpName, OpName, PilOpName } from "./ops.ts";
export type { PairMixingOptions } from "./pair_mixing.ts";
export type { HostPictures } from "./picture_bytes.ts";
export type { PixmixOptions } from "./pixmix.ts";
export type {
  Blend,
  Crop,
  MixingCrop,
  Operand,
  Partner,
  Patch,
  PicturePlan,
  PlanOptions,
  Stage,
} from "./plan.ts";
