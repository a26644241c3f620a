import assert from "node:assert/strict";
import { Tape, type Tensor } from "../../lib/gpu/tape.ts";
import { conv2d } from "../../lib/nn/conv2d.ts";
import { add, relu } from "../../lib/nn/elementwise.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { Stream } from "../../lib/random/stream.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import { type Recording, runLayer } from "../layer.ts";
import * as twin from "../reference/convolution.ts";
import * as elementwiseTwin from "../reference/elementwise.ts";
import { normal, type Values } from "../reference/values.ts";
import { assertNear } from "./near.ts";

const options = { padding: 1, groups: 2 };

/** Operands of a convolution of `inputs` to 6 channels, whose groups run as one. */
function numbers(inputs: number) {
  const stream = new Stream(2, inputs);
  return {
    x: normal([2, inputs, 5, 3], stream),
    w: normal([6, inputs / 2, 3, 3], stream),
    r: normal([2, 6, 5, 3], stream),
    dy: normal([2, 6, 5, 3], stream),
  };
}

function convolve({ tape, parameters }: Recording, x: Tensor, residual: Tensor): Tensor {
  return conv2d(tape, x, parameters.w!, { ...options, residual });
}

/** x ∗ w + r. */
function sum(x: Values, w: Values, r: Values): Values {
  return elementwiseTwin.add(twin.conv2d(x, w, options), r);
}

gpuTest("conv2d() adds a residual, whose gradient is that of the sum", async (gpu) => {
  const { x, w, r, dy } = numbers(4);
  const { y, dx, gradients } = await runLayer(gpu, {
    inputs: [x, r],
    parameters: { w },
    dy,
    record: (recording) => convolve(recording, recording.inputs[0]!, recording.inputs[1]!),
  });
  assertNear("y", y, sum(x, w, r));
  assertNear("dx", dx[0]!, twin.inputGradient(dy, w, x.shape, options));
  assertNear("dw", gradients.w!, twin.weightGradient(dy, x, w.shape, options));
  assert.deepEqual(dx[1], Float32Array.from(dy.data));
});

gpuTest("conv2d() takes its own input as residual", async (gpu) => {
  const { r: x, w, dy } = numbers(6);
  const { y, dx, gradients } = await runLayer(gpu, {
    inputs: [x],
    parameters: { w },
    dy,
    record: (recording) => convolve(recording, recording.inputs[0]!, recording.inputs[0]!),
  });
  assertNear("y", y, sum(x, w, x));
  const through = twin.inputGradient(dy, w, x.shape, options);
  assertNear("dx", dx[0]!, elementwiseTwin.add(through, dy));
  assertNear("dw", gradients.w!, twin.weightGradient(dy, x, w.shape, options));
});

gpuTest("conv2d() takes a residual that is used before: relu(x) ∗ w + x", async (gpu) => {
  const { r: x, w, dy } = numbers(6);
  const { y, dx, gradients } = await runLayer(gpu, {
    inputs: [x],
    parameters: { w },
    dy,
    record: (recording) => {
      const x = recording.inputs[0]!;
      return convolve(recording, relu(recording.tape, x), x);
    },
  });
  const activated = elementwiseTwin.relu(x);
  assertNear("y", y, sum(activated, w, x));
  const through = twin.inputGradient(dy, w, x.shape, options);
  through.data.forEach((_, i) => through.data[i]! *= Number(x.data[i]! > 0));
  assertNear("dx", dx[0]!, elementwiseTwin.add(through, dy));
  assertNear("dw", gradients.w!, twin.weightGradient(dy, activated, w.shape, options));
});

gpuTest("conv2d() takes a residual that is used after: (x ∗ w + r) + r", async (gpu) => {
  const { x, w, r, dy } = numbers(4);
  const { y, dx, gradients } = await runLayer(gpu, {
    inputs: [x, r],
    parameters: { w },
    dy,
    record: (recording) => {
      const [x, r] = recording.inputs as [Tensor, Tensor];
      return add(recording.tape, convolve(recording, x, r), r);
    },
  });
  assertNear("y", y, elementwiseTwin.add(sum(x, w, r), r));
  assertNear("dx", dx[0]!, twin.inputGradient(dy, w, x.shape, options));
  assertNear("dr", dx[1]!, elementwiseTwin.add(dy, dy));
  assertNear("dw", gradients.w!, twin.weightGradient(dy, x, w.shape, options));
});

gpuTest("conv2d() with a residual passes gradients only to what needs them", async (gpu) => {
  const { x, w, r, dy } = numbers(4);
  for (const still of [0, 1]) {
    const { y, dx, gradients } = await runLayer(gpu, {
      inputs: [x, r],
      parameters: { w },
      dy,
      record: (recording) => {
        const { inputs } = recording;
        inputs[still] = { ...inputs[still]!, differentiable: false };
        return convolve(recording, inputs[0]!, inputs[1]!);
      },
    });
    assertNear("y", y, sum(x, w, r));
    assert.equal(dx.length, 1);
    assertNear("dx", dx[0]!, still ? twin.inputGradient(dy, w, x.shape, options) : dy);
    assertNear("dw", gradients.w!, twin.weightGradient(dy, x, w.shape, options));
  }
});

/** A recorded x ∗ w + residual. */
function recorded(differentiable: boolean) {
  const tape = new Tape(describedGpu);
  const w = new Parameters().parameter("conv1.weight", [5, 3, 3, 3]);
  const residual = tape.tensor("residual", [1, 2, 2, 5], differentiable);
  const y = conv2d(tape, tape.tensor("x", [1, 4, 4, 3]), w, { residual });
  tape.record([], () => {
    tape.gradient(y);
    return [];
  });
  tape.finish();
  return { tape, residual, y };
}

Deno.test("conv2d() gives a residual the buffer of the sum's gradient, without a copy", () => {
  const { tape, residual, y } = recorded(true);
  assert.equal(tape.received(residual), tape.received(y));
});

Deno.test("conv2d() gives a residual that needs no gradient none", () => {
  const { tape, residual } = recorded(false);
  assert.throws(() => tape.received(residual), /no recorded layer uses it/);
});
