import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { softmaxCrossEntropy, Targets } from "../../lib/nn/loss.ts";
import { fromStored, type Parameter, Parameters, toStored } from "../../lib/nn/parameters.ts";
import { sgd } from "../../lib/nn/sgd.ts";
import { formulaWeights } from "./formula_weights.ts";
import { golden, goldenFile } from "../golden.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { fromChannelsLast, relativeError, toChannelsLast } from "../layout.ts";

interface Expected {
  parameters: number;
  tensors: [string, number[]][];
  buffers: [string, number[]][];
}
const manifest: Record<string, Expected> = JSON.parse(
  Deno.readTextFileSync(goldenFile("wide_resnet.json")),
);
const tensors = golden("wide_resnet");
const values = (name: string) => tensors.get(name)!.data as Float32Array;

interface Case {
  model: string;
  depth: number;
  widenFactor: number;
  classes: number;
  batch: number;
}
const small: Case = { model: "wrn10_1_c10", depth: 10, widenFactor: 1, classes: 10, batch: 4 };
const large: Case = { model: "wrn40_4_c100", depth: 40, widenFactor: 4, classes: 100, batch: 2 };

/** Records the network over the golden weights and pictures, ready to be run. */
async function build(
  gpu: Gpu,
  { model, classes, batch, ...shape }: Case,
  training: boolean,
  update = false,
  capacity = batch,
) {
  const tape = new Tape(gpu);
  const step = tape.region("step", 16);
  const parameters = new Parameters();
  const pictures = tape.tensor("pictures", [capacity, 32, 32, 3]);
  const network = { tape, step, parameters, training };
  const logits = wideResNet(network, pictures, { ...shape, classes, dropRate: 0 });
  tape.keep(logits.data);
  const loss = softmaxCrossEntropy(tape, step, logits);
  if (update) sgd(tape, step, parameters, { momentum: 0.9, decay: 5e-4 });
  parameters.allocate(gpu);
  const program = await tape.compile();
  parameters.parameters.forEach((p, k) =>
    write(gpu, p.data, toStored(formulaWeights(p, k), p.shape))
  );
  const x = values("x32_01").slice(0, batch * 3072).map((v) => 2 * v - 1);
  write(gpu, pictures.data, toChannelsLast(x, [batch, 3, 32, 32]));
  const labels = tensors.get(`${model}/labels`)!.data as Int32Array;
  write(gpu, loss.targets, Targets.of(labels).data);
  writeStep(gpu, step, { batch, number: 0, seed: 0, learningRate: 0.1 });
  const read = async (parameter: Parameter, what: "data" | "grad" | "momentum") =>
    fromStored(await readFloats(gpu, parameter[what]), parameter.shape);
  return { tape, step, parameters, pictures, logits, loss, program, read };
}

const near = (actual: ArrayLike<number>, name: string, tolerance: number) => {
  const error = relativeError(actual, values(name));
  assert.ok(error <= tolerance, `${name}: relative error ${error} > ${tolerance}`);
};

Deno.test("wideResNet() declares PyTorch's names, shapes and order", () => {
  for (const { model, ...shape } of [small, large]) {
    const tape = new Tape(describedGpu);
    const parameters = new Parameters();
    const network = { tape, step: tape.region("step", 16), parameters, training: true };
    wideResNet(network, tape.tensor("pictures", [1, 32, 32, 3]), { ...shape, dropRate: 0 });
    const expected = manifest[model]!;
    assert.deepEqual(parameters.parameters.map((p) => [p.name, p.shape]), expected.tensors);
    const statistics = expected.buffers.filter(([name]) => !name.endsWith("num_batches_tracked"));
    assert.deepEqual(parameters.statistics.map((s) => [s.name, s.shape]), statistics);
    assert.equal(parameters.count, expected.parameters);
  }
});

for (const training of [true, false]) {
  gpuTest(
    `WRN-10-1 ${training ? "train" : "eval"} pass equals PyTorch: logits, loss, input gradient`,
    async (gpu) => {
      const net = await build(gpu, small, training);
      net.program.run();
      const prefix = training ? small.model : `${small.model}/eval0`;
      near(
        fromChannelsLast(await readFloats(gpu, net.logits.data), [4, 10]),
        `${prefix}/logits`,
        2e-5,
      );
      const history = await readFloats(gpu, net.loss.history);
      near([history[0]! / 4], `${prefix}/loss`, 2e-5);
      const dx = await readFloats(gpu, net.tape.received(net.pictures));
      near(fromChannelsLast(dx, [4, 3, 32, 32]), `${prefix}/input_grad`, 2e-5);
      net.program.destroy();
    },
  );
}

