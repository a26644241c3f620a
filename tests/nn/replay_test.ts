import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Region } from "../../lib/gpu/kernel.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { batchNorm } from "../../lib/nn/batch_norm.ts";
import { conv2d } from "../../lib/nn/conv2d.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { softmaxCrossEntropy, Targets } from "../../lib/nn/loss.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { sgd } from "../../lib/nn/sgd.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { type Layer, runLayer } from "../layer.ts";
import { toChannelsLast } from "../layout.ts";
import { normal } from "../reference/values.ts";

/** Asserts that one run, two runs, and a run of another program leave the same bits. */
async function assertSameBits(gpu: Gpu, layer: Layer): Promise<void> {
  const once = await runLayer(gpu, layer);
  assert.deepEqual(await runLayer(gpu, { ...layer, runs: 2 }), once);
  assert.deepEqual(await runLayer(gpu, layer), once);
}

gpuTest("conv2d() run twice gives the same bits", async (gpu) => {
  const stream = new Stream(1, 0);
  await assertSameBits(gpu, {
    inputs: [normal([3, 17, 9, 8], stream)],
    parameters: { w: normal([33, 17, 3, 3], stream) },
    dy: normal([3, 33, 5, 4], stream),
    record: ({ tape, inputs, parameters }) =>
      conv2d(tape, inputs[0]!, parameters.w!, { stride: 2, padding: 1 }),
  });
});

gpuTest("batchNorm() run twice gives the same bits", async (gpu) => {
  const stream = new Stream(2, 0);
  await assertSameBits(gpu, {
    inputs: [normal([3, 5, 16, 16], stream)],
    parameters: { gamma: normal([5], stream), beta: normal([5], stream) },
    statistics: { mean: normal([5], stream), variance: normal([5], stream, 1, 0.1) },
    dy: normal([3, 5, 16, 16], stream),
    record: ({ tape, step, inputs, parameters, statistics }) =>
      batchNorm(tape, step, inputs[0]!, {
        weight: parameters.gamma!,
        bias: parameters.beta!,
        runningMean: statistics.mean!,
        runningVar: statistics.variance!,
      }, { training: true, relu: true }),
  });
});

/** Writes what a fresh network starts from. */
function reset(gpu: Gpu, parameters: Parameters): void {
  const zero = ({ bytes }: Region) => new Float32Array(bytes / 4);
  write(gpu, parameters.buffers.momenta, zero(parameters.buffers.momenta));
  initialize(gpu, parameters, 3);
  for (const { data, shape, initial } of parameters.statistics) {
    write(gpu, data, new Float32Array(shape[0]!).fill(initial));
  }
}

gpuTest(
  "Two training steps of WRN-10-1 with dropout, done twice, give the same bits",
  async (gpu) => {
    const tape = new Tape(gpu);
    const step = tape.region("step", 16);
    const parameters = new Parameters();
    const pictures = tape.tensor("pictures", [3, 32, 32, 3], false);
    const network = { tape, step, parameters, training: true };
    const shape = { depth: 10, widenFactor: 1, dropRate: 0.3, classes: 10 };
    const loss = softmaxCrossEntropy(tape, step, wideResNet(network, pictures, shape));
    sgd(tape, step, parameters, { momentum: 0.9, decay: 5e-4 });
    parameters.allocate(gpu);
    const program = await tape.compile();
    const x = normal([3, 3, 32, 32], new Stream(4, 0));
    write(gpu, pictures.data, toChannelsLast(x.data, x.shape));
    write(gpu, loss.targets, Targets.of([1, 5, 9]).data);
    const train = async (seed: number) => {
      reset(gpu, parameters);
      for (let number = 0; number < 2; number++) {
        writeStep(gpu, step, { batch: 3, number, seed, learningRate: 0.1 });
        program.run();
      }
      const { values, gradients, momenta } = parameters.buffers;
      const statistics = parameters.statistics.map(({ data }) => data);
      const regions = [loss.history, values, gradients, momenta, ...statistics];
      return await Promise.all(regions.map((region) => readFloats(gpu, region)));
    };
    const first = await train(6);
    assert.deepEqual(await train(6), first);
    assert.notDeepEqual(await train(7), first, "another seed drops other numbers");
    assert.ok(first.every((values) => values.every(Number.isFinite)));
    program.destroy();
  },
);
