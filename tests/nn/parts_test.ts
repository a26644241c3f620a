import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { conv2d } from "../../lib/nn/conv2d.ts";
import { dropout, relu } from "../../lib/nn/elementwise.ts";
import { linear } from "../../lib/nn/linear.ts";
import { softmaxCrossEntropy, Targets } from "../../lib/nn/loss.ts";
import { Parameters, toStored } from "../../lib/nn/parameters.ts";
import { globalAveragePool } from "../../lib/nn/pool.ts";
import { sgd } from "../../lib/nn/sgd.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { relativeError } from "../layout.ts";
import { normal } from "../reference/values.ts";

const [BATCH, SIDE, CLASSES] = [6, 5, 7];

/** Weights and losses after two steps of a network without batch norm, made in parts of `size`. */
async function trained(gpu: Gpu, size: number, count: number) {
  const tape = new Tape(gpu), parameters = new Parameters();
  const step = tape.region("step", 32);
  const pictures = tape.tensor("pictures", [size, SIDE, SIDE, 4], false);
  const w = parameters.parameter("conv.weight", [8, 4, 3, 3]);
  const [fc, bias] = [
    parameters.parameter("fc.weight", [CLASSES, 8]),
    parameters.parameter("fc.bias", [CLASSES]),
  ];
  let x = relu(tape, conv2d(tape, pictures, w, { padding: 1 }));
  x = dropout(tape, step, x, { p: 0.4, layer: 1 });
  const logits = linear(tape, globalAveragePool(tape, x), fc, bias);
  const loss = softmaxCrossEntropy(tape, step, logits);
  sgd(tape, step, parameters, { momentum: 0.9, decay: 5e-4, inParts: size < BATCH });
  parameters.allocate(gpu);
  const program = await tape.compile();
  const stream = new Stream(4, 0);
  for (const parameter of parameters.parameters) {
    write(gpu, parameter.data, toStored(normal(parameter.shape, stream).data, parameter.shape));
  }
  const values = Float32Array.from(normal([BATCH * SIDE * SIDE * 4], stream).data);
  for (const number of [0, 1]) {
    for (let first = 0; first < count; first += size) {
      const batch = Math.min(size, count - first), each = SIDE * SIDE * 4;
      write(gpu, pictures.data, values.slice(first * each, (first + batch) * each));
      const labels = Array.from({ length: batch }, (_, i) => (first + i) % CLASSES);
      write(gpu, loss.targets, Targets.of(labels).data);
      const part = { total: count, first };
      writeStep(gpu, step, { batch, number, seed: 3, learningRate: 0.1, part });
      program.run();
    }
  }
  const weights = [w, fc, bias].map(async ({ data }) => await readFloats(gpu, data));
  const found = [...await Promise.all(weights), (await readFloats(gpu, loss.history)).slice(0, 8)];
  program.destroy();
  parameters.destroy();
  return found;
}

gpuTest(
  "a batch in parts trains as the whole one does, dropout and a short batch included",
  async (gpu) => {
    for (const count of [BATCH, 5]) {
      const whole = await trained(gpu, BATCH, count);
      for (const size of [3, 2, 1]) {
        const parts = await trained(gpu, size, count);
        parts.forEach((found, i) => {
          const error = relativeError(found, whole[i]!);
          assert.ok(error < 1e-6, `${i} in parts of ${size} of ${count}: ${error}`);
        });
      }
    }
  },
);
