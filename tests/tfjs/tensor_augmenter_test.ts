import { deepEqual, equal, notEqual } from "node:assert/strict";
import { type AugmenterOptions, createAugmenter, methodNames } from "../../mod.ts";
import {
  batch,
  height,
  indices,
  optionsOf,
  rgb,
  width,
} from "../augment/create_augmenter_fixture.ts";
import { testGpu } from "../gpu.ts";
import { ints, tensorTest, tf, withAugmenter } from "./fixture.ts";

/** What createAugmenter() makes of the pictures, on a device of its own. */
async function expectedOf(options: AugmenterOptions, count = batch, epoch = 2) {
  using augmenter = await createAugmenter(options);
  const given = rgb.subarray(0, count * rgb.length / batch);
  const output = await augmenter.augment(given, indices.slice(0, count), epoch);
  return { shape: [...output.shape], values: await output.read() };
}

/** Asserts shape and bits, and disposes the tensor. */
async function assertTensor(
  tensor: tf.Tensor4D,
  expected: Awaited<ReturnType<typeof expectedOf>>,
  name = "the tensor",
): Promise<void> {
  deepEqual(tensor.shape, expected.shape, name);
  equal(tensor.dtype, "float32");
  deepEqual(await tensor.data(), expected.values, name);
  tensor.dispose();
}

const normalization = { mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.7] };

for (const method of methodNames) {
  tensorTest(`${method} of tensors gives the bits of createAugmenter()`, async () => {
    const options = optionsOf(await testGpu(), method, normalization);
    const expected = await expectedOf(options);
    await withAugmenter(options, async (augmenter) => {
      const whole = ints(), floats = tf.tidy(() => tf.div(tf.cast(whole, "float32"), 255));
      for (const pictures of [whole, floats as tf.Tensor4D, rgb]) {
        await assertTensor(await augmenter.augment(pictures, indices, 2), expected);
      }
      tf.dispose([whole, floats]);
    });
  });
}

tensorTest(
  "views and parts of a batch are as createAugmenter() has them",
  async () => {
    const gpu = await testGpu();
    for (const count of [1, 2]) {
      const options = optionsOf(gpu, "augmix", { views: 3 });
      const expected = await expectedOf(options, count);
      await withAugmenter(options, async (augmenter) => {
        const given = rgb.subarray(0, count * rgb.length / batch);
        const pictures = ints(given, [count, height, width, 3]);
        const made = await augmenter.augment(pictures, indices.slice(0, count), 2);
        await assertTensor(made, expected);
        pictures.dispose();
      });
    }
  },
);

tensorTest("calls take turns, and what they gave stays as it was", async () => {
  const options = optionsOf(await testGpu(), "layermix");
  const expected = await Promise.all(
    [0, 1, 2, 3].map((epoch) => expectedOf(options, batch, epoch)),
  );
  await withAugmenter(options, async (augmenter) => {
    const made = await Promise.all(expected.map(async (_, epoch) => {
      // Recorded by TensorFlow.js, but not submitted yet; and disposed before it is read.
      const pictures = tf.tidy(() => {
        const shift = tf.scalar(epoch, "int32");
        return tf.sub(tf.add(ints(), shift), shift);
      }) as tf.Tensor4D;
      const tensor = await augmenter.augment(pictures, indices, epoch);
      pictures.dispose();
      return tensor;
    }));
    for (const [epoch, tensor] of made.entries()) {
      await assertTensor(tensor, expected[epoch]!, `epoch ${epoch}`);
    }
    // Of pictures on the host, nothing of TensorFlow.js comes between two batches.
    const [first, second] = [
      await augmenter.augment(rgb, indices, 0),
      await augmenter.augment(rgb, indices, 1),
    ];
    await assertTensor(first, expected[0]!, "the first of the host");
    await assertTensor(second, expected[1]!, "the second of the host");
  });
});

