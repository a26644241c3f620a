import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { conv2d } from "../../lib/nn/conv2d.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { runLayer } from "../layer.ts";
import { largestError } from "../layout.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as twin from "../reference/convolution.ts";
import { dot, normal } from "../reference/values.ts";

/** Batch, input and output channels, height and width, kernel, stride, padding. */
type Case = readonly [number, number, number, number, number, number, number, number];

/** One code path of `lib/nn/gather_product.ts` each; a tile is rows × columns of one invocation. */
const groups: Record<string, Case[]> = {
  "odd pictures and channels": [
    [1, 3, 5, 5, 7, 3, 1, 1],
    [3, 5, 3, 9, 4, 3, 1, 1],
    [3, 17, 5, 5, 7, 3, 2, 1],
    [1, 5, 17, 9, 4, 3, 2, 1],
    [1, 1, 1, 5, 7, 3, 1, 0],
    [3, 1, 17, 9, 4, 1, 1, 0],
    [3, 3, 33, 5, 7, 1, 2, 0],
    [1, 17, 33, 5, 7, 3, 1, 0],
    [1, 33, 17, 9, 4, 3, 2, 0],
    [1, 33, 33, 5, 7, 3, 1, 1],
    [1, 3, 5, 9, 7, 7, 2, 3],
    [1, 5, 3, 9, 7, 7, 1, 0],
    [3, 3, 1, 5, 7, 7, 1, 3],
    [1, 3, 5, 5, 7, 1, 1, 1],
    [1, 5, 3, 5, 7, 1, 2, 3],
  ],
  "pictures of one pixel, and kernels as large as the padded picture": [
    [1, 1, 1, 1, 1, 1, 1, 0],
    [3, 5, 17, 1, 1, 1, 2, 0],
    [3, 17, 33, 1, 1, 3, 1, 1],
    [1, 3, 5, 1, 1, 3, 2, 1],
    [3, 5, 3, 1, 1, 7, 1, 3],
    [1, 3, 5, 1, 1, 7, 2, 3],
    [1, 5, 3, 3, 3, 3, 2, 0],
  ],
  "strided pictures narrower than the kernel": [
    [1, 3, 5, 5, 1, 3, 2, 1],
    [3, 3, 5, 1, 2, 3, 2, 1],
    [1, 3, 5, 3, 3, 7, 2, 3],
    [1, 3, 5, 4, 2, 7, 2, 3],
  ],
  "lines that fill 16 × 4 tiles": [
    [1, 4, 8, 2, 16, 3, 1, 1],
    [3, 8, 4, 3, 16, 3, 1, 1],
    [1, 16, 32, 2, 16, 3, 1, 1],
    [1, 3, 16, 5, 32, 3, 2, 1],
    [1, 4, 16, 3, 18, 3, 1, 0],
    [1, 8, 8, 1, 32, 1, 1, 0],
    [1, 4, 4, 1, 16, 7, 1, 3],
  ],
  "lines that fill 8 × 8 tiles": [
    [1, 64, 64, 2, 8, 1, 1, 0],
    [1, 36, 64, 2, 8, 3, 1, 1],
    [1, 64, 36, 2, 8, 3, 1, 1],
    [1, 4, 36, 3, 16, 3, 2, 1],
    [1, 36, 8, 3, 10, 3, 1, 0],
    [1, 36, 36, 3, 7, 3, 2, 1],
  ],
  "as many lines as the weight gradient has parts, and more": [
    [1, 3, 5, 64, 2, 3, 1, 1],
    [3, 3, 5, 33, 2, 3, 1, 1],
  ],
};

async function check(gpu: Gpu, sizes: Case): Promise<void> {
  const [batch, inputs, outputs, height, width, kernel, stride, padding] = sizes;
  const stream = new Stream(sizes.reduce((a, b) => 31 * a + b, 0) >>> 0, 0);
  const x = normal([batch, inputs, height, width], stream);
  const w = normal([outputs, inputs, kernel, kernel], stream, 0, kernel / 9);
  const options = { stride, padding };
  const expected = twin.conv2d(x, w, options);
  const dy = normal(expected.shape, stream);
  const { y, dx, gradients } = await runLayer(gpu, {
    inputs: [x],
    parameters: { w },
    dy,
    record: ({ tape, inputs, parameters }) => conv2d(tape, inputs[0]!, parameters.w!, options),
  });
  const scale = expected.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = largestError(y, expected.data);
  assert.ok(error <= 4e-6 * scale, `${sizes}: y is off by ${error} of ${scale}`);
  const objective = () => dot(twin.conv2d(x, w, options), dy);
  assertGradient(`${sizes}: dx`, dx[0]!, x, objective, 1e-5);
  assertGradient(`${sizes}: dw`, gradients.w!, w, objective, 1e-5);
}

for (const [name, cases] of Object.entries(groups)) {
  gpuTest(`conv2d() gradients agree with central differences: ${name}`, async (gpu) => {
    for (const sizes of cases) await check(gpu, sizes);
  });
}

gpuTest("conv2d() gives pictures no gradient, but its weights", async (gpu) => {
  const stream = new Stream(1, 0);
  const [x, w] = [normal([1, 3, 4, 4], stream), normal([5, 3, 3, 3], stream)];
  const dy = normal([1, 5, 2, 2], stream);
  const { dx, gradients } = await runLayer(gpu, {
    inputs: [x],
    parameters: { w },
    dy,
    record: ({ tape, inputs, parameters }) => {
      inputs[0] = { ...inputs[0]!, differentiable: false };
      return conv2d(tape, inputs[0], parameters.w!);
    },
  });
  assert.equal(dx.length, 0);
  assertGradient("dw", gradients.w!, w, () => dot(twin.conv2d(x, w), dy), 1e-5);
});

Deno.test("conv2d() refuses other channels than its weight's, and too small a picture", () => {
  const tape = new Tape(undefined as unknown as Gpu);
  const w = new Parameters().parameter("conv1.weight", [5, 3, 7, 7]);
  assert.throws(() => conv2d(tape, tape.tensor("x", [1, 8, 8, 4]), w), {
    name: "RangeError",
    message: "Cannot convolve with conv1.weight: expected 3 input channels but found 4",
  });
  assert.throws(() => conv2d(tape, tape.tensor("x", [1, 6, 9, 3]), w), {
    name: "RangeError",
    message: "Cannot convolve with conv1.weight: a 6 × 9 picture is smaller than the kernel of 7",
  });
  const y = conv2d(tape, tape.tensor("x", [1, 1, 1, 3]), w, { padding: 3 });
  assert.deepEqual(y.shape, [1, 1, 1, 5]);
});
