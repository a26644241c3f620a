import assert from "node:assert/strict";
import { GpuError } from "../../lib/gpu/error.ts";
import { inHalves } from "../../lib/gpu/half.ts";
import { averagePool2d } from "../../lib/nn/average_pool2d.ts";
import { batchNorm } from "../../lib/nn/batch_norm.ts";
import { addBias } from "../../lib/nn/bias.ts";
import { concatenate } from "../../lib/nn/concatenate.ts";
import { conv2d } from "../../lib/nn/conv2d.ts";
import { add, dropout, relu } from "../../lib/nn/elementwise.ts";
import { linear } from "../../lib/nn/linear.ts";
import { maxPool2d } from "../../lib/nn/max_pool2d.ts";
import { globalAveragePool } from "../../lib/nn/pool.ts";
import { quickGelu } from "../../lib/nn/quick_gelu.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { type Layer, type LayerResult, runLayer } from "../layer.ts";
import { normal, type Values } from "../reference/values.ts";

const stream = new Stream(16, 0);

/** Numbers that f16 holds exactly. */
function halves(shape: number[]): Values {
  const { data } = normal(shape, stream);
  return { shape, data: Float64Array.from(new Float16Array(data)) };
}

type Case = Pick<Layer, "record" | "parameters" | "statistics"> & { x: number[]; y?: number[] };

const ofChannels = (channels: number) => ({ gamma: halves([channels]), beta: halves([channels]) });
const running = (channels: number) => ({
  mean: halves([channels]),
  variance: { shape: [channels], data: new Float64Array(channels).fill(1) },
});

/** Each layer alone, on odd sizes, and what is used twice, so that gradients are added up. */
const cases: Record<string, Case> = {
  relu: { x: [3, 5, 5, 3], record: ({ tape, inputs: [x] }) => relu(tape, x!) },
  add: { x: [3, 5, 5, 3], record: ({ tape, inputs: [x] }) => add(tape, relu(tape, x!), x!) },
  dropout: {
    x: [3, 5, 5, 3],
    record: ({ tape, step, inputs: [x] }) => dropout(tape, step, x!, { p: 0.3, layer: 1 }),
  },
  quick_gelu: { x: [3, 5, 5, 3], record: ({ tape, inputs: [x] }) => quickGelu(tape, x!) },
  max_pool2d: {
    x: [3, 5, 7, 9],
    y: [3, 5, 4, 5],
    record: ({ tape, inputs: [x] }) => maxPool2d(tape, x!, { kernel: 3, stride: 2, padding: 1 }),
  },
  average_pool2d: {
    x: [3, 5, 7, 9],
    y: [3, 5, 3, 4],
    record: ({ tape, inputs: [x] }) => averagePool2d(tape, x!, 2),
  },
  global_average_pool: {
    x: [3, 5, 7, 9],
    y: [3, 5],
    record: ({ tape, inputs: [x] }) => globalAveragePool(tape, x!),
  },
  concatenate: {
    x: [3, 8, 3, 5],
    y: [3, 16, 3, 5],
    record: ({ tape, inputs: [x] }) => concatenate(tape, x!, relu(tape, x!)),
  },
  bias: {
    x: [3, 5, 7, 9],
    parameters: { b: halves([5]) },
    record: ({ tape, inputs: [x], parameters }) => addBias(tape, relu(tape, x!), parameters.b!),
  },
  linear: {
    x: [3, 9],
    y: [3, 11],
    parameters: { w: halves([11, 9]), b: halves([11]) },
    record: ({ tape, inputs: [x], parameters }) => linear(tape, x!, parameters.w!, parameters.b!),
  },
  batch_norm: {
    x: [4, 5, 5, 3],
    parameters: ofChannels(5),
    statistics: running(5),
    record: ({ tape, step, inputs: [x], parameters, statistics }) =>
      batchNorm(tape, step, x!, {
        ...{ weight: parameters.gamma!, bias: parameters.beta! },
        ...{ runningMean: statistics.mean!, runningVar: statistics.variance! },
      }, { training: true }),
  },
  "batch_norm, residual, relu and dropout": {
    x: [4, 5, 5, 3],
    parameters: ofChannels(5),
    statistics: running(5),
    record: ({ tape, step, inputs: [x], parameters, statistics }) =>
      batchNorm(tape, step, x!, {
        ...{ weight: parameters.gamma!, bias: parameters.beta! },
        ...{ runningMean: statistics.mean!, runningVar: statistics.variance! },
      }, { training: true, relu: true, residual: relu(tape, x!), dropout: { p: 0.2, layer: 2 } }),
  },
  "conv2d, 3 channels": {
    x: [2, 3, 9, 7],
    y: [2, 5, 9, 7],
    parameters: { w: halves([5, 3, 3, 3]) },
    record: ({ tape, inputs: [x], parameters }) => conv2d(tape, x!, parameters.w!, { padding: 1 }),
  },
  "conv2d by Winograd, residual": {
    x: [2, 32, 9, 7],
    parameters: { w: halves([32, 32, 3, 3]) },
    record: ({ tape, inputs: [x], parameters }) =>
      conv2d(tape, x!, parameters.w!, { padding: 1, residual: x! }),
  },
  "conv2d, stride 2, groups": {
    x: [2, 16, 9, 7],
    y: [2, 16, 5, 4],
    parameters: { w: halves([16, 4, 3, 3]) },
    record: ({ tape, inputs: [x], parameters }) =>
      conv2d(tape, x!, parameters.w!, { padding: 1, stride: 2, groups: 4 }),
  },
};

