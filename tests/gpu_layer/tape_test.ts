import assert from "node:assert/strict";
import type { Launch, Region } from "../../lib/gpu/kernel.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { stepCode, writeStep } from "../../lib/gpu/step.ts";
import { padded, paddedSize, Tape, type Tensor } from "../../lib/gpu/tape.ts";
import { batchNorm } from "../../lib/nn/batch_norm.ts";
import { relu } from "../../lib/nn/elementwise.ts";
import { linear } from "../../lib/nn/linear.ts";
import { softmaxCrossEntropy } from "../../lib/nn/loss.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { describedGpu, gpuTest } from "../gpu.ts";

/** A tape that is recorded and weighed but not compiled, which needs no GPU. */
const paper = (differentiate = true) => new Tape(describedGpu, differentiate);

const named = (kernel: string): Launch => ({ kernel, code: "", bindings: {}, groups: [1] });

Deno.test("Tape runs forward in order, backward in reverse, updates last", () => {
  const tape = paper();
  tape.update([named("update")]);
  tape.record([named("a1"), named("a2")], () => [named("da1"), named("da2")]);
  tape.record([named("b")], () => [named("db")]);
  tape.record([named("c")]);
  const order = ["a1", "a2", "b", "c", "db", "da1", "da2", "update"];
  assert.deepEqual(tape.finish().map(({ kernel }) => kernel), order);
  assert.equal(tape.finish(), tape.finish());
});

Deno.test("Tape leaves the backward pass out when it is not asked for", () => {
  const tape = paper(false);
  relu(tape, tape.tensor("x", [1, 4]));
  assert.deepEqual(tape.finish().map(({ kernel }) => kernel), ["relu_forward"]);
  assert.equal(tape.bytes(), 2 * 64, "and its gradients");
});

Deno.test("Tape pads channels to four and buffers to 64 bytes", () => {
  assert.deepEqual([1, 3, 4, 5, 17].map(padded), [4, 4, 4, 8, 20]);
  assert.equal(paddedSize([2, 5, 7, 3]), 2 * 5 * 7 * 4);
  const tape = paper();
  assert.equal(tape.tensor("x", [1, 5, 7, 3]).data.bytes, Math.ceil(35 * 16 / 64) * 64);
  assert.equal(tape.region("empty", 0).bytes, 64);
});

/** The outputs of ReLUs one after the other, the first of them of `x`. */
function chain(tape: Tape, x: Tensor, count: number): Tensor[] {
  const outputs: Tensor[] = [];
  for (let i = 0; i < count; i++) outputs.push(relu(tape, outputs.at(-1) ?? x));
  return outputs;
}

Deno.test("Tape needs two buffers for tensors that only the next layer needs", () => {
  for (const count of [3, 4, 9]) {
    const tape = paper(false);
    chain(tape, tape.tensor("x", [1, 64]), count);
    assert.equal(tape.bytes(), (2 + 2) * 256, "two, the input and the result");
  }
});

Deno.test("Tape holds what the backward pass needs until then", () => {
  const tape = paper();
  const x = tape.tensor("x", [1, 64]);
  const y = chain(tape, x, 5).at(-1)!;
  tape.record([], () => {
    tape.gradient(y);
    return [];
  });
  // Inputs of all five and the last output; the first gradient and the last, which are the host's;
  // one between, since the others come to where inputs are no longer needed.
  assert.equal(tape.bytes(), (5 + 1 + 2 + 1) * 256);
});

Deno.test("Tape gives what is kept a buffer of its own", () => {
  const bytes = (kept: number[]) => {
    const tape = paper(false);
    const outputs = chain(tape, tape.tensor("x", [1, 64]), 9);
    for (const i of kept) tape.keep(outputs[i]!.data);
    return tape.bytes() / 256;
  };
  assert.deepEqual([[], [8], [3], [2, 5], [0, 1, 2, 3, 4, 5, 6, 7]].map(bytes), [4, 4, 5, 6, 10]);
});

Deno.test("Tape gives scratch its bytes, also where the same is asked for again", () => {
  const tape = paper(false);
  const [first, second] = [tape.scratch("sums", 100), tape.scratch("sums", 1000)];
  assert.deepEqual([first.bytes, second.bytes], [128, 1024]);
  assert.equal(tape.largest(), second);
  assert.equal(tape.bytes(), 128 + 1024, "no launch binds them: the host's");
});

Deno.test("Tape lets the first writer of a gradient overwrite and the others add", () => {
  const tape = paper();
  const x = tape.tensor("x", [1, 4]);
  const [first, second] = [tape.gradient(x), tape.gradient(x)];
  assert.deepEqual([first.accumulate, second.accumulate], [false, true]);
  assert.equal(first.region, second.region);
  assert.equal(tape.received(x), first.region);
  const view = { ...x, shape: [1, 1, 1, 4] };
  assert.equal(tape.gradient(view).region, first.region, "a view shares its gradient");
});