tensorTest("tensors of the host and of another backend are brought to the device", async () => {
  const options = optionsOf(await testGpu(), "baseline");
  const expected = await expectedOf(options);
  await withAugmenter(options, async (augmenter) => {
    await tf.setBackend("cpu");
    const made = tf.tidy(() => tf.add(ints(), tf.scalar(0, "int32"))) as tf.Tensor4D;
    await tf.setBackend("webgpu");
    await assertTensor(await augmenter.augment(made, indices, 2), expected);
    made.dispose();
  });
});

tensorTest("TensorFlow.js's operations go on with what was made", async () => {
  const options = optionsOf(await testGpu(), "layermix");
  const { values } = await expectedOf(options);
  await withAugmenter(options, async (augmenter) => {
    const pictures = ints(), made = await augmenter.augment(pictures, indices, 2);
    const doubled = tf.tidy(() => tf.mul(made, 2));
    deepEqual(await doubled.data(), values.map((value) => 2 * value));
    tf.dispose([pictures, made, doubled]);
  });
});

tensorTest("floats are rounded to bytes as the host's are, and brought into range", async () => {
  const [side, most] = [64, 255];
  const floats = new Float32Array(side * side * 3), bits = new Uint32Array(floats.buffer);
  // About every half, a few steps of the last bit to both sides; then what is anywhere.
  for (let i = 0; i < floats.length; i++) {
    floats[i] = (Math.floor(i / 9) % most + 0.5) / most;
    bits[i]! += i % 9 - 4;
    if (i >= 9 * most) bits[i] = (i * 2654435761 >>> 0) % 0x3f800001;
  }
  const options = { method: "baseline", width: side, height: side, batch: 1, seed: 1 } as const;
  const plan = { index: 0, epoch: 0, crop: { top: 4, left: 4, flip: false }, stages: [] };
  using augmenter = await createAugmenter({ ...options, gpu: await testGpu() });
  const [drawn] = augmenter.plan([0], 0);
  const plans = [{ ...drawn!, ...plan, stages: drawn!.stages }];
  const expected = await (await augmenter.apply(floats, plans)).read();
  await withAugmenter(options, async (augmenter) => {
    const tensor = tf.tensor4d(floats, [1, side, side, 3]);
    const made = await augmenter.apply(tensor, plans);
    deepEqual(await made.data(), expected);
    tf.dispose([tensor, made]);
    const strange = [NaN, -NaN, -0, -1, -Infinity, 1e-40, 1, 1.5, Infinity, 1 + 2 ** -23];
    const range = new Float32Array(floats.length);
    range.set(strange);
    const odd = tf.tensor4d(range, [1, side, side, 3]), brought = await augmenter.apply(odd, plans);
    deepEqual([...(await brought.data()).subarray(0, 10)], [0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
    const wild = tf.tensor4d(
      Int32Array.from(range, (_, i) => [-5, 0, 255, 256, 2 ** 31 - 1, -(2 ** 31)][i] ?? 0),
      ...[[1, side, side, 3] as [number, number, number, number], "int32" as const],
    );
    const kept = await augmenter.apply(wild, plans);
    deepEqual([...(await kept.data()).subarray(0, 6)], [0, 0, 1, 1, 1, 0]);
    tf.dispose([odd, brought, wild, kept]);
  });
});

tensorTest("labels are one-hot, or mixed as the pictures are", async () => {
  await withAugmenter(optionsOf(await testGpu(), "cutmix"), async (augmenter) => {
    const plans = augmenter.plan(indices, 0), { weight } = plans[0]!.partner!;
    notEqual(weight, 0);
    const mixed = augmenter.labels(plans, [3, 0, 3], 4);
    deepEqual(mixed.shape, [3, 4]);
    const [own, other] = [1 - weight, weight].map(Math.fround) as [number, number];
    deepEqual(
      [...await mixed.data()],
      [0, 0, 0, own + other, own, 0, 0, other, other, 0, 0, own].map(Math.fround),
    );
    mixed.dispose();
  });
});
