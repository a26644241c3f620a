/**
 * The augmentation alone, for pages: it needs WebGPU, and nothing of Deno or Node.
 *
 * @module
 */
export type * from "./lib/augment/augmenter_options.ts";
export type { AugmentedPictures, BatchAugmenter } from "./lib/augment/batch_augmenter.ts";
export {
  createAugmenterInMemory as createAugmenter,
  mixingPictures,
} from "./lib/augment/create_in_memory.ts";
export { type MethodName, methodNames, type MethodSettings } from "./lib/augment/methods.ts";
export { mixedLabels } from "./lib/augment/mixed_labels.ts";
export type { Mixing, MixingPictures, StreamedMixing } from "./lib/augment/mixing.ts";
export type { HostPictures } from "./lib/augment/picture_bytes.ts";
export type { PicturePlan, Stage } from "./lib/augment/plan.ts";
export { fractals } from "./lib/data/fractals.ts";
export type { Picture } from "./lib/data/pixels.ts";
export { type AdapterChoice, Gpu } from "./lib/gpu/device.ts";
export { GpuError } from "./lib/gpu/error.ts";
