import assert from "node:assert/strict";
import { Tape } from "../../lib/gpu/tape.ts";
import type { Tensor } from "../../lib/gpu/tape.ts";
import { averagePool2d } from "../../lib/nn/average_pool2d.ts";
import { addBias } from "../../lib/nn/bias.ts";
import { concatenate } from "../../lib/nn/concatenate.ts";
import { conv2d } from "../../lib/nn/conv2d.ts";
import { add, relu } from "../../lib/nn/elementwise.ts";
import { maxPool2d } from "../../lib/nn/max_pool2d.ts";
import { quickGelu } from "../../lib/nn/quick_gelu.ts";
import { Stream } from "../../lib/random/stream.ts";
import { golden } from "../golden.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { type Recording, runLayer } from "../layer.ts";
import { largestError } from "../layout.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as convolutionTwin from "../reference/convolution.ts";
import * as twin from "../reference/pool.ts";
import { dot, normal, type Values } from "../reference/values.ts";

const tensors = golden("layers");
const expected = (name: string): Values => {
  const { shape, data } = tensors.get(`layer/${name}`)!;
  return { shape, data: Float64Array.from(data as Float32Array) };
};

type Layer = (tape: Tape, x: Tensor) => Tensor;
const goldens: Record<string, { record: Layer; twin: (x: Values) => Values; tolerance: number }> = {
  ...Object.fromEntries(
    ["maxpool3s2p1_odd", "maxpool3s2p1_even", "maxpool_ties"].map((name) => [name, {
      record: (tape: Tape, x: Tensor) => maxPool2d(tape, x, { kernel: 3, stride: 2, padding: 1 }),
      twin: (x: Values) => twin.maxPool2d(x, 3, 2, 1),
      tolerance: 0,
    }]),
  ),
  maxpool2: {
    record: (tape, x) => maxPool2d(tape, x, { kernel: 2, stride: 2 }),
    twin: (x) => twin.maxPool2d(x, 2, 2),
    tolerance: 0,
  },
  avgpool8: {
    record: (tape, x) => averagePool2d(tape, x, 8),
    twin: (x) => twin.averagePool2d(x, 8),
    tolerance: 1e-6,
  },
  avgpool2: {
    record: (tape, x) => averagePool2d(tape, x, 2),
    twin: (x) => twin.averagePool2d(x, 2),
    tolerance: 1e-6,
  },
  siggelu: { record: quickGelu, twin: twin.quickGelu, tolerance: 1e-6 },
};

for (const [name, { record, twin, tolerance }] of Object.entries(goldens)) {
  gpuTest(`${name} equals PyTorch, forward and backward`, async (gpu) => {
    const [x, dy] = [expected(`${name}/x`), expected(`${name}/dy`)];
    const { y, dx } = await runLayer(gpu, {
      inputs: [x],
      dy,
      record: ({ tape, inputs }) => record(tape, inputs[0]!),
    });
    assert.ok(largestError(twin(x).data, expected(`${name}/y`).data) <= Math.max(tolerance, 1e-7));
    assert.ok(largestError(y, expected(`${name}/y`).data) <= tolerance);
    // Windows that overlap add up, and the expected sums were rounded once.
    assert.ok(largestError(dx[0]!, expected(`${name}/dx`).data) <= Math.max(tolerance, 1e-6));
  });
}

/** Each layer twice on the same input, so that its second gradient is added to the first. */
const twice = (record: Layer) => ({ tape, inputs }: Recording) =>
  add(tape, record(tape, inputs[0]!), record(tape, inputs[0]!));

gpuTest("gradients of pools and quickGelu() agree with central differences", async (gpu) => {
  const layers: [string, Layer, (x: Values) => Values, number[][]][] = [
    [
      "max 3, 2, 1",
      (tape, x) => maxPool2d(tape, x, { kernel: 3, stride: 2, padding: 1 }),
      (x) => twin.maxPool2d(x, 3, 2, 1),
      [[1, 1, 1, 1], [3, 3, 5, 7], [2, 17, 9, 4]],
    ],
    [
      "max 5, 3",
      (tape, x) => maxPool2d(tape, x, { kernel: 5, stride: 3 }),
      (x) => twin.maxPool2d(x, 5, 3),
      [[1, 2, 5, 5], [3, 3, 9, 13]],
    ],
    [
      "max 2, 3, 1",
      (tape, x) => maxPool2d(tape, x, { kernel: 2, stride: 3, padding: 1 }),
      (x) => twin.maxPool2d(x, 2, 3, 1),
      [[2, 5, 7, 6]],
    ],
    [
      "average 3",
      (tape, x) => averagePool2d(tape, x, 3),
      (x) => twin.averagePool2d(x, 3),
      [[1, 1, 3, 3], [3, 5, 7, 11]],
    ],
    ["quick_gelu", quickGelu, twin.quickGelu, [[1, 1, 1, 1], [3, 5, 7, 3], [3, 33]]],
  ];
  for (const [name, record, twin, shapes] of layers) {
    for (const shape of shapes) {
      const stream = new Stream(shape.length, 0);
      const x = normal(shape, stream, 0, 3);
      const half = twin(x), dy = normal(half.shape, stream);
      const { y, dx } = await runLayer(gpu, { inputs: [x], dy, record: twice(record) });
      assert.ok(largestError(y, half.data.map((value) => 2 * value)) < 1e-5, name);
      assertGradient(`${name} ${shape}`, dx[0]!, x, () => 2 * dot(twin(x), dy));
    }
  }
});

