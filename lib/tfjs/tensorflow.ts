import type * as core from "@tensorflow/tfjs-core";
import { GpuError } from "../gpu/error.ts";

/** What is used of `@tensorflow/tfjs-core` or `@tensorflow/tfjs`, as it is imported. */
export type TensorFlow = Pick<
  typeof core,
  "backend" | "getBackend" | "slice" | "tensor" | "tensor2d" | "tidy"
>;

/** A tensor of TensorFlow.js with two axes. */
export type Tensor2D = core.Tensor2D;

/** A tensor of TensorFlow.js with four axes: pictures, rows, columns, channels. */
export type Tensor4D = core.Tensor4D;

/** What is used of the backend "webgpu". */
export interface WebgpuBackend {
  readonly device: GPUDevice;
  /** Brings a tensor to the device, from the host or another backend, where it is not there. */
  uploadToGPU(dataId: object): void;
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
}

/**
 * The backend that is set, and whose device is shared.
 *
 * @throws {GpuError} when it is another one
 */
export function webgpuBackend(tf: TensorFlow): WebgpuBackend {
  const backend = tf.backend() as unknown as WebgpuBackend;
  if (typeof backend.device === "object" && typeof backend.submitQueue === "function") {
    return backend;
  }
  throw new GpuError(
    `Cannot augment with TensorFlow.js: expected its backend "webgpu" but found ` +
      `"${tf.getBackend()}"; import @tensorflow/tfjs-backend-webgpu and await ` +
      `tf.setBackend("webgpu") first`,
  );
}

/** Submits what TensorFlow.js has recorded: it waits for more, while layermix submits at once. */
export function flush(backend: WebgpuBackend): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}
