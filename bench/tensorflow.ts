import type { Work } from "../lib/bench/clock.ts";
import type { Operation, PassName } from "../lib/bench/operations.ts";
import type { Peer } from "../lib/bench/peer.ts";
import { outputSize } from "../lib/nn/convolution.ts";
import { tensorflowStep } from "./tensorflow_step.ts";

/** The parts of TensorFlow.js that are used; its own types do not agree with Deno's WebGPU. */
export interface Tensor {
  shape: number[];
  dispose(): void;
  data(): Promise<unknown>;
}
export interface TensorFlow {
  version_core: string;
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  engine(): { runKernel(name: string, inputs: object, attributes: object): Tensor };
  tidy<Result>(work: () => Result): Result;
  randomNormal(shape: readonly number[], mean?: number, deviation?: number): Tensor;
  zeros(shape: readonly number[]): Tensor;
  ones(shape: readonly number[]): Tensor;
  oneHot(labels: Tensor, classes: number): Tensor;
  tensor1d(values: number[], type: "int32"): Tensor;
  variable(value: Tensor): Tensor;
  reshape(x: Tensor, shape: number[]): Tensor;
  slice(x: Tensor, begin: number[], size: number[]): Tensor;
  conv2d(x: Tensor, w: Tensor, stride: number, padding: number): Tensor;
  moments(x: Tensor, axes: number[]): { mean: Tensor; variance: Tensor };
  batchNorm(
    x: Tensor,
    mean: Tensor,
    variance: Tensor,
    offset: Tensor,
    scale: Tensor,
    epsilon: number,
  ): Tensor;
  relu(x: Tensor): Tensor;
  add(a: Tensor, b: Tensor): Tensor;
  mean(x: Tensor, axes: number[]): Tensor;
  matMul(a: Tensor, b: Tensor): Tensor;
  losses: { softmaxCrossEntropy(labels: Tensor, logits: Tensor): Tensor };
  train: {
    momentum(rate: number, momentum: number, nesterov: boolean): {
      minimize(loss: () => Tensor): null;
      dispose(): void;
    };
  };
}

/** @throws {Error} when it finds no adapter */
export async function openTensorflow(): Promise<Peer> {
  const names = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-webgpu"] as const;
  // For its side effect: it registers the gradients, which the core leaves out.
  const layers = "@tensorflow/tfjs-layers";
  const tf = await import(names[0]) as TensorFlow;
  await import(layers);
  await import(names[1]);
  if (!await tf.setBackend("webgpu")) throw new Error("it finds no WebGPU adapter");
  await tf.ready();
  return {
    name: "tfjs",
    title: `TensorFlow.js ${tf.version_core}`,
    operation: (operation, pass) => openPass(tf, operation, pass),
    step: (size) => tensorflowStep(tf, size),
  };
}

/** Reads a number of the last result, since there is no other way to wait for the queue. */
export async function waitFor(tf: TensorFlow, result: Tensor): Promise<void> {
  const one = tf.tidy(() => tf.slice(tf.reshape(result, [-1]), [0], [1]));
  await one.data();
  one.dispose();
}

function openPass(tf: TensorFlow, { geometry }: Operation, pass: PassName): Work {
  const { batch, height, width, inputs, outputs, kernel, stride, padding } = geometry;
  const isMatrix = height * width * kernel === 1;
  const x = tf.randomNormal(isMatrix ? [batch, inputs] : [batch, height, width, inputs]);
  const w = tf.randomNormal(isMatrix ? [inputs, outputs] : [kernel, kernel, inputs, outputs]);
  const dy = tf.randomNormal([batch, ...outputSize(geometry), outputs]);
  const options = {
    ...{ strides: [stride, stride], pad: padding, dataFormat: "NHWC" },
    ...{ inputShape: x.shape, filterShape: w.shape, dimRoundingMode: "floor" },
  };
  const run: Record<PassName, () => Tensor> = {
    forward: () => isMatrix ? tf.matMul(x, w) : tf.conv2d(x, w, stride, padding),
    input_gradient: () => tf.engine().runKernel("Conv2DBackpropInput", { dy, filter: w }, options),
    weight_gradient: () => tf.engine().runKernel("Conv2DBackpropFilter", { dy, x }, options),
  };
  let last: Tensor | undefined;
  return {
    call() {
      last?.dispose();
      last = run[pass]();
    },
    idle: () => waitFor(tf, last!),
    release() {
      for (const tensor of [x, w, dy, ...(last ? [last] : [])]) tensor.dispose();
    },
  };
}
