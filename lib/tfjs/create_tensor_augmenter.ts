import type { AugmenterOptions } from "../augment/augmenter_options.ts";
import type { AugmentedPictures, BatchAugmenter } from "../augment/batch_augmenter.ts";
import { createAugmenterInMemory } from "../augment/create_in_memory.ts";
import { mixedLabels } from "../augment/mixed_labels.ts";
import type { HostPictures } from "../augment/picture_bytes.ts";
import type { PicturePlan } from "../augment/plan.ts";
import { allocate, type Buffers, destroy } from "../gpu/buffers.ts";
import { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/error.ts";
import type { Region } from "../gpu/kernel.ts";
import { checkTensor, type PictureShape } from "./check_tensor.ts";
import { packer } from "./pack.ts";
import type { TensorAugmenter } from "./tensor_augmenter.ts";
import {
  flush,
  type Tensor2D,
  type Tensor4D,
  type TensorFlow,
  type WebgpuBackend,
  webgpuBackend,
} from "./tensorflow.ts";

/**
 * Gets a method ready for batches of tensors, on the device of TensorFlow.js's backend "webgpu": what
 * goes in and what comes out stays there.
 *
 * @param tf `@tensorflow/tfjs-core` or `@tensorflow/tfjs`, 4.x, with the backend "webgpu" set
 * @param options those of `createAugmenter` without `gpu`; a mixing set in memory or "fractals"
 * @throws {RangeError} naming a setting that is out of range or not the method's, or a mixing
 *   picture that is smaller than `width` × `height`
 * @throws {GpuError} when another backend is set, or its device holds less
 */
export async function createTensorAugmenter(
  tf: TensorFlow,
  options: AugmenterOptions & { gpu?: undefined },
): Promise<TensorAugmenter> {
  const backend = webgpuBackend(tf);
  const gpu = Gpu.from(backend.device);
  const { width, height, batch } = options;
  let augmenter: BatchAugmenter | undefined;
  try {
    augmenter = await createAugmenterInMemory({ ...options, gpu });
    const bytes = 4 * width * height * batch;
    const packed: Region = { name: "packed pictures", bytes, offset: 0 };
    const buffers = await allocate(gpu, { kept: [packed], shared: [] });
    return new SharingAugmenter({ tf, backend, augmenter, options, packed, buffers });
  } catch (error) {
    augmenter?.destroy();
    gpu.close();
    throw error;
  }
}

interface Shared {
  tf: TensorFlow;
  backend: WebgpuBackend;
  augmenter: BatchAugmenter;
  options: PictureShape;
  /** Bytes r, g, b, 0 of the tensor that was given last. */
  packed: Region;
  buffers: Buffers;
}

class SharingAugmenter implements TensorAugmenter {
  readonly gpu: Gpu;
  readonly #shared: Shared;
  #isDestroyed = false;
  /** The batch before: they take turns, since they share buffers. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(shared: Shared) {
    this.gpu = shared.augmenter.gpu;
    this.#shared = shared;
  }

  plan(indices: ArrayLike<number>, epoch: number): PicturePlan[] {
    return this.#shared.augmenter.plan(indices, epoch);
  }

  async apply(
    pictures: Tensor4D | HostPictures,
    plans: readonly PicturePlan[],
  ): Promise<Tensor4D> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    await before;
    try {
      return await this.#apply(pictures, plans);
    } finally {
      resolve();
    }
  }

  async augment(
    pictures: Tensor4D | HostPictures,
    indices: ArrayLike<number>,
    epoch: number,
  ): Promise<Tensor4D> {
    return await this.apply(pictures, this.plan(indices, epoch));
  }

  labels(
    plans: readonly PicturePlan[],
    labels: ArrayLike<number>,
    classes: number,
  ): Tensor2D {
    const mixed = mixedLabels(plans, labels, classes);
    return this.#shared.tf.tensor2d(mixed, [plans.length, classes]);
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    const { augmenter, buffers } = this.#shared;
    augmenter.destroy();
    destroy(buffers);
    this.gpu.close();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  async #apply(
    pictures: Tensor4D | HostPictures,
    plans: readonly PicturePlan[],
  ): Promise<Tensor4D> {
    const { tf, backend, augmenter } = this.#shared;
    if (this.#isDestroyed) throw new GpuError("Cannot augment: the augmenter was destroyed");
    if (webgpuBackend(tf) !== backend) {
      throw new GpuError("Cannot augment: TensorFlow.js has another backend than it was made for");
    }
    const given = isTensor(pictures) ? await this.#pack(pictures, plans.length) : pictures;
    return this.#tensorOf(await augmenter.apply(given, plans));
  }

  /** Bytes of a tensor, in a buffer that the next call overwrites. */
  async #pack(pictures: Tensor4D, plans: number): Promise<GPUBuffer> {
    const { backend, packed, options } = this.#shared;
    const type = checkTensor(pictures, options, plans);
    // Else there would be nothing on the GPU of tensors that no operation has used.
    backend.uploadToGPU(pictures.dataId);
    // This submits what makes the tensor, and gives a copy, as its buffer is TensorFlow.js's own.
    const { tensorRef, buffer } = pictures.dataToGPU();
    try {
      const pixels = pictures.shape[0] * options.width * options.height;
      const pack = await packer(this.gpu, { buffer: buffer!, type }, packed, pixels);
      pack();
    } finally {
      tensorRef.dispose();
    }
    return packed.buffer!;
  }

  /** Copies what was made, without the padding, into a tensor of its own, before it is overwritten. */
  #tensorOf({ buffer, shape: [count, height, width] }: AugmentedPictures): Tensor4D {
    const { tf, backend } = this.#shared;
    const rgb = tf.tidy(() => {
      const rgb0 = tf.tensor({ buffer, zeroCopy: true }, [count, height, width, 4], "float32");
      return tf.slice(rgb0, [0, 0, 0, 0], [count, height, width, 3]);
    });
    flush(backend);
    return rgb as Tensor4D;
  }
}

function isTensor(pictures: Tensor4D | HostPictures): pictures is Tensor4D {
  return typeof pictures === "object" && pictures !== null && "dataId" in pictures;
}