Deno.test("Tape refuses the gradient of a tensor that nothing uses", () => {
  const tape = paper();
  const y = relu(tape, tape.tensor("x", [1, 4]));
  assert.throws(() => tape.received(y), {
    name: "GpuError",
    message: "Cannot differentiate relu: no recorded layer uses it",
  });
  assert.throws(() => tape.finish(), /Cannot differentiate relu/);
});

/** Networks in which a second layer uses what only one may, under the name of what it is. */
const shared: Record<string, (tape: Tape, step: Region, x: Tensor) => Tensor> = {
  "fc.weight": (tape, _, x) => {
    const parameters = new Parameters();
    const w = parameters.parameter("fc.weight", [4, 4]);
    const [a, b] = ["a", "b"].map((name) => parameters.parameter(name, [4]));
    return linear(tape, linear(tape, x, w, a!), w, b!);
  },
  "fc.bias": (tape, _, x) => {
    const parameters = new Parameters();
    const [v, w] = ["v", "w"].map((name) => parameters.parameter(name, [4, 4]));
    const b = parameters.parameter("fc.bias", [4]);
    return linear(tape, linear(tape, x, v!, b), w!, b);
  },
  "bn.weight": (tape, step, x) => {
    const parameters = new Parameters();
    const owned = {
      weight: parameters.parameter("bn.weight", [4]),
      bias: parameters.parameter("bn.bias", [4]),
      runningMean: parameters.statistic("bn.running_mean", 4, 0),
      runningVar: parameters.statistic("bn.running_var", 4, 1),
    };
    const pixels = { ...x, shape: [1, 1, 1, 4] };
    const y = batchNorm(tape, step, pixels, owned, { training: true });
    return { ...batchNorm(tape, step, y, owned, { training: true }), shape: [1, 4] };
  },
  "relu": (tape, step, x) => {
    const logits = relu(tape, x);
    softmaxCrossEntropy(tape, step, logits);
    return logits;
  },
};

for (const [name, record] of Object.entries(shared)) {
  Deno.test(`Tape refuses a second use whose gradient would overwrite the first: ${name}`, () => {
    const tape = paper();
    const step = tape.region("step", 16);
    softmaxCrossEntropy(tape, step, record(tape, step, tape.tensor("x", [1, 4])));
    assert.throws(() => tape.finish(), {
      name: "GpuError",
      message: `Cannot differentiate ${name}: expected one layer to use it but found several`,
    });
  });
}

gpuTest("Tape names the memory that it cannot allocate", async (gpu) => {
  const tape = new Tape(gpu);
  tape.region("huge", gpu.device.limits.maxBufferSize + 64);
  await assert.rejects(tape.compile(), (error: Error) => {
    assert.equal(error.name, "GpuError");
    assert.match(
      error.message,
      /^Cannot allocate \d+ MiB on .*; use a smaller batch, or more parts of it$/s,
    );
    return true;
  });
  gpu.check();
});

gpuTest("write() and readFloats() keep to their region", async (gpu) => {
  const parameters = new Parameters();
  const [first, second] = ["a", "b"].map((name) => parameters.parameter(name, [4]).data);
  parameters.allocate(gpu);
  write(gpu, second!, Float32Array.of(1, 2, 3, 4));
  write(gpu, second!, Float32Array.of(7), 8);
  assert.deepEqual([...await readFloats(gpu, first!)], [0, 0, 0, 0]);
  assert.deepEqual([...await readFloats(gpu, second!)], [1, 2, 7, 4]);
});

gpuTest("writeStep() lays its values out as kernels/step.wgsl reads them", async (gpu) => {
  const tape = new Tape(gpu);
  const [step, out] = [tape.region("step", 16), tape.region("out", 64)];
  const code = stepCode + `
@group(0) @binding(0) var<uniform> step: Step;
@group(0) @binding(1) var<storage, read_write> out: array<vec4<f32>>;

@compute @workgroup_size(1)
fn copy_step() {
  out[0] = vec4(f32(step.batch), f32(step.number), f32(step.seed), step.learning_rate);
}
`;
  tape.record([{ kernel: "copy_step", code, bindings: { step, out }, groups: [1] }]);
  const program = await tape.compile();
  writeStep(gpu, step, { batch: 5, number: 6, seed: 2 ** 31, learningRate: 0.25 });
  program.run();
  const [batch, number, seed, rate] = await readFloats(gpu, out);
  assert.deepEqual([batch, number, seed, rate], [5, 6, 2 ** 31, 0.25]);
  program.destroy();
});
