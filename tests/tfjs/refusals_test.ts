import { deepEqual, rejects, throws } from "node:assert/strict";
import { mixedLabels } from "../../mod.ts";
import { createTensorAugmenter } from "../../tfjs.ts";
import {
  batch,
  height,
  indices,
  mixing,
  optionsOf,
  rgb,
  width,
} from "../augment/create_augmenter_fixture.ts";
import { describedGpu, testGpu } from "../gpu.ts";
import { ints, shape, tensorTest, tf, withAugmenter } from "./fixture.ts";

const wanted = `expected a tensor of 1 … ${batch} × ${height} × ${width} × 3 but found `;

tensorTest("tensors that are no pictures are refused, and the next batch is made", async () => {
  await withAugmenter(optionsOf(await testGpu(), "layermix"), async (augmenter) => {
    const plans = augmenter.plan(indices, 0), pictures = ints();
    const refuse = async (tensor: tf.Tensor, name: string, message: string) => {
      const given = tensor as tf.Tensor4D;
      await rejects(augmenter.apply(given, plans), { name, message: `Cannot augment: ${message}` });
      tensor.dispose();
    };
    await refuse(
      tf.zeros(shape, "bool"),
      ...["TypeError", "expected a tensor of int32 or float32 but found bool"] as const,
    );
    await refuse(
      tf.tidy(() => tf.complex(tf.zeros(shape), tf.zeros(shape))),
      ...["TypeError", "expected a tensor of int32 or float32 but found complex64"] as const,
    );
    for (
      const wrong of [[0, height, width, 3], [batch + 1, height, width, 3], [1, width, height, 3]]
    ) {
      await refuse(tf.zeros(wrong, "int32"), "RangeError", wanted + wrong.join(" × "));
    }
    for (
      const wrong of [[batch, height, width, 4], [height, width, 3], [batch, height * width * 3]]
    ) {
      await refuse(tf.zeros(wrong, "int32"), "RangeError", wanted + wrong.join(" × "));
    }
    await refuse(
      tf.zeros([1, height, width, 3], "int32"),
      ...["RangeError", `expected plans of 1 pictures but found ${batch}`] as const,
    );
    const gone = ints();
    gone.dispose();
    await rejects(
      augmenter.apply(gone, plans),
      /^TypeError: Cannot augment: the tensor was disposed$/,
    );
    const others = [undefined, null, "pictures", [1, 2], new Float64Array(rgb.length)];
    for (const other of others) {
      await rejects(augmenter.apply(other as unknown as Uint8Array, plans), { name: "TypeError" });
    }
    (await augmenter.apply(pictures, plans)).dispose();
    pictures.dispose();
  });
});

tensorTest("another backend, and an augmenter that was destroyed, are refused", async () => {
  const options = optionsOf(await testGpu(), "baseline");
  await withAugmenter(options, async (augmenter) => {
    const pictures = ints();
    await tf.setBackend("cpu");
    const refusal =
      /^GpuError: Cannot augment with TensorFlow.js: expected its backend "webgpu" but found "cpu"; import @tensorflow\/tfjs-backend-webgpu and await tf.setBackend\("webgpu"\) first$/;
    await rejects(augmenter.augment(pictures, indices, 0), refusal);
    await rejects(withAugmenter(options, () => Promise.resolve()), refusal);
    await tf.setBackend("webgpu");
    augmenter.destroy();
    augmenter.destroy();
    await rejects(augmenter.augment(pictures, indices, 0), /the augmenter was destroyed/);
    // TensorFlow.js goes on.
    const doubled = tf.tidy(() => tf.mul(pictures, tf.scalar(2, "int32")));
    deepEqual([...await doubled.data()], [...rgb].map((value) => 2 * value));
    tf.dispose([pictures, doubled]);
  });
});

tensorTest("settings are checked as createAugmenter() does, and folders refused", async () => {
  const size = { width, height, batch, seed: 1 };
  await rejects(createTensorAugmenter(tf, { method: "pixmix", mixing: "folder", ...size }), {
    name: "RangeError",
    message: /^Cannot open the mixing set folder here/,
  });
  await rejects(
    createTensorAugmenter(tf, { method: "pixmix", mixing, ...size, batch: 0 }),
    /expected batch to be a whole number > 0 but found 0/,
  );
});

Deno.test("a device with limits below WebGPU's defaults is refused", async () => {
  const { limits } = describedGpu.device;
  const device = { queue: {}, limits: { ...limits, maxStorageBuffersPerShaderStage: 4 } };
  const backend = () => ({ device, submitQueue() {} });
  const other = { ...tf, backend } as unknown as typeof tf;
  await rejects(
    createTensorAugmenter(other, { method: "baseline", width, height, batch, seed: 1 }),
    /^GpuError: Cannot use the device .*maxStorageBuffersPerShaderStage of at least 8 but found 4/,
  );
});

Deno.test("labels that do not fit are refused", () => {
  const plan = { index: 0, epoch: 0, crop: { top: 0, left: 0, flip: false }, stages: [] };
  const plans = [plan, plan, plan] as unknown as Parameters<typeof mixedLabels>[0];
  deepEqual([...mixedLabels(plans, [1], 2)], [0, 1, 0, 1, 0, 1]);
  throws(() => mixedLabels(plans, [0, 1], 2), {
    name: "RangeError",
    message: "Cannot mix labels: expected one for each picture but found 2 for 3 plans",
  });
  throws(() => mixedLabels(plans, [], 2), /found 0 for 3 plans/);
  for (const label of [-1, 2, 0.5, NaN]) {
    throws(() => mixedLabels(plans, [0, 0, label], 2), {
      name: "RangeError",
      message: `Cannot mix labels: expected label 2 of 0 … 1 but found ${label}`,
    });
  }
});
