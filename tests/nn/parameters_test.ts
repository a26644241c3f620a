import assert from "node:assert/strict";
import { readFloats } from "../../lib/gpu/program.ts";
import { initialize, initialValues } from "../../lib/nn/initialize.ts";
import { fromStored, Parameters, storedSize, toStored } from "../../lib/nn/parameters.ts";
import { gpuTest } from "../gpu.ts";

const shapes = [[1], [17], [5, 3], [10, 33], [1, 1, 1, 1], [5, 3, 3, 3], [17, 33, 7, 7]];

Deno.test("toStored() is undone by fromStored(), with zeros between", () => {
  for (const shape of shapes) {
    const size = shape.reduce((a, b) => a * b);
    const values = Float32Array.from({ length: size }, (_, i) => i + 1);
    const stored = toStored(values, shape);
    assert.equal(stored.length, storedSize(shape));
    assert.equal(stored.length % 4, 0);
    assert.deepEqual(fromStored(stored, shape), values);
    assert.equal(stored.filter((value) => value !== 0).length, size);
  }
});

Deno.test("toStored() puts weight (o, i, y, x) at kernel × kernel × in × out", () => {
  const shape = [5, 3, 3, 3];
  const values = Float32Array.from({ length: 135 }, (_, i) => i);
  const at = (o: number, i: number, y: number, x: number) => ((y * 3 + x) * 4 + i) * 8 + o;
  const stored = toStored(values, shape);
  assert.equal(stored[at(4, 2, 1, 0)], ((4 * 3 + 2) * 3 + 1) * 3 + 0);
  assert.equal(stored[at(0, 1, 2, 1)], ((0 * 3 + 1) * 3 + 2) * 3 + 1);
});

function declare(): Parameters {
  const parameters = new Parameters();
  parameters.parameter("conv1.weight", [16, 3, 3, 3]);
  parameters.parameter("bn1.weight", [16]);
  parameters.parameter("bn1.bias", [16]);
  parameters.parameter("fc.weight", [10, 33]);
  parameters.parameter("fc.bias", [10]);
  parameters.statistic("bn1.running_mean", 17, 0);
  parameters.statistic("bn1.running_var", 17, 1);
  return parameters;
}

Deno.test("Parameters count numbers, weigh bytes and keep the order of declaration", () => {
  const parameters = declare();
  assert.equal(parameters.count, 16 * 27 + 16 + 16 + 330 + 10);
  // Stored floats, each tensor rounded up to 256 bytes: 576, 64, 64, 448 (36 × 12), 64.
  const trained = 4 * (576 + 64 + 64 + 448 + 64);
  assert.equal(parameters.bytes, 3 * trained + 2 * 256);
  assert.equal(parameters.buffers.values.bytes, trained);
  assert.deepEqual(
    parameters.parameters.map(({ name }) => name),
    ["conv1.weight", "bn1.weight", "bn1.bias", "fc.weight", "fc.bias"],
  );
  const again = parameters.parameter("fc.bias", [10]);
  assert.equal(again, parameters.parameters[4]);
  assert.equal(parameters.parameters.length, 5);
  for (const { data, grad, momentum } of parameters.parameters) {
    assert.deepEqual([grad.offset, momentum.offset], [data.offset, data.offset]);
    assert.equal(data.offset % 256, 0);
  }
});

gpuTest("Parameters start as zeros, their statistics at 0 and 1", async (gpu) => {
  const parameters = declare();
  parameters.allocate(gpu);
  for (const region of Object.values(parameters.buffers).slice(0, 3)) {
    assert.ok((await readFloats(gpu, region)).every((value) => value === 0), region.name);
  }
  for (const { data, shape, initial } of parameters.statistics) {
    const values = await readFloats(gpu, data);
    assert.deepEqual([...values], [...values].map((_, i) => i < shape[0]! ? initial : 0));
  }
});

gpuTest("initialize() writes every parameter's start values", async (gpu) => {
  const parameters = declare();
  parameters.allocate(gpu);
  initialize(gpu, parameters, 7);
  for (const [number, parameter] of parameters.parameters.entries()) {
    const values = fromStored(await readFloats(gpu, parameter.data), parameter.shape);
    assert.deepEqual(values, initialValues(parameter, 7, number), parameter.name);
  }
});

const values = (name: string, shape: number[], seed = 1, number = 0) =>
  initialValues(new Parameters().parameter(name, shape), seed, number);

const deviation = (numbers: Float32Array) =>
  Math.sqrt(numbers.reduce((sum, v) => sum + v * v, 0) / numbers.length);

Deno.test("initialValues() of a convolution are normal, with deviation sqrt(2 / (k k out))", () => {
  for (const shape of [[64, 32, 3, 3], [160, 64, 1, 1], [16, 64, 7, 7]]) {
    const drawn = values("conv.weight", shape);
    const expected = Math.sqrt(2 / (shape[2]! * shape[3]! * shape[0]!));
    const error = 4 / Math.sqrt(2 * drawn.length);
    assert.ok(Math.abs(deviation(drawn) / expected - 1) < error, `${shape}`);
    const mean = drawn.reduce((a, b) => a + b) / drawn.length;
    assert.ok(Math.abs(mean) < 4 * expected / Math.sqrt(drawn.length), `${shape}: mean ${mean}`);
    const within = drawn.filter((v) => Math.abs(v) < expected).length / drawn.length;
    assert.ok(Math.abs(within - 0.6827) < 0.02, `${shape}: ${within} within one deviation`);
  }
});

Deno.test("initialValues() of a linear layer are uniform in ±1/sqrt(in), its bias 0", () => {
  const drawn = values("fc.weight", [100, 64]);
  const bound = 1 / 8;
  assert.ok(drawn.every((v) => v >= -bound && v < bound));
  assert.ok(Math.min(...drawn) < -0.99 * bound && Math.max(...drawn) > 0.99 * bound);
  assert.ok(Math.abs(deviation(drawn) / (bound / Math.sqrt(3)) - 1) < 0.02);
  assert.ok(values("fc.bias", [100]).every((v) => v === 0));
  assert.ok(values("bn1.bias", [16]).every((v) => v === 0));
  assert.ok(values("bn1.weight", [16]).every((v) => v === 1));
});

Deno.test("initialValues() depend on the seed and the parameter's number alone", () => {
  const shape = [5, 3, 3, 3];
  const first = values("conv.weight", shape);
  assert.deepEqual(values("other.weight", shape), first);
  assert.notDeepEqual(values("conv.weight", shape, 2), first);
  assert.notDeepEqual(values("conv.weight", shape, 1, 1), first);
});

gpuTest("Parameters refuse more than the adapter's largest buffer", async (gpu) => {
  const parameters = new Parameters();
  const limit = gpu.device.limits.maxBufferSize;
  parameters.parameter("huge.weight", [limit]);
  assert.throws(() => parameters.allocate(gpu), (error: Error) => {
    assert.equal(error.name, "GpuError");
    assert.match(error.message, /^Cannot allocate parameters: \d+ bytes exceed the \d+ of /);
    return error.message.endsWith(`${limit} of ${gpu.name}`);
  });
  await gpu.idle();
});
