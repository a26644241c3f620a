import assert from "node:assert/strict";
import { batchNorm, type BatchNormOptions } from "../../lib/nn/batch_norm.ts";
import { conv2d, type ConvolutionOptions } from "../../lib/nn/conv2d.ts";
import { add, dropout, relu } from "../../lib/nn/elementwise.ts";
import { linear } from "../../lib/nn/linear.ts";
import { globalAveragePool } from "../../lib/nn/pool.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { type Layer, type Numbers, type Recording, runLayer } from "../layer.ts";
import { poisons } from "../memory.ts";
import { normal } from "../reference/values.ts";

const stream = new Stream(8, 0);
const numbers = (...shape: number[]) => normal(shape, stream);

/**
 * Of odd sizes: the last granule of 64 bytes is not full, nor are the last four channels, nor the
 * last of the parts that sums over pixels are cut into.
 */
const pictures = [3, 5, 17, 9];

function elementwise(record: Layer["record"], shape = pictures): Layer {
  return { inputs: [numbers(...shape)], dy: numbers(...shape), record };
}

function convolution(weight: number[], y: number[], options: ConvolutionOptions): Layer {
  return {
    inputs: [numbers(...pictures)],
    parameters: { w: numbers(...weight) },
    dy: numbers(...y),
    record: ({ tape, inputs, parameters }) => conv2d(tape, inputs[0]!, parameters.w!, options),
  };
}

const normParameters: Record<string, Numbers> = { gamma: numbers(5), beta: numbers(5) };
const normStatistics: Record<string, Numbers> = {
  mean: numbers(5),
  variance: normal([5], stream, 1, 0.1),
};

function norm(
  { tape, step, inputs, parameters, statistics }: Recording,
  options: BatchNormOptions,
) {
  const [weight, bias] = [parameters.gamma!, parameters.beta!];
  const [runningMean, runningVar] = [statistics.mean!, statistics.variance!];
  return batchNorm(tape, step, inputs[0]!, { weight, bias, runningMean, runningVar }, options);
}

function batchNormLayer(options: BatchNormOptions, batch: number): Layer {
  return {
    ...elementwise((recording) => norm(recording, options)),
    parameters: normParameters,
    statistics: normStatistics,
    step: { batch },
  };
}

/** Layers whose tensors between take turns in memory, around a residual connection. */
const network: Layer = {
  inputs: [numbers(...pictures)],
  parameters: {
    ...normParameters,
    ...{ a: numbers(5, 5, 3, 3), b: numbers(5, 5, 3, 3), w: numbers(3, 5), bias: numbers(3) },
  },
  statistics: normStatistics,
  dy: numbers(3, 3),
  record(recording) {
    const { tape, step, inputs, parameters: { a, b, w, bias } } = recording;
    const normed = norm(recording, { training: true, relu: true });
    let y = conv2d(tape, normed, a!, { padding: 1 });
    y = conv2d(tape, dropout(tape, step, relu(tape, y), { p: 0.3, layer: 0 }), b!, { padding: 1 });
    return linear(tape, globalAveragePool(tape, add(tape, inputs[0]!, y)), w!, bias!);
  },
};

const layers: Record<string, Layer> = {
  "relu()": elementwise(({ tape, inputs }) => relu(tape, inputs[0]!)),
  "add()": elementwise(({ tape, inputs: [x] }) => add(tape, x!, relu(tape, x!))),
  "dropout()": elementwise(({ tape, step, inputs }) =>
    dropout(tape, step, inputs[0]!, { p: 0.4, layer: 2 })
  ),
  "globalAveragePool()": {
    ...elementwise(({ tape, inputs }) => globalAveragePool(tape, inputs[0]!)),
    dy: numbers(3, 5),
  },
  "linear()": {
    inputs: [numbers(3, 5)],
    parameters: { w: numbers(7, 5), b: numbers(7) },
    dy: numbers(3, 7),
    record: ({ tape, inputs, parameters: { w, b } }) => linear(tape, inputs[0]!, w!, b!),
  },
  "batchNorm() of the batch": batchNormLayer({ training: true, relu: true }, 3),
  "batchNorm() of a part of the batch": batchNormLayer({ training: true }, 2),
  "batchNorm() of running statistics": batchNormLayer({ training: false, relu: true }, 3),
  "conv2d() 3 × 3": convolution([33, 5, 3, 3], [3, 33, 17, 9], { padding: 1 }),
  "conv2d() 3 × 3, stride 2": convolution([6, 5, 3, 3], [3, 6, 9, 5], { stride: 2, padding: 1 }),
  "conv2d() 1 × 1, stride 2": convolution([3, 5, 1, 1], [3, 3, 9, 5], { stride: 2 }),
  "conv2d() in groups": convolution([10, 1, 3, 3], [3, 10, 15, 7], { groups: 5 }),
  "A small network": network,
};

for (const [name, layer] of Object.entries(layers)) {
  gpuTest(`${name} gives the same bits whatever the memory held before`, async (gpu) => {
    const expected = await runLayer(gpu, { ...layer, memory: 0 });
    const { y, dx, gradients } = expected;
    for (const values of [y, ...dx, ...Object.values(gradients)]) {
      assert.ok(values.every(Number.isFinite));
    }
    for (const memory of poisons) {
      assert.deepEqual(await runLayer(gpu, { ...layer, memory }), expected, memory.toString(16));
    }
  });
}
