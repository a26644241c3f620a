import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { batchNorm } from "../../lib/nn/batch_norm.ts";
import { conv2d } from "../../lib/nn/conv2d.ts";
import { add, elementGroups, relu } from "../../lib/nn/elementwise.ts";
import { linear } from "../../lib/nn/linear.ts";
import { globalAveragePool } from "../../lib/nn/pool.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { type Recording, runLayer } from "../layer.ts";
import { largestError } from "../layout.ts";
import { assertGradient } from "../reference/central_differences.ts";
import * as convolutionTwin from "../reference/convolution.ts";
import * as twin from "../reference/elementwise.ts";
import { dot, normal } from "../reference/values.ts";

const shapes = [[1, 1, 1, 1], [3, 3, 5, 7], [1, 17, 9, 4], [3, 33, 5, 7], [3, 5], [1, 33]];

gpuTest("relu() gradients agree with central differences", async (gpu) => {
  for (const shape of shapes) {
    const stream = new Stream(shape.length, 0);
    const [x, dy] = [normal(shape, stream), normal(shape, stream)];
    const record = ({ tape, inputs }: Recording) => relu(tape, inputs[0]!);
    const result = await runLayer(gpu, { inputs: [x], dy, record });
    assert.equal(largestError(result.y, twin.relu(x).data), 0);
    assertGradient(`${shape}: dx`, result.dx[0]!, x, () => dot(twin.relu(x), dy));
  }
});

gpuTest("relu() has the gradient 0 at 0", async (gpu) => {
  const x = { shape: [1, 5], data: Float64Array.of(-1, -0, 0, 1e-30, 2) };
  const dy = { shape: [1, 5], data: Float64Array.of(1, 2, 3, 4, 5) };
  const { y, dx } = await runLayer(gpu, {
    inputs: [x],
    dy,
    record: ({ tape, inputs }) => relu(tape, inputs[0]!),
  });
  assert.equal(largestError(y, [0, 0, 0, 1e-30, 2].map(Math.fround)), 0);
  assert.equal(largestError(dx[0]!, [0, 0, 0, 4, 5]), 0);
});

gpuTest("add() gradients agree with central differences", async (gpu) => {
  for (const shape of shapes) {
    const stream = new Stream(shape.length, 1);
    const [a, b, dy] = [normal(shape, stream), normal(shape, stream), normal(shape, stream)];
    const { y, dx } = await runLayer(gpu, {
      inputs: [a, b],
      dy,
      record: ({ tape, inputs }) => add(tape, inputs[0]!, inputs[1]!),
    });
    assert.ok(largestError(y, twin.add(a, b).data) < 1e-6);
    assertGradient(`${shape}: da`, dx[0]!, a, () => dot(twin.add(a, b), dy));
    assertGradient(`${shape}: db`, dx[1]!, b, () => dot(twin.add(a, b), dy));
  }
});

gpuTest("globalAveragePool() gradients agree with central differences", async (gpu) => {
  for (const shape of [[1, 1, 1, 1], [3, 3, 5, 7], [1, 17, 9, 4], [3, 33, 1, 1], [1, 5, 8, 8]]) {
    const stream = new Stream(shape.length, 2);
    const [x, dy] = [normal(shape, stream), normal(shape.slice(0, 2), stream)];
    const { y, dx } = await runLayer(gpu, {
      inputs: [x],
      dy,
      record: ({ tape, inputs }) => globalAveragePool(tape, inputs[0]!),
    });
    assert.ok(largestError(y, twin.globalAveragePool(x).data) < 1e-6);
    assertGradient(`${shape}: dx`, dx[0]!, x, () => dot(twin.globalAveragePool(x), dy));
  }
});

gpuTest("globalAveragePool() averages more pixels than a loop may count", async (gpu) => {
  for (const shape of [[2, 5, 300, 231], [1, 3, 400, 331]]) {
    const x = normal(shape, new Stream(3, 2));
    // So that what is left out is missed.
    x.data.fill(1, x.data.length / 2);
    const dy = normal(shape.slice(0, 2), new Stream(3, 3));
    const record = ({ tape, inputs }: Recording) => globalAveragePool(tape, inputs[0]!);
    const { y } = await runLayer(gpu, { inputs: [x], dy, record });
    assert.ok(largestError(y, twin.globalAveragePool(x).data) < 1e-5);
  }
});

gpuTest("linear() gradients agree with central differences", async (gpu) => {
  for (const [batch, inputs, outputs] of [[1, 1, 1], [3, 17, 5], [1, 33, 17], [3, 64, 33]]) {
    const stream = new Stream(inputs!, 3);
    const [x, w] = [normal([batch!, inputs!], stream), normal([outputs!, inputs!], stream)];
    const [b, dy] = [normal([outputs!], stream), normal([batch!, outputs!], stream)];
    const { y, dx, gradients } = await runLayer(gpu, {
      inputs: [x],
      parameters: { w, b },
      dy,
      record: ({ tape, inputs, parameters: { w, b } }) => linear(tape, inputs[0]!, w!, b!),
    });
    assert.ok(largestError(y, convolutionTwin.linear(x, w, b).data) < 2e-5);
    const objective = () => dot(convolutionTwin.linear(x, w, b), dy);
    assertGradient(`${inputs}: dx`, dx[0]!, x, objective, 1e-5);
    assertGradient(`${inputs}: dw`, gradients.w!, w, objective, 1e-5);
    assertGradient(`${inputs}: db`, gradients.b!, b, objective, 1e-5);
  }
});

