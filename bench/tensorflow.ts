import { flops, type Geometry } from "../lib/nn/convolution.ts";

/** The parts of TensorFlow.js that are measured; its own types do not agree with Deno's WebGPU. */
interface Tensor {
  data(): Promise<unknown>;
  dispose(): void;
}
interface TensorFlow {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  randomNormal(shape: number[]): Tensor;
  conv2d(x: Tensor, w: Tensor, stride: number, padding: string): Tensor;
  sum(x: Tensor): Tensor;
}

/**
 * GFLOP/s of TensorFlow.js's WebGPU forward convolution on the same adapter. A sum of the result is
 * read back, since its queue cannot be waited for; that takes a few per cent of the time.
 */
export async function tensorflowForward(geometry: Geometry): Promise<number> {
  const core = "@tensorflow/tfjs-core", backend = "@tensorflow/tfjs-backend-webgpu";
  const tf = await import(core) as TensorFlow;
  await import(backend);
  if (!await tf.setBackend("webgpu")) throw new Error("TensorFlow.js finds no WebGPU adapter");
  await tf.ready();
  const { batch, height, width, inputs, outputs, kernel, stride } = geometry;
  const x = tf.randomNormal([batch, height, width, inputs]);
  const w = tf.randomNormal([kernel, kernel, inputs, outputs]);
  let best = Infinity;
  for (let round = -2; round < 4; round++) {
    const start = performance.now();
    const y = tf.conv2d(x, w, stride, "same");
    const sum = tf.sum(y);
    await sum.data();
    if (round >= 0) best = Math.min(best, performance.now() - start);
    for (const tensor of [y, sum]) tensor.dispose();
  }
  for (const tensor of [x, w]) tensor.dispose();
  return flops(geometry) / 1e6 / best;
}