for (const [name, { x, y = x, ...layer }] of Object.entries(cases)) {
  gpuTest(`${name} with activations in f16 equals f32 to their rounding`, async (gpu) => {
    const given = { ...layer, inputs: [halves(x)], dy: halves(y) };
    const [f32, f16] = [
      await runLayer(gpu, given),
      await runLayer(gpu, { ...given, precision: "f16" }),
    ];
    compare(f16, f32);
    assert.deepEqual([...f16.y], [...new Float16Array(f16.y)], "y is stored as f16");
    assert.deepEqual([...f16.dx[0]!], [...new Float16Array(f16.dx[0]!)], "dx is stored as f16");
  }, "shader-f16");
}

/** At most two roundings to 11 bits lie between the two, of sums that may be larger than the result. */
function compare(f16: LayerResult, f32: LayerResult): void {
  const near = (what: string, found: Float32Array, expected: Float32Array) => {
    const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(largest > 0, what);
    found.forEach((value, i) => {
      const error = Math.abs(value - expected[i]!);
      assert.ok(error <= largest * 2 ** -10, `${what} ${i}: ${value}, expected ${expected[i]}`);
    });
  };
  near("y", f16.y, f32.y);
  near("dx", f16.dx[0]!, f32.dx[0]!);
  for (const [name, gradient] of Object.entries(f32.gradients)) {
    near(`gradient of ${name}`, f16.gradients[name]!, gradient);
  }
  for (const [name, statistic] of Object.entries(f32.statistics)) {
    near(name, f16.statistics[name]!, statistic);
  }
}

Deno.test("inHalves() turns reads and assignments of the named arrays alone", () => {
  const declare = (name: string, access: string, type: string) =>
    `@group(0) @binding(0) var<storage, ${access}> ${name}: array<${type}>;\n`;
  const code = declare("x", "read", "vec4<f32>") + declare("y", "read_write", "vec4<f32>") +
    declare("z", "read_write", "f32");
  const of = (body: string) => {
    const all = inHalves(`${code}fn f() {\n${body}\n}\n`, ["x", "y"]);
    return /fn f\(\) \{\n([^]*?)\n\}/.exec(all)![1];
  };
  assert.equal(of("y[i] = x[2u * i];"), "y_store(u32(i), x_at(u32(2u * i)));");
  assert.equal(
    of("y[a[i]] += x[i] - 1;"),
    "y_store(u32(a[i]), y_at(u32(a[i])) + (x_at(u32(i)) - 1));",
  );
  assert.equal(
    of("if (y[i].x == z[i]) { z[i] = x[i].y; }"),
    "if (y_at(u32(i)).x == z[i]) { z[i] = x_at(u32(i)).y; }",
  );
  assert.equal(of("let max_x = v.x[i]; // x[0]"), "let max_x = v.x[i]; ");
  assert.equal(of("y[u32(x[i].x)] = v;"), "y_store(u32(u32(x_at(u32(i)).x)), v);");
  assert.throws(() => inHalves(declare("x", "read", "u32"), ["x"]), GpuError);
  assert.throws(() => inHalves(declare("x", "read", "f32"), ["y"]), /Cannot store y in f16/);
});
