import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { fromStored, Parameters, toStored } from "../../lib/nn/parameters.ts";
import { averageWeights, sgd, type SgdOptions } from "../../lib/nn/sgd.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { largestError } from "../layout.ts";
import * as twin from "../reference/sgd.ts";
import { normal } from "../reference/values.ts";

const shapes: Record<string, number[]> = {
  "conv1.weight": [5, 3, 3, 3],
  "bn1.weight": [17],
  "bn1.bias": [17],
  "fc.weight": [10, 33],
  "fc.bias": [10],
};

/** Updates parameters of all kinds for several steps, each with a gradient of its own. */
async function train(gpu: Gpu, options: SgdOptions, rates: number[], gradients: boolean) {
  const tape = new Tape(gpu);
  const step = tape.region("step", 16);
  const parameters = new Parameters();
  const stream = new Stream(5, 0);
  const given = Object.entries(shapes).map(([name, shape]) => {
    const { data } = normal(shape, stream);
    return { parameter: parameters.parameter(name, shape), data, velocity: data.map(() => 0) };
  });
  sgd(tape, step, parameters, options);
  parameters.allocate(gpu);
  const program = await tape.compile();
  for (const { parameter, data } of given) {
    write(gpu, parameter.data, toStored(data, parameter.shape));
  }
  for (const [number, learningRate] of rates.entries()) {
    for (const { parameter, data, velocity } of given) {
      const gradient = normal(parameter.shape, stream, 0, gradients ? 1 : 0).data;
      write(gpu, parameter.grad, toStored(gradient, parameter.shape));
      twin.sgd(data, velocity, gradient, { rate: learningRate, ...options });
    }
    writeStep(gpu, step, { batch: 1, number, seed: 0, learningRate });
    program.run();
  }
  return { parameters, given, program };
}

gpuTest("sgd() equals its float64 twin over six steps of falling rate", async (gpu) => {
  for (const options of [{ momentum: 0.9, decay: 5e-4 }, { momentum: 0, decay: 0 }]) {
    const rates = [0.1, 0.1, 0.05, 0.02, 0.01, 0];
    const { given, program } = await train(gpu, options, rates, true);
    for (const { parameter, data, velocity } of given) {
      const [w, v] = [parameter.data, parameter.momentum].map(async (region) =>
        fromStored(await readFloats(gpu, region), parameter.shape)
      );
      assert.ok(largestError(await w!, data) < 2e-6, `${parameter.name}`);
      assert.ok(largestError(await v!, velocity) < 4e-6, `momentum of ${parameter.name}`);
    }
    program.destroy();
  }
});

gpuTest("sgd() decays every parameter, norms and biases included", async (gpu) => {
  const { given, program } = await train(gpu, { momentum: 0, decay: 0.5 }, [0.1], false);
  const stream = new Stream(5, 0);
  for (const { parameter } of given) {
    const start = normal(parameter.shape, stream).data;
    const end = fromStored(await readFloats(gpu, parameter.data), parameter.shape);
    assert.ok(largestError(end, start.map((w) => 0.95 * w)) < 1e-6, parameter.name);
  }
  program.destroy();
});

gpuTest("sgd() leaves the padding of the flat buffers zero", async (gpu) => {
  const options = { momentum: 0.9, decay: 5e-4 };
  const { parameters, given, program } = await train(gpu, options, [0.1, 0.1, 0.1], true);
  for (const what of ["data", "momentum"] as const) {
    const { values, momenta } = parameters.buffers;
    const whole = await readFloats(gpu, what === "data" ? values : momenta);
    let used = 0;
    for (const { parameter } of given) {
      const { offset, bytes } = parameter[what];
      const stored = whole.subarray(offset / 4, (offset + bytes) / 4);
      used += fromStored(stored, parameter.shape).filter((value) => value !== 0).length;
    }
    assert.equal(used, parameters.count, `${what}: every number moved`);
    assert.equal(whole.filter((value) => value !== 0).length, used, `${what}: and nothing else`);
  }
  program.destroy();
});

