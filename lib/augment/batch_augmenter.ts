import type { Gpu } from "../gpu/device.ts";
import type { HostPictures } from "./picture_bytes.ts";
import type { PicturePlan } from "./plan.ts";

/** The pictures that one `apply` made. */
export interface AugmentedPictures {
  /**
   * f32 r, g, b, 0, normalised (batch · views × height × width × 4), on the augmenter's device, with
   * the usages STORAGE and COPY_SRC. Of a batch that is not full, the rest is zero. It is the same
   * buffer each time: the next `apply` overwrites it. It may end with a few bytes of padding.
   */
  readonly buffer: GPUBuffer;
  /** Of what `read` gives: pictures · views, height, width, 3. */
  readonly shape: readonly [number, number, number, number];
  /**
   * Copies the pictures that there are, without the rest of the batch, to the host: r, g, b,
   * normalised (pictures · views × height × width × 3).
   *
   * @throws {GpuError} after the next `apply` or `destroy`, or when the device fails
   */
  read(): Promise<Float32Array<ArrayBuffer>>;
}

/** Augments pictures on a GPU, as training does. `createAugmenter` makes one. */
export interface BatchAugmenter {
  /** Where it runs; `gpu.device` is for other work on the same buffers. */
  readonly gpu: Gpu;
  /**
   * Draws what happens to each view of each picture: plain data, a function of (seed, index, epoch)
   * alone; of MixUp and CutMix, which mix the pictures of a batch, also of the other indices.
   *
   * @param indices the pictures' numbers in their data set, unsigned 32-bit; 1 … `batch` of them
   * @param epoch unsigned 32-bit; training counts from 0
   * @returns `views` plans for each picture, one after the other
   * @throws {RangeError} when an argument is out of range
   */
  plan(indices: ArrayLike<number>, epoch: number): PicturePlan[];
  /**
   * Carries out plans. Host pictures are taken before it returns, so their memory may be used again.
   *
   * @param pictures in host memory, or a buffer of the same device with the usage COPY_SRC that
   *   starts with packed r, g, b, ignored (pictures × height × width × 4 bytes)
   * @param plans what `plan` gave for these pictures, as it was or after JSON
   * @returns once the work is submitted; now and then it waits for the GPU
   * @throws {RangeError} when sizes do not fit, a plan is malformed, or a float is not in [0, 1]
   * @throws {TypeError} for pictures of another type
   * @throws {GpuError} after `destroy`, for a buffer that cannot be copied, or when the device fails
   */
  apply(
    pictures: HostPictures | GPUBuffer,
    plans: readonly PicturePlan[],
  ): Promise<AugmentedPictures>;
  /** `apply(pictures, plan(indices, epoch))`. */
  augment(
    pictures: HostPictures | GPUBuffer,
    indices: ArrayLike<number>,
    epoch: number,
  ): Promise<AugmentedPictures>;
  /** Frees its buffers, and closes the GPU where `createAugmenter` opened it. Once is enough. */
  destroy(): void;
  /** `destroy`, for `using`. */
  [Symbol.dispose](): void;
}