gpuTest("quickGelu() stays finite however large its input", async (gpu) => {
  const x = { shape: [1, 4], data: Float64Array.of(-3e38, -200, 200, 3e38) };
  const dy = { shape: [1, 4], data: Float64Array.of(1, 1, 1, 1) };
  const { y, dx } = await runLayer(gpu, {
    inputs: [x],
    dy,
    record: ({ tape, inputs }) => quickGelu(tape, inputs[0]!),
  });
  assert.deepEqual([...y].map(Math.abs), [0, 0, 200, Math.fround(3e38)]);
  assert.deepEqual([...dx[0]!].map(Math.abs), [0, 0, 1, 1]);
});

gpuTest("concatenate() puts channels behind each other and parts their gradient", async (gpu) => {
  for (const [batch, first, second, height, width] of [[1, 4, 4, 1, 1], [3, 12, 20, 5, 7]]) {
    const stream = new Stream(first!, 4);
    const a = normal([batch!, first!, height!, width!], stream);
    const b = normal([batch!, second!, height!, width!], stream);
    const dy = normal([batch!, first! + second!, height!, width!], stream);
    const { y, dx } = await runLayer(gpu, {
      inputs: [a, b],
      dy,
      record: ({ tape, inputs: [x, z] }) => concatenate(tape, relu(tape, x!), z!),
    });
    const relued = { ...a, data: a.data.map((value) => Math.max(value, 0)) };
    assert.equal(largestError(y, twin.concatenate(relued, b).data), 0);
    assertGradient("da", dx[0]!, a, () => {
      const now = { ...a, data: a.data.map((value) => Math.max(value, 0)) };
      return dot(twin.concatenate(now, b), dy);
    });
    assertGradient("db", dx[1]!, b, () => dot(twin.concatenate(relued, b), dy));
  }
});

gpuTest(
  "a convolution's bias is added to each pixel, its gradient summed in parts",
  async (gpu) => {
    for (const [batch, inputs, outputs, side] of [[1, 1, 1, 1], [3, 5, 7, 11], [2, 4, 6, 17]]) {
      const stream = new Stream(outputs!, 5);
      const x = normal([batch!, inputs!, side!, side!], stream);
      const w = normal([outputs!, inputs!, 1, 1], stream), b = normal([outputs!], stream);
      const dy = normal([batch!, outputs!, side!, side!], stream);
      const { y, gradients } = await runLayer(gpu, {
        inputs: [x],
        parameters: { w, b },
        dy,
        record: ({ tape, inputs, parameters }) =>
          addBias(tape, conv2d(tape, inputs[0]!, parameters.w!), parameters.b!),
      });
      const biased = () => {
        const found = convolutionTwin.conv2d(x, w, {});
        found.data.forEach((_, i) =>
          found.data[i]! += b.data[Math.floor(i / side! ** 2) % outputs!]!
        );
        return found;
      };
      assert.ok(largestError(y, biased().data) < 1e-5);
      assertGradient("db", gradients.b!, b, () => dot(biased(), dy));
      assertGradient("dw", gradients.w!, w, () => dot(biased(), dy));
    }
  },
);

Deno.test("pools and concatenate() refuse what cannot be", () => {
  const tape = new Tape(describedGpu);
  const x = tape.tensor("x", [2, 7, 9, 4]), odd = tape.tensor("odd", [2, 7, 9, 3]);
  const refuse = (record: () => void, error: RegExp) => assert.throws(record, error);
  refuse(() => maxPool2d(tape, x, { kernel: 8, stride: 1 }), /no larger than the 7 × 9/);
  refuse(() => maxPool2d(tape, x, { kernel: 17, stride: 1, padding: 8 }), /window of 1 … 16/);
  refuse(() => maxPool2d(tape, x, { kernel: 3, stride: 1, padding: 2 }), /padded by half/);
  refuse(() => maxPool2d(tape, x, { kernel: 3, stride: 0 }), /stride 0/);
  refuse(() => averagePool2d(tape, x, 8), /no larger than the 7 × 9 picture but found 8/);
  refuse(() => averagePool2d(tape, x, 0), /found 0/);
  refuse(() => concatenate(tape, x, odd), /multiples of 4 channels/);
  refuse(() => concatenate(tape, x, tape.tensor("z", [2, 9, 7, 4])), /pictures of one size/);
});
