import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Region } from "../../lib/gpu/kernel.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { writeStep } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { jsdCrossEntropy } from "../../lib/nn/jsd.ts";
import { softmaxCrossEntropy, Targets } from "../../lib/nn/loss.ts";
import {
  declareLossScaling,
  isLossScale,
  type LossScale,
  readLossScale,
  writeLossScale,
} from "../../lib/nn/loss_scaling.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { sgd } from "../../lib/nn/sgd.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { normal } from "../reference/values.ts";

const shapes = { "conv1.weight": [5, 3, 3, 3], "fc.weight": [10, 33], "fc.bias": [10] };
const begun: LossScale = { scale: 1024, good_steps: 3, skipped_steps: 2 };

/** An update of parameters in `parts` parts, from a state of loss scaling if there is one. */
async function updater(gpu: Gpu, state?: LossScale, parts = 1) {
  const tape = new Tape(gpu), parameters = new Parameters(), stream = new Stream(5, 0);
  const step = tape.region("step", 16);
  const scaling = state && declareLossScaling(tape);
  for (const [name, shape] of Object.entries(shapes)) parameters.parameter(name, shape);
  sgd(tape, step, parameters, { momentum: 0.9, decay: 5e-4, scaling, inParts: parts > 1 });
  parameters.allocate(gpu);
  const program = await tape.compile();
  const { values, momenta, gradients } = parameters.buffers;
  const draw = () => Float32Array.from(normal([values.bytes / 4], stream).data);
  for (const region of [values, momenta]) write(gpu, region, draw());
  if (state) writeLossScale(gpu, scaling!, state);
  let number = 0;
  return {
    /** Feeds the gradients of each part, multiplied by `scale`, and `bad` at `at` of the first. */
    async update(scale = 1, bad?: number, at = 0) {
      for (let part = 0; part < parts; part++) {
        const drawn = draw().map((gradient) => scale * gradient);
        if (bad !== undefined && part === 0) drawn[at] = bad;
        write(gpu, gradients, drawn);
        const place = { total: parts, first: part };
        writeStep(gpu, step, { batch: 1, number, seed: 0, learningRate: 0.1, part: place });
        program.run();
      }
      number++;
      return [...await readFloats(gpu, values), ...await readFloats(gpu, momenta)];
    },
    size: gradients.bytes / 4,
    state: () => readLossScale(gpu, scaling!),
  };
}

gpuTest("sgd() of scaled gradients has the bits of those that are not", async (gpu) => {
  for (const parts of [1, 3]) {
    const plain = await updater(gpu, undefined, parts), scaled = await updater(gpu, begun, parts);
    for (let step = 0; step < 3; step++) {
      assert.deepEqual(await scaled.update(1024), await plain.update());
    }
    assert.deepEqual(await scaled.state(), { ...begun, good_steps: 6 });
  }
});

gpuTest(
  "sgd() changes nothing by a gradient that is not finite, and halves the scale",
  async (gpu) => {
    for (const parts of [1, 3]) {
      for (const bad of [Infinity, -Infinity, NaN]) {
        const { update, state, size } = await updater(gpu, begun, parts);
        const before = await update(1024);
        assert.deepEqual(await update(1024, bad, size - 1), before);
        assert.deepEqual(await state(), { scale: 512, good_steps: 0, skipped_steps: 3 });
        assert.notDeepEqual(await update(512), before);
        assert.deepEqual(await state(), { scale: 512, good_steps: 1, skipped_steps: 3 });
      }
    }
  },
);

gpuTest("the largest f32 is a finite gradient", async (gpu) => {
  const { update, state } = await updater(gpu, begun);
  await update(1024, 3.4028234663852886e38);
  assert.deepEqual(await state(), { ...begun, good_steps: 4 });
});

gpuTest("the loss scale doubles after 2,000 good steps, and never falls below 1", async (gpu) => {
  const patient = await updater(gpu, { ...begun, good_steps: 1998 });
  await patient.update();
  assert.deepEqual(await patient.state(), { ...begun, good_steps: 1999 });
  await patient.update();
  assert.deepEqual(await patient.state(), { ...begun, scale: 2048, good_steps: 0 });
  const low = await updater(gpu, { ...begun, scale: 1 });
  await low.update(1, NaN);
  assert.deepEqual(await low.state(), { scale: 1, good_steps: 0, skipped_steps: 3 });
});

for (const record of [softmaxCrossEntropy, jsdCrossEntropy]) {
  gpuTest(`the gradient of ${record.name}() is multiplied by the loss scale`, async (gpu) => {
    const gradient = async (state?: LossScale) => {
      const tape = new Tape(gpu), step = tape.region("step", 16);
      const logits = tape.tensor("logits", [6, 11]);
      const scaling: Region | undefined = state && declareLossScaling(tape);
      const loss = record(tape, step, logits, { scaling });
      tape.keep(logits.data);
      const program = await tape.compile();
      tape.keep(tape.received(logits));
      const values = Float32Array.from(normal([72], new Stream(7, 0)).data);
      write(gpu, logits.data, values);
      write(gpu, loss.targets, Targets.of([1, 10, 3, 4, 5, 0]).data.slice(0, loss.targets.bytes));
      writeStep(gpu, step, { batch: 6, number: 0, seed: 0, learningRate: 0 });
      if (state) writeLossScale(gpu, scaling!, state);
      program.run();
      const [found, sums] = [
        await readFloats(gpu, tape.received(logits)),
        await readFloats(gpu, loss.history),
      ];
      program.destroy();
      return { found: [...found], loss: sums[0] };
    };
    const [plain, scaled] = [await gradient(), await gradient(begun)];
    assert.ok(plain.found.some((value) => value !== 0));
    assert.deepEqual(scaled.found, plain.found.map((value) => 1024 * value));
    assert.equal(scaled.loss, plain.loss);
  });
}

Deno.test("isLossScale() tells a state from damage", () => {
  assert.ok(isLossScale(begun));
  const damaged = [undefined, null, 3, {}, { ...begun, scale: 0.5 }, { ...begun, scale: Infinity }];
  const others = [{ ...begun, good_steps: -1 }, { ...begun, skipped_steps: 0.5 }];
  for (const value of [...damaged, ...others, { ...begun, scale: "1" }]) {
    assert.ok(!isLossScale(value));
  }
});
