import type { Work } from "../lib/bench/clock.ts";
import type { StepSize } from "../lib/bench/step.ts";
import { blocksPerGroup } from "../lib/models/wide_resnet.ts";
import { convolve, type Jax, type JaxArray } from "./jax.ts";

const CLASSES = 10;

/** The next parameter of the network; its shape is used when all are made. */
type Next = (shape: number[], initial?: "zeros" | "ones") => JaxArray;

/**
 * A step of a Wide ResNet, compiled as one: forward, loss, backward and Nesterov momentum. Weight
 * decay and running statistics, which are in layermix's, are left out.
 */
export function jaxStep(jax: Jax, size: StepSize): Work {
  const { batchSize } = size;
  const pictures = jax.random.normal(jax.random.key(0), [batchSize, 3, 32, 32]);
  const labels = oneHot(jax, batchSize);
  let parameters = initialize(jax, size);
  let velocities = parameters.map(({ shape }) => jax.numpy.zeros(shape));
  const step = jax.jit((
    parameters: JaxArray[],
    velocities: JaxArray[],
    pictures: JaxArray,
    labels: JaxArray,
  ): [JaxArray[], JaxArray[]] => {
    const [loss, gradients] = jax.valueAndGrad((parameters, pictures, labels) =>
      lossOf(jax, parameters, pictures, labels, size)
    )(parameters.map(({ ref }) => ref), pictures, labels);
    loss.dispose();
    const next = gradients.map(({ ref }, i) => velocities[i]!.mul(0.9).add(ref));
    const updated = parameters.map((parameter, i) =>
      parameter.sub(gradients[i]!.add(next[i]!.ref.mul(0.9)).mul(0.1))
    );
    return [updated, next];
  });
  return {
    call() {
      [parameters, velocities] = step(parameters, velocities, pictures.ref, labels.ref);
    },
    idle: () => jax.blockUntilReady([parameters, velocities]),
    release() {
      for (const array of [...parameters, ...velocities, pictures, labels]) array.dispose();
      step.dispose();
    },
  };
}

function oneHot(jax: Jax, batch: number): JaxArray {
  const rows = Array.from(
    { length: batch },
    (_, i) => Array.from({ length: CLASSES }, (_, j) => Number(i % CLASSES === j)),
  );
  return jax.numpy.array(rows as unknown as number[]);
}

/** All parameters in the order in which the network takes them. */
function initialize(jax: Jax, size: StepSize): JaxArray[] {
  const made: JaxArray[] = [];
  const make: Next = (shape, initial) => {
    const fan = shape.slice(1).reduce((a, b) => a * b, 1);
    const value = initial
      ? jax.numpy[initial](shape)
      : jax.random.normal(jax.random.key(made.length), shape).mul(Math.sqrt(2 / fan));
    made.push(value);
    return value.ref;
  };
  network(jax, make, jax.numpy.zeros([size.batchSize, 3, 32, 32]), size).dispose();
  return made;
}

function lossOf(
  jax: Jax,
  parameters: JaxArray[],
  pictures: JaxArray,
  labels: JaxArray,
  size: StepSize,
): JaxArray {
  let next = 0;
  const logits = network(jax, () => parameters[next++]!, pictures, size);
  const logarithms = jax.nn.logSoftmax(logits);
  return jax.numpy.sum(logarithms.mul(labels)).mul(-1 / size.batchSize);
}

function network(
  jax: Jax,
  next: Next,
  pictures: JaxArray,
  { layers, widenFactor }: StepSize,
): JaxArray {
  const convolution = (x: JaxArray, outputs: number, kernel: number, stride: number) =>
    convolve(jax, x, next([outputs, x.shape[1]!, kernel, kernel]), stride, kernel >> 1);
  const normalized = (x: JaxArray) => normalize(jax, next, x);
  let x = convolution(pictures, 16, 3, 1);
  for (const [group, width] of [16, 32, 64].entries()) {
    for (let block = 0; block < blocksPerGroup(layers); block++) {
      const stride = group > 0 && block === 0 ? 2 : 1;
      const outputs = width * widenFactor;
      const widens = x.shape[1] !== outputs;
      const activated = normalized(widens ? x : x.ref);
      const first = normalized(
        convolution(widens ? activated.ref : activated, outputs, 3, stride),
      );
      const y = convolution(first, outputs, 3, 1);
      x = (widens ? convolution(activated, outputs, 1, stride) : x).add(y);
    }
  }
  const features = jax.numpy.mean(normalized(x), [2, 3]);
  const logits = jax.numpy.matmul(features, next([features.shape[1]!, CLASSES]));
  return logits.add(next([CLASSES], "zeros"));
}

/** Batch norm with the batch's statistics, and ReLU. */
function normalize(jax: Jax, next: Next, x: JaxArray): JaxArray {
  const { mean, square, sqrt, reciprocal } = jax.numpy;
  const sizes = [1, x.shape[1]!, 1, 1];
  const centred = x.ref.sub(mean(x, [0, 2, 3], { keepdims: true }));
  const variance = mean(square(centred.ref), [0, 2, 3], { keepdims: true });
  const scaled = centred.mul(reciprocal(sqrt(variance.add(1e-5)))).mul(next(sizes, "ones"));
  return jax.nn.relu(scaled.add(next(sizes, "zeros")));
}
