import type { Work } from "../lib/bench/clock.ts";
import type { StepSize } from "../lib/bench/step.ts";
import { blocksPerGroup } from "../lib/models/wide_resnet.ts";
import { type Tensor, type TensorFlow, waitFor } from "./tensorflow.ts";

const CLASSES = 10;

/** Makes a variable, or gives the one that was made at this place of the network before. */
type Variable = (shape: readonly number[], initial?: "zeros" | "ones") => Tensor;

/**
 * A step of a Wide ResNet: forward, loss, backward and Nesterov momentum. Weight decay and running
 * statistics, which are in layermix's, are left out.
 */
export function tensorflowStep(tf: TensorFlow, size: StepSize): Work {
  const variables: Tensor[] = [];
  const pictures = tf.randomNormal([size.batchSize, 32, 32, 3]);
  const classes = Array.from({ length: size.batchSize }, (_, i) => i % CLASSES);
  const labels = tf.oneHot(tf.tensor1d(classes, "int32"), CLASSES);
  const optimizer = tf.train.momentum(0.1, 0.9, true);
  const loss = () => {
    let next = 0;
    const variable: Variable = (shape, initial) =>
      variables[next++] ??= tf.variable(initialValue(tf, shape, initial));
    return tf.losses.softmaxCrossEntropy(labels, network(tf, variable, pictures, size));
  };
  // All variables have to be there before the gradients by them are asked for.
  tf.tidy(loss);
  return {
    call: () => tf.tidy(() => optimizer.minimize(loss)),
    // The last parameter is written by the last launch.
    idle: () => waitFor(tf, variables.at(-1)!),
    release() {
      for (const tensor of [...variables, pictures, labels]) tensor.dispose();
      optimizer.dispose();
    },
  };
}

function initialValue(tf: TensorFlow, shape: readonly number[], initial?: "zeros" | "ones") {
  if (initial) return tf[initial](shape);
  const fan = shape.slice(0, -1).reduce((a, b) => a * b, 1);
  return tf.randomNormal(shape, 0, Math.sqrt(2 / fan));
}

function network(
  tf: TensorFlow,
  variable: Variable,
  pictures: Tensor,
  { layers, widenFactor }: StepSize,
): Tensor {
  const convolve = (x: Tensor, outputs: number, kernel: number, stride: number) =>
    tf.conv2d(x, variable([kernel, kernel, x.shape[3]!, outputs]), stride, kernel >> 1);
  const normalize = (x: Tensor) => {
    const [scale, offset] = [variable([x.shape[3]!], "ones"), variable([x.shape[3]!], "zeros")];
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.relu(tf.batchNorm(x, mean, variance, offset, scale, 1e-5));
  };
  let x = convolve(pictures, 16, 3, 1);
  for (const [group, width] of [16, 32, 64].entries()) {
    for (let block = 0; block < blocksPerGroup(layers); block++) {
      const stride = group > 0 && block === 0 ? 2 : 1;
      const outputs = width * widenFactor;
      const activated = normalize(x);
      const y = convolve(normalize(convolve(activated, outputs, 3, stride)), outputs, 3, 1);
      x = tf.add(x.shape[3] === outputs ? x : convolve(activated, outputs, 1, stride), y);
    }
  }
  const features = tf.mean(normalize(x), [1, 2]);
  const logits = tf.matMul(features, variable([features.shape[1]!, CLASSES]));
  return tf.add(logits, variable([CLASSES], "zeros"));
}
