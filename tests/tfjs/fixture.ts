import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-backend-webgpu";
import { type AugmenterOptions, createTensorAugmenter, type TensorAugmenter } from "../../tfjs.ts";
import { batch, height, rgb, width } from "../augment/create_augmenter_fixture.ts";
import { gpuTest } from "../gpu.ts";

export { tf };

/** Of the pictures of the augmenter's tests. */
export const shape: [number, number, number, number] = [batch, height, width, 3];

/** A test with TensorFlow.js's backend "webgpu", which leaves no tensor behind. */
export function tensorTest(name: string, body: () => Promise<void>): void {
  gpuTest(name, async () => {
    await tf.setBackend("webgpu");
    const before = tf.memory().numTensors;
    await body();
    const left = tf.memory().numTensors - before;
    if (left !== 0) throw new Error(`${left} tensors are left`);
  });
}

/** Pictures as a tensor of whole numbers, by default the fixture's. */
export function ints(values: ArrayLike<number> = rgb, ofShape = shape): tf.Tensor4D {
  return tf.tensor4d(Int32Array.from(values), ofShape, "int32");
}

/** The device of the backend. */
export function sharedDevice(): GPUDevice {
  return (tf.backend() as unknown as { device: GPUDevice }).device;
}

/** Lets a test use an augmenter, and destroys it. */
export async function withAugmenter(
  options: AugmenterOptions,
  body: (augmenter: TensorAugmenter) => Promise<void>,
): Promise<void> {
  const { gpu: _, ...others } = options;
  using augmenter = await createTensorAugmenter(tf, others);
  await body(augmenter);
}
