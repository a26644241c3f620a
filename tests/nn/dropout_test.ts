import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Step } from "../../lib/gpu/step.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { add, dropout, relu } from "../../lib/nn/elementwise.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { runLayer } from "../layer.ts";
import { largestError } from "../layout.ts";
import * as twin from "../reference/elementwise.ts";
import { normal, type Values } from "../reference/values.ts";

function run(gpu: Gpu, x: Values, dy: Values, p: number, layer = 0, step: Partial<Step> = {}) {
  return runLayer(gpu, {
    inputs: [x],
    dy,
    step,
    record: ({ tape, step, inputs }) => dropout(tape, step, inputs[0]!, { p, layer }),
  });
}

const ones = (shape: number[]): Values => ({
  shape,
  data: new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(1),
});

gpuTest("dropout() drops what host Philox says, forward and backward", async (gpu) => {
  for (const shape of [[1, 1, 1, 1], [3, 5, 5, 7], [1, 17, 9, 4], [3, 33]]) {
    for (const p of [0.1, 0.3, 0.5]) {
      const stream = new Stream(shape.length, 0);
      const [x, dy] = [normal(shape, stream), normal(shape, stream)];
      const { y, dx } = await run(gpu, x, dy, p, 3, { number: 70000, seed: 4294967295 });
      const mask = twin.dropoutMask(shape, p, { step: 70000, layer: 3, seed: 4294967295 });
      assert.ok(largestError(y, twin.dropout(x, mask, p).data) < 1e-5);
      assert.ok(largestError(dx[0]!, twin.dropout(dy, mask, p).data) < 1e-5);
    }
  }
});

gpuTest("dropout() draws another mask for another step, layer or seed", async (gpu) => {
  const x = ones([2, 8, 5, 5]);
  const masks = await Promise.all([
    run(gpu, x, x, 0.5),
    run(gpu, x, x, 0.5, 0, { number: 1 }),
    run(gpu, x, x, 0.5, 1),
    run(gpu, x, x, 0.5, 0, { seed: 1 }),
  ]);
  const [first, again] = [masks[0]!.y, (await run(gpu, x, x, 0.5)).y];
  assert.deepEqual(again, first);
  for (const { y } of masks.slice(1)) {
    const equal = y.filter((value, i) => value === first[i]).length / y.length;
    assert.ok(equal > 0.4 && equal < 0.6, `${equal} of two masks is equal`);
  }
});

gpuTest("dropout() keeps the share 1 - p and the mean", async (gpu) => {
  const x = ones([4, 16, 16, 16]);
  for (const p of [0.1, 0.5, 0.9]) {
    const { y } = await run(gpu, x, x, p);
    const kept = y.filter((value) => value !== 0).length / y.length;
    const deviation = Math.sqrt(p * (1 - p) / y.length);
    assert.ok(Math.abs(kept - (1 - p)) < 4 * deviation, `kept ${kept} at p = ${p}`);
    const mean = y.reduce((a, b) => a + b) / y.length;
    assert.ok(Math.abs(mean - 1) < 4 * deviation / (1 - p), `mean ${mean} at p = ${p}`);
  }
});

gpuTest("dropout() adds to a gradient that is there", async (gpu) => {
  const stream = new Stream(1, 1);
  const [x, dy] = [normal([2, 5, 3, 3], stream, 5), normal([2, 5, 3, 3], stream)];
  const { dx } = await runLayer(gpu, {
    inputs: [x],
    dy,
    record: ({ tape, step, inputs: [x] }) =>
      add(tape, dropout(tape, step, x!, { p: 0.5, layer: 0 }), relu(tape, x!)),
  });
  const dropped = twin.dropout(dy, twin.dropoutMask(dy.shape, 0.5, {}), 0.5);
  const passed = { shape: dy.shape, data: dy.data.map((d, i) => x.data[i]! > 0 ? d : 0) };
  assert.ok(largestError(dx[0]!, twin.add(dropped, passed).data) < 1e-5);
});

Deno.test("dropout() at rate 0 is the identity, and other rates outside [0, 1) are refused", () => {
  const tape = new Tape(undefined as unknown as Gpu);
  const [step, x] = [tape.region("step", 16), tape.tensor("x", [1, 2, 2, 4])];
  assert.equal(dropout(tape, step, x, { p: 0, layer: 0 }), x);
  assert.equal(tape.finish().length, 0);
  for (const p of [-0.1, 1, 1.5, NaN]) {
    assert.throws(() => dropout(tape, step, x, { p, layer: 0 }), {
      name: "RangeError",
      message: `Cannot drop out: expected a rate in [0, 1) but found ${p}`,
    });
  }
});
