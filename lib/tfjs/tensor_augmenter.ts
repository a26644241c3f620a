import type { Tensor2D, Tensor4D } from "./tensorflow.ts";
import type { HostPictures } from "../augment/picture_bytes.ts";
import type { PicturePlan } from "../augment/plan.ts";
import type { Gpu } from "../gpu/device.ts";

/** Augments tensors of TensorFlow.js on its device. `createTensorAugmenter` makes one. */
export interface TensorAugmenter extends Disposable {
  /** TensorFlow.js's device. */
  readonly gpu: Gpu;
  /**
   * Draws what happens to each view of each picture; see `BatchAugmenter.plan`.
   *
   * @throws {RangeError} when an argument is out of range
   */
  plan(indices: ArrayLike<number>, epoch: number): PicturePlan[];
  /**
   * Carries out plans. Calls that are under way at a time take turns.
   *
   * @param pictures a tensor (pictures × height × width × 3) of int32 in 0 … 255, or of float32 in
   *   [0, 1], of which v stands for the byte round(255 v); what is out of range is brought to its ends.
   *   It stays on the GPU, and is not disposed. Or pictures on the host, as `createAugmenter` takes them
   * @param plans what `plan` gave for these pictures, as it was or after JSON
   * @returns f32 r, g, b, normalised (pictures · views × height × width × 3), for the caller to
   *   dispose: bit for bit what `createAugmenter` gives on that device
   * @throws {RangeError} for another shape, or when a plan is malformed
   * @throws {TypeError} for a tensor of another type, or that was disposed
   * @throws {GpuError} after `destroy`, with another backend, or when the device fails
   */
  apply(pictures: Tensor4D | HostPictures, plans: readonly PicturePlan[]): Promise<Tensor4D>;
  /** `apply(pictures, plan(indices, epoch))`. */
  augment(
    pictures: Tensor4D | HostPictures,
    indices: ArrayLike<number>,
    epoch: number,
  ): Promise<Tensor4D>;
  /**
   * The labels of what `apply` makes, as `mixedLabels` has them: one-hot, or mixed as MixUp and
   * CutMix mix pictures.
   *
   * @param labels of the pictures that were given, in {0, …, classes - 1}
   * @returns (pictures · views × classes), for the caller to dispose
   * @throws {RangeError} when a label is missing, or no class
   */
  labels(plans: readonly PicturePlan[], labels: ArrayLike<number>, classes: number): Tensor2D;
  /** Frees its buffers, and leaves TensorFlow.js's device as it is. Once is enough. */
  destroy(): void;
}
