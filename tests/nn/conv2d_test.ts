import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { Tape, type Tensor } from "../../lib/gpu/tape.ts";
import { conv2d } from "../../lib/nn/conv2d.ts";
import { convolutionKey } from "../../lib/nn/convolution.ts";
import { add } from "../../lib/nn/elementwise.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { Stream } from "../../lib/random/stream.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { runLayer } from "../layer.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as twin from "../reference/convolution.ts";
import * as elementwiseTwin from "../reference/elementwise.ts";
import { dot, normal } from "../reference/values.ts";
import { assertNear } from "./near.ts";

/** Batch, input and output channels, height and width, kernel, stride, padding, groups. */
type Case = readonly [number, number, number, number, number, number, number, number, number?];

/** One code path of `lib/nn/product` each; a tile is rows × columns of one invocation. */
const cases: Record<string, Case[]> = {
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
  "groups of one to eight channels": [
    [1, 2, 2, 5, 4, 3, 1, 1, 2],
    [2, 4, 8, 5, 4, 3, 2, 1, 4],
    [1, 8, 8, 4, 5, 3, 1, 1, 8],
    [1, 6, 9, 4, 3, 1, 1, 0, 3],
    [1, 12, 4, 3, 5, 2, 1, 1, 4],
    [2, 16, 24, 3, 4, 3, 1, 1, 8],
    [1, 24, 24, 5, 3, 3, 3, 1, 8],
    [1, 12, 12, 4, 4, 5, 1, 2, 6],
    [1, 8, 16, 4, 5, 3, 1, 1, 2],
    [2, 24, 12, 3, 4, 1, 2, 0, 3],
  ],
  "as many lines as the weight gradient has parts, and more": [
    [1, 3, 5, 64, 2, 3, 1, 1],
    [3, 3, 5, 33, 2, 3, 1, 1],
  ],
};

async function check(gpu: Gpu, sizes: Case): Promise<void> {
  const [batch, inputs, outputs, height, width, kernel, stride, padding, groups = 1] = sizes;
  const stream = new Stream(sizes.reduce<number>((a, b) => 31 * a + b!, 0) >>> 0, 0);
  const x = normal([batch, inputs, height, width], stream);
  const w = normal([outputs, inputs / groups, kernel, kernel], stream, 0, kernel / 9);
  const options = { stride, padding, groups };
  const expected = twin.conv2d(x, w, options);
  const dy = normal(expected.shape, stream);
  const { y, dx, gradients } = await runLayer(gpu, {
    inputs: [x],
    parameters: { w },
    dy,
    record: ({ tape, inputs, parameters }) => conv2d(tape, inputs[0]!, parameters.w!, options),
  });
  assertNear(`${sizes}: y`, y, expected);
  const objective = () => dot(twin.conv2d(x, w, options), dy);
  assertGradient(`${sizes}: dx`, dx[0]!, x, objective, 1e-5);
  assertGradient(`${sizes}: dw`, gradients.w!, w, objective, 1e-5);
}

