import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { Tuning } from "../../lib/gpu/tuning.ts";
import { wideResNet } from "../../lib/models/wide_resnet.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { softmaxCrossEntropy, Targets } from "../../lib/nn/loss.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { relativeError, toChannelsLast } from "../layout.ts";
import { normal } from "../reference/values.ts";

/** The loss and the gradients of WRN-10-1 for four small pictures, and what is open to tuning. */
async function train(gpu: Gpu, best?: ReadonlyMap<string, string>) {
  const tuning = new Tuning(best);
  const tape = new Tape(gpu, true, tuning);
  const step = tape.region("step", 16);
  const parameters = new Parameters();
  const pictures = tape.tensor("pictures", [4, 16, 16, 3]);
  const shape = { depth: 10, widenFactor: 1, dropRate: 0, classes: 10 };
  const logits = wideResNet({ tape, step, parameters, training: true }, pictures, shape);
  const loss = softmaxCrossEntropy(tape, step, logits);
  parameters.allocate(gpu);
  const program = await tape.compile();
  initialize(gpu, parameters, 3);
  write(
    gpu,
    pictures.data,
    toChannelsLast(normal([4, 3, 16, 16], new Stream(5, 0)).data, [4, 3, 16, 16]),
  );
  write(gpu, loss.targets, Targets.of([1, 5, 9, 0]).data);
  writeStep(gpu, step, { batch: 4, number: 0, seed: 0, learningRate: 0 });
  program.run();
  const gradients = await Promise.all(
    [...parameters.parameters.map(({ grad }) => grad), tape.received(pictures)].map((region) =>
      readFloats(gpu, region)
    ),
  );
  const [total] = await readFloats(gpu, loss.history);
  program.destroy();
  parameters.destroy();
  return { total: total!, gradients, tuning };
}

gpuTest("WRN-10-1 has the same loss and gradients whichever kernels are chosen", async (gpu) => {
  const fixed = await train(gpu);
  const { open } = fixed.tuning;
  const rounds = Math.max(...[...open.values()].map(({ alternatives }) => alternatives.length));
  assert.ok(rounds > 1);
  for (let round = 1; round < rounds; round++) {
    const best = new Map(
      [...open].map((
        [key, { alternatives: kernels }],
      ) => [key, kernels[round % kernels.length]!.name]),
    );
    const { total, gradients, tuning } = await train(gpu, best);
    assert.deepEqual(tuning.chosen, best);
    assert.ok(Math.abs(total / fixed.total - 1) <= 1e-5, `loss ${total}, expected ${fixed.total}`);
    gradients.forEach((gradient, i) => {
      const error = relativeError(gradient, fixed.gradients[i]!);
      assert.ok(error <= 2e-5, `gradient ${i}: relative error ${error}`);
    });
  }
});
