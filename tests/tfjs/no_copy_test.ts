import { equal, ok } from "node:assert/strict";
import { ints, sharedDevice, tensorTest, tf, withAugmenter } from "./fixture.ts";

/** Bytes that go between host and device while `body` runs, of each way that WebGPU has. */
async function copiedBytes(device: GPUDevice, body: () => Promise<void>) {
  const bytes = { written: 0, mappedAtCreation: 0, mapped: 0 };
  const { createBuffer } = device, { writeBuffer } = device.queue;
  const { mapAsync } = GPUBuffer.prototype;
  device.createBuffer = function (descriptor) {
    if (descriptor.mappedAtCreation) bytes.mappedAtCreation += descriptor.size;
    return createBuffer.call(this, descriptor);
  };
  device.queue.writeBuffer = function (buffer, offset, data, ...part) {
    bytes.written += part[1] ?? data.byteLength;
    return writeBuffer.call(this, buffer, offset, data as BufferSource, ...part);
  };
  GPUBuffer.prototype.mapAsync = function (...mode) {
    bytes.mapped += this.size;
    return mapAsync.apply(this, mode);
  };
  try {
    await body();
  } finally {
    Object.assign(device, { createBuffer });
    Object.assign(device.queue, { writeBuffer });
    Object.assign(GPUBuffer.prototype, { mapAsync });
  }
  return bytes;
}

const options = {
  ...{ method: "layermix", mixing: "fractals" } as const,
  ...{ width: 32, height: 32, batch: 16, seed: 2 },
};
const pixels = 16 * 32 * 32;
const indices = Array.from({ length: 16 }, (_, i) => i);

/** Pictures on the GPU alone. */
function grayOnGpu(): tf.Tensor4D {
  return tf.tidy(() => tf.add(tf.fill([16, 32, 32, 3], 60, "int32"), tf.scalar(4, "int32")));
}

tensorTest("a step from tensor to tensor sends plans alone, and reads nothing", async () => {
  await withAugmenter(options, async (augmenter) => {
    const pictures = grayOnGpu();
    const step = async (given: Parameters<typeof augmenter.apply>[0], epoch: number) =>
      (await augmenter.augment(given, indices, epoch)).dispose();
    // The first step sends the mixing set.
    await step(pictures, 0);
    const device = sharedDevice();
    for (const epoch of [1, 2, 3]) {
      const bytes = await copiedBytes(device, () => step(pictures, epoch));
      equal(bytes.mapped, 0);
      equal(bytes.mappedAtCreation, 0);
      ok(bytes.written > 0 && bytes.written < pixels, `${bytes.written} bytes were written`);
    }
    // The counts would tell: bytes of the host are sent, and what is read is mapped.
    const host = await copiedBytes(device, () => step(new Uint8Array(4 * pixels), 4));
    ok(host.written > 4 * pixels);
    const read = await copiedBytes(device, async () => {
      const made = await augmenter.augment(pictures, indices, 5);
      await made.data();
      made.dispose();
    });
    equal(read.mapped, 12 * pixels);
    pictures.dispose();
  });
});

tensorTest("200 batches take no more memory than one", async () => {
  const small = { ...options, width: 8, height: 8 };
  await withAugmenter(small, async (augmenter) => {
    const values = new Uint8Array(16 * 8 * 8 * 3).fill(9);
    const memory = () => {
      const { numTensors, numDataBuffers, numBytes, ...others } = tf.memory();
      const { numBytesInGPU, numBytesAllocatedInGPU } = others as unknown as Record<string, number>;
      return { numTensors, numDataBuffers, numBytes, numBytesInGPU, numBytesAllocatedInGPU };
    };
    const step = async (epoch: number) => {
      const pictures = ints(values, [16, 8, 8, 3]);
      const plans = augmenter.plan(indices, epoch);
      const made = await augmenter.apply(pictures, plans);
      const labels = augmenter.labels(plans, indices.map((i) => i % 10), 10);
      tf.dispose([pictures, made, labels]);
    };
    for (let epoch = 0; epoch < 4; epoch++) await step(epoch);
    const before = memory();
    for (let epoch = 4; epoch < 204; epoch++) await step(epoch);
    equal(JSON.stringify(memory()), JSON.stringify(before));
  });
});
