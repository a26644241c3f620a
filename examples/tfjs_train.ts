/**
 * Trains a small network of TensorFlow.js on LayerMix batches of the built-in shapes, which never
 * leave the GPU: `deno run -A examples/tfjs_train.ts [steps]`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { initializers, layers, sequential } from "@tensorflow/tfjs-layers";
import "@tensorflow/tfjs-backend-webgpu";
import { openDataset } from "../mod.ts";
import { createTensorAugmenter } from "../tfjs.ts";

const steps = Number(Deno.args[0] ?? 200), batch = 32;
await tf.setBackend("webgpu");

const train = await openDataset("shapes", undefined, "train");
const test = await openDataset("shapes", undefined, "test");
const { width, height, classes } = train;

/** Pictures as a tensor of bytes: r, g, b of r, g, b, 255. */
function tensorOf(rgba: Uint8Array): tf.Tensor4D {
  const shape = [rgba.length / (4 * width * height), height, width, 4];
  return tf.tidy(() =>
    tf.slice(tf.tensor(rgba, shape, "int32"), 0, [-1, -1, -1, 3])
  ) as tf.Tensor4D;
}

const normalization = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const size = { width, height, seed: 1, ...normalization };
using augmenter = await createTensorAugmenter(tf, {
  ...{ method: "layermix", mixing: "fractals", batch, ...size },
});

const initial = (seed: number) => ({ kernelInitializer: initializers.heNormal({ seed }) });
const network = sequential({
  layers: [
    layers.conv2d({
      ...{ filters: 24, kernelSize: 6, strides: 4, padding: "same", activation: "relu" },
      ...{ ...initial(1), inputShape: [height, width, 3] },
    }),
    layers.conv2d({
      ...{ filters: 32, kernelSize: 3, strides: 2, padding: "same", activation: "relu" },
      ...initial(2),
    }),
    layers.flatten(),
    layers.dense({ units: classes.length, ...initial(3) }),
  ],
});
const optimizer = tf.train.adam(3e-3);

// All pictures stay on the GPU: batches are gathered there.
const pictures = tensorOf(train.rgba);
for (let step = 0; step < steps; step++) {
  const indices = Array.from({ length: batch }, (_, i) => (step * batch + i) % train.count);
  const epoch = Math.floor(step * batch / train.count);
  const chosen = tf.tidy(() => tf.gather(pictures, tf.tensor1d(indices, "int32")));
  const plans = augmenter.plan(indices, epoch);
  const x = await augmenter.apply(chosen, plans);
  const y = augmenter.labels(plans, indices.map((index) => train.labels[index]!), classes.length);
  const loss = optimizer.minimize(
    () => tf.losses.softmaxCrossEntropy(y, network.apply(x, { training: true }) as tf.Tensor),
    true,
  )!;
  if (step % 50 === 49) console.log(`step ${step + 1}  loss ${(await loss.data())[0]!.toFixed(3)}`);
  tf.dispose([chosen, x, y, loss]);
}

const right = tf.tidy(() => {
  const x = tf.sub(tf.div(tf.cast(tensorOf(test.rgba), "float32"), 127.5), 1);
  return tf.sum(
    tf.equal(tf.argMax(network.predict(x) as tf.Tensor, 1), tf.tensor1d([...test.labels], "int32")),
  );
});
console.log(`test accuracy ${(100 * (await right.data())[0]! / test.count).toFixed(1)} %`);