gpuTest(
  "WRN-10-1 gradients and running statistics equal PyTorch, padding pictures or not",
  async (gpu) => {
    for (const capacity of [4, 7]) {
      const net = await build(gpu, small, true, false, capacity);
      net.program.run();
      for (const parameter of net.parameters.parameters) {
        near(
          await net.read(parameter, "grad"),
          `${small.model}/grad/${parameter.name}`,
          1.0841695607899686e-4,
        );
      }
      for (const { name, data, shape } of net.parameters.statistics) {
        const statistic = (await readFloats(gpu, data)).slice(0, shape[0]);
        near(statistic, `${small.model}/after1/${name}`, 2e-5);
      }
      net.program.destroy();
    }
  },
);

gpuTest(
  "WRN-10-1 weights, momentum, losses and eval logits after 3 SGD steps equal PyTorch",
  async (gpu) => {
    const net = await build(gpu, small, true, true);
    for (let number = 0; number < 3; number++) {
      writeStep(gpu, net.step, { batch: 4, number, seed: 0, learningRate: 0.1 });
      net.program.run();
    }
    const history = await readFloats(gpu, net.loss.history);
    near([0, 4, 8].map((i) => history[i]! / 4), `${small.model}/sgd3/losses`, 1e-4);
    for (const parameter of net.parameters.parameters) {
      near(await net.read(parameter, "data"), `${small.model}/sgd3/state/${parameter.name}`, 1e-4);
      const momentum = `${small.model}/sgd3/momentum/${parameter.name}`;
      if (tensors.has(momentum)) near(await net.read(parameter, "momentum"), momentum, 1e-4);
    }
    for (const { name, data, shape } of net.parameters.statistics) {
      near(
        (await readFloats(gpu, data)).slice(0, shape[0]),
        `${small.model}/sgd3/state/${name}`,
        1e-4,
      );
    }
    const tape = new Tape(gpu, false);
    const step = tape.region("step", 16);
    const network = { tape, step, parameters: net.parameters, training: false };
    const logits = wideResNet(network, net.pictures, { ...small, dropRate: 0 });
    const evaluation = await tape.compile();
    evaluation.run();
    near(
      fromChannelsLast(await readFloats(gpu, logits.data), [4, 10]),
      `${small.model}/sgd3/eval_logits`,
      1e-4,
    );
    evaluation.destroy();
    net.program.destroy();
  },
);

gpuTest(
  "WRN-40-4 train pass equals PyTorch: logits, loss, and the wiring of every gradient",
  async (gpu) => {
    const net = await build(gpu, large, true);
    net.program.run();
    const { model } = large;
    near(
      fromChannelsLast(await readFloats(gpu, net.logits.data), [2, 100]),
      `${model}/logits`,
      2.3e-5,
    );
    near([(await readFloats(gpu, net.loss.history))[0]! / 2], `${model}/loss`, 2e-5);
    for (const [k, parameter] of net.parameters.parameters.entries()) {
      const gradient = await net.read(parameter, "grad");
      const expected = values(`${model}/grad_norms`)[k]!;
      const norm = Math.sqrt(gradient.reduce((sum, g) => sum + g * g, 0));
      assert.ok(
        Math.abs(norm - expected) <= 0.1 * expected,
        `${parameter.name}: norm ${norm}, expected ${expected}`,
      );
    }
    net.program.destroy();
  },
);

Deno.test("wideResNet() refuses a depth that is not 6n + 4", () => {
  const tape = new Tape(describedGpu);
  const network = {
    tape,
    step: tape.region("step", 16),
    parameters: new Parameters(),
    training: true,
  };
  const pictures = tape.tensor("pictures", [1, 32, 32, 3]);
  for (const depth of [4, 12, 11]) {
    assert.throws(
      () => wideResNet(network, pictures, { depth, widenFactor: 1, dropRate: 0, classes: 10 }),
      /6n \+ 4 .* but found/,
    );
  }
});