for (const [name, list] of Object.entries(cases)) {
  gpuTest(`conv2d() gradients agree with central differences: ${name}`, async (gpu) => {
    for (const sizes of list) await check(gpu, sizes);
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

gpuTest("conv2d() adds to the gradient of an input that others use too", async (gpu) => {
  const stream = new Stream(4, 0);
  const x = normal([2, 3, 5, 4], stream);
  const [v, w] = [normal([5, 3, 3, 3], stream), normal([5, 3, 1, 1], stream)];
  const dy = normal([2, 5, 3, 2], stream);
  const [padded, strided] = [{ stride: 2, padding: 1 }, { stride: 2 }];
  const { y, dx } = await runLayer(gpu, {
    inputs: [x],
    parameters: { v, w },
    dy,
    record: ({ tape, inputs: [x], parameters: { v, w } }) =>
      add(tape, conv2d(tape, x!, v!, padded), conv2d(tape, x!, w!, strided)),
  });
  assertNear("y", y, elementwiseTwin.add(twin.conv2d(x, v, padded), twin.conv2d(x, w, strided)));
  const gradients = [
    twin.inputGradient(dy, v, x.shape, padded),
    twin.inputGradient(dy, w, x.shape, strided),
  ] as const;
  assertNear("dx", dx[0]!, elementwiseTwin.add(...gradients));
});

Deno.test("A convolution's key tells passes and sizes apart", () => {
  const geometry = {
    ...{ batch: 2, height: 3, width: 4, inputs: 5, outputs: 6 },
    ...{ kernel: 7, stride: 8, padding: 9, groups: 1 },
  };
  const others = Object.entries(geometry).map(([name, size]) => ({
    ...geometry,
    [name]: size + 1,
  }));
  const keys = [geometry, ...others].flatMap((geometry) =>
    ["conv2d_forward", "conv2d_weight_gradient"].map((pass) => convolutionKey(pass, geometry))
  );
  assert.equal(new Set(keys).size, 20);
});

Deno.test("The float64 twin's gradients agree with central differences", () => {
  const stream = new Stream(3, 0);
  const options = { stride: 3, padding: 2, groups: 2 };
  const [x, w] = [normal([2, 4, 5, 6], stream), normal([6, 2, 2, 2], stream)];
  const dy = normal([2, 6, 3, 3], stream);
  const objective = () => dot(twin.conv2d(x, w, options), dy);
  const dx = twin.inputGradient(dy, w, x.shape, options);
  const dw = twin.weightGradient(dy, x, w.shape, options);
  assertGradient("dx", dx.data, x, objective, 1e-8);
  assertGradient("dw", dw.data, w, objective, 1e-8);
});

Deno.test("conv2d() refuses other channels than its weight's, and too small a picture", () => {
  const tape = new Tape(describedGpu);
  const w = new Parameters().parameter("conv1.weight", [5, 3, 7, 7]);
  assert.throws(() => conv2d(tape, tape.tensor("x", [1, 8, 8, 4]), w), {
    name: "RangeError",
    message: "Cannot convolve with conv1.weight: expected 3 input channels but found 4",
  });
  assert.throws(() => conv2d(tape, tape.tensor("x", [1, 6, 9, 3]), w), {
    name: "RangeError",
    message: "Cannot convolve with conv1.weight: a 6 × 9 picture is smaller than the kernel of 7",
  });
  for (const stride of [0, -1, 1.5]) {
    assert.throws(() => conv2d(tape, tape.tensor("x", [1, 8, 8, 3]), w, { stride }), {
      name: "RangeError",
      message: `Cannot convolve with conv1.weight: expected a stride from 1 but found ${stride}`,
    });
  }
  const y = conv2d(tape, tape.tensor("x", [1, 1, 1, 3]), w, { padding: 3 });
  assert.deepEqual(y.shape, [1, 1, 1, 5]);
});

Deno.test("conv2d() refuses groups that do not divide the channels, and other residuals", () => {
  const tape = new Tape(describedGpu);
  const parameters = new Parameters();
  const refused = (shape: number[], groups: number, residual?: Tensor) => () =>
    conv2d(tape, tape.tensor("x", [1, 4, 4, 4]), parameters.parameter(`${shape}`, shape), {
      groups,
      residual,
    });
  assert.throws(refused([6, 2, 3, 3], 3), {
    name: "RangeError",
    message: "Cannot convolve with 6,2,3,3: expected 6 input channels but found 4",
  });
  assert.throws(refused([5, 2, 3, 3], 2), {
    name: "RangeError",
    message: "Cannot convolve with 5,2,3,3: 2 groups do not divide 5 output channels",
  });
  assert.throws(refused([5, 1.6, 3, 3], 2.5), {
    name: "RangeError",
    message: "Cannot convolve with 5,1.6,3,3: 2.5 groups do not divide 5 output channels",
  });
  assert.throws(refused([5, 4, 3, 3], 1, tape.tensor("residual", [1, 4, 4, 5])), {
    name: "RangeError",
    message: "Cannot add to the output of 5,4,3,3: expected shape 1 × 2 × 2 × 5 but found " +
      "1 × 4 × 4 × 5",
  });
});
