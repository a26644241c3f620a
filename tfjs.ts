/**
 * The augmentation inside a pipeline of TensorFlow.js: on the device of its backend "webgpu", from
 * tensor to tensor, with no copy through the host. TensorFlow.js is passed in, so that nothing of
 * layermix imports it.
 *
 * @module
 */
export type { AugmenterOptions } from "./lib/augment/augmenter_options.ts";
export { mixingPictures } from "./lib/augment/create_in_memory.ts";
export { mixedLabels } from "./lib/augment/mixed_labels.ts";
export type { Mixing, MixingPictures } from "./lib/augment/mixing.ts";
export type { HostPictures } from "./lib/augment/picture_bytes.ts";
export type { PicturePlan } from "./lib/augment/plan.ts";
export { Gpu } from "./lib/gpu/device.ts";
export { GpuError } from "./lib/gpu/error.ts";
export { createTensorAugmenter } from "./lib/tfjs/create_tensor_augmenter.ts";
export type { TensorAugmenter } from "./lib/tfjs/tensor_augmenter.ts";
export type { Tensor2D, Tensor4D, TensorFlow } from "./lib/tfjs/tensorflow.ts";