gpuTest("sgd() updates all parameters where a binding holds a part of them only", (gpu) => {
  const limits = { maxStorageBufferBindingSize: 1000 };
  const narrow = { device: { limits } } as unknown as Gpu;
  const tape = new Tape(narrow);
  const parameters = new Parameters();
  for (const [name, shape] of Object.entries(shapes)) parameters.parameter(name, shape);
  sgd(tape, tape.region("step", 16), parameters, { momentum: 0.9, decay: 0 });
  parameters.allocate(gpu);
  const parts = tape.finish().map(({ bindings }) => bindings.w!);
  const { bytes, buffer } = parameters.buffers.values;
  let end = 0;
  for (const part of parts) {
    assert.deepEqual([part.offset, part.offset % 256, part.buffer === buffer], [end, 0, true]);
    assert.ok(part.bytes <= 1000 && part.bytes % 64 === 0);
    end += part.bytes;
  }
  assert.ok(parts.length > 3);
  assert.equal(end, bytes);
  parameters.destroy();
});

gpuTest(
  "sgd() of a batch in parts equals that of the whole, to the bit where sums do",
  async (gpu) => {
    const options = { momentum: 0.9, decay: 5e-4 };
    const after = async (parts: readonly number[]) => {
      const tape = new Tape(gpu), parameters = new Parameters();
      const step = tape.region("step", 32);
      const parameter = parameters.parameter("fc.weight", [10, 33]);
      sgd(tape, step, parameters, { ...options, inParts: parts.length > 1 });
      parameters.allocate(gpu);
      const program = await tape.compile();
      const stream = new Stream(9, 0), { data } = normal([10, 33], stream);
      write(gpu, parameter.data, toStored(data, parameter.shape));
      const gradient = normal([10, 33], stream).data;
      for (const number of [0, 1]) {
        for (const [first, share] of parts.entries()) {
          const scaled = toStored(gradient.map((value) => value * share), parameter.shape);
          write(gpu, parameter.grad, scaled);
          const part = { total: parts.length, first };
          writeStep(gpu, step, { batch: 1, number, seed: 0, learningRate: 0.1, part });
          program.run();
        }
      }
      const found = await readFloats(gpu, parameter.data);
      program.destroy();
      parameters.destroy();
      return found;
    };
    const whole = await after([1]);
    assert.deepEqual(await after([0.25, 0.5, 0.25]), whole);
    assert.deepEqual(await after([0.5, 0.5]), whole);
    assert.notDeepEqual(await after([0.5, 0.25]), whole);
  },
);

gpuTest("averageWeights() is a moving average that soon forgets the start", async (gpu) => {
  const tape = new Tape(gpu), parameters = new Parameters();
  const step = tape.region("step", 32);
  const weight = parameters.parameter("bn1.weight", [17]);
  const mean = parameters.statistic("bn1.running_mean", 17, 3);
  const averages = parameters.untrainedTwin();
  averageWeights(tape, step, parameters, averages, 0.5);
  parameters.allocate(gpu);
  averages.allocate(gpu);
  assert.equal(averages.bytes, parameters.bytes / 2);
  const program = await tape.compile();
  const expected = { weight: 0, mean: 3 };
  for (let number = 0; number < 12; number++) {
    write(gpu, weight.data, new Float32Array(17).fill(number));
    write(gpu, mean.data, new Float32Array(17).fill(-number));
    // The first of two parts changes nothing.
    for (const first of [0, 1]) {
      const part = { total: 2, first };
      writeStep(gpu, step, { batch: 1, number, seed: 0, learningRate: 0, part });
      program.run();
    }
    const decay = Math.min(0.5, (2 + number) / (11 + number));
    expected.weight += (1 - decay) * (number - expected.weight);
    expected.mean += (1 - decay) * (-number - expected.mean);
  }
  const [kept] = averages.parameters, [statistic] = averages.statistics;
  const found = (await readFloats(gpu, kept!.data)).slice(0, 17);
  assert.ok(largestError(found, new Array(17).fill(expected.weight)) < 1e-5);
  const foundMean = (await readFloats(gpu, statistic!.data)).slice(0, 17);
  assert.ok(largestError(foundMean, new Array(17).fill(expected.mean)) < 1e-5);
  program.destroy();
});