gpuTest("add(x, x) gets twice the gradient", async (gpu) => {
  const stream = new Stream(4, 4);
  const [x, dy] = [normal([2, 5, 3, 4], stream), normal([2, 5, 3, 4], stream)];
  const { y, dx } = await runLayer(gpu, {
    inputs: [x],
    dy,
    record: ({ tape, inputs }) => add(tape, inputs[0]!, inputs[0]!),
  });
  assert.deepEqual(Array.from(y), Array.from(x.data, (v) => 2 * v));
  assert.deepEqual(Array.from(dx[0]!), Array.from(dy.data, (v) => 2 * v));
});

/** Two layers on one x, each once as the first and once as the later writer of its gradient. */
for (const size of [[5, 5, 7], [4, 2, 16], [36, 2, 8]]) {
  gpuTest(`A tensor of ${size.join(" × ")} that two layers read gets the sum`, async (gpu) => {
    const stream = new Stream(size[0]!, 5);
    const shape = [2, ...size];
    const [x, dy] = [normal(shape, stream), normal(shape, stream)];
    const [w, v] = [0, 1].map(() => normal([size[0]!, size[0]!, 3, 3], stream, 0, 0.3));
    const options = { padding: 1 };
    const { dx } = await runLayer(gpu, {
      inputs: [x],
      parameters: { w: w!, v: v! },
      dy,
      record: ({ tape, inputs: [x], parameters: { w, v } }) => {
        const [a, b] = [conv2d(tape, x!, w!, options), conv2d(tape, x!, v!, options)];
        return add(tape, add(tape, a, relu(tape, x!)), add(tape, b, relu(tape, x!)));
      },
    });
    const objective = () => {
      const [a, b] = [w!, v!].map((k) => convolutionTwin.conv2d(x, k, options));
      return dot(twin.add(twin.add(a!, b!), twin.add(twin.relu(x), twin.relu(x))), dy);
    };
    assertGradient("dx", dx[0]!, x, objective, 1e-5);
  });
}

gpuTest("Batch norm and pooling add to a gradient that is there", async (gpu) => {
  const stream = new Stream(6, 6);
  const shape = [2, 5, 3, 7];
  const [x, gamma, beta] = [normal(shape, stream), normal([5], stream), normal([5], stream)];
  const [mean, variance] = [normal([5], stream), normal([5], stream, 1, 0.1)];
  const dy = normal(shape.slice(0, 2), stream);
  const statistics = { mean, variance };
  const run = (through: number[]) =>
    runLayer(gpu, {
      inputs: [x],
      parameters: through.includes(1) ? { gamma, beta } : {},
      statistics,
      dy,
      record: ({ tape, step, inputs: [x], parameters, statistics }) => {
        const running = { runningMean: statistics.mean!, runningVar: statistics.variance! };
        const owned = { weight: parameters.gamma!, bias: parameters.beta!, ...running };
        const branches = [
          () => globalAveragePool(tape, x!),
          () => globalAveragePool(tape, batchNorm(tape, step, x!, owned, { training: false })),
        ];
        return through.map((i) => branches[i]!()).reduce((a, b) => add(tape, a, b));
      },
    });
  const direct = (await run([0, 0])).dx[0]!;
  for (const order of [[0, 1], [1, 0]]) {
    const [both, normed] = [(await run(order)).dx[0]!, (await run([1])).dx[0]!];
    const sum = Array.from(normed, (value, i) => value + direct[i]! / 2);
    assert.ok(largestError(both, sum) < 1e-6, `order ${order}`);
  }
});

Deno.test("add() refuses tensors of two shapes", () => {
  const tape = new Tape(undefined as unknown as Gpu);
  const [a, b] = [tape.tensor("a", [1, 4, 4, 8]), tape.tensor("b", [1, 4, 4, 4])];
  assert.throws(() => add(tape, a, b), {
    name: "RangeError",
    message: "Cannot add: expected shape 1 × 4 × 4 × 8 but found 1 × 4 × 4 × 4",
  });
});

Deno.test("elementGroups() covers every vector and stays below 32769 workgroups a dimension", () => {
  for (const vectors of [1, 255, 256, 257, 8388608, 8388609, 33554433]) {
    for (const each of [1, 4]) {
      const [across, down] = elementGroups(vectors, each);
      assert.ok(across * down * 64 * each >= vectors);
      assert.ok(across <= 32768 && (down - 1) * across * 64 * each < vectors);
    }
  }
});
