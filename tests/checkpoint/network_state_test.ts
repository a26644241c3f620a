import assert from "node:assert/strict";
import { readState, writeState } from "../../lib/checkpoint/network_state.ts";
import type { StoredTensor } from "../../lib/checkpoint/safetensors.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { recordModel } from "../../lib/models/model.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { Purpose, Stream } from "../../lib/random/stream.ts";
import { goldenFile } from "../golden.ts";
import { gpuTest } from "../gpu.ts";
import { digests } from "../train/fixture.ts";

/** The parameters of a WRN-10-1 for ten classes, allocated. */
function parametersOf(gpu: Gpu): Parameters {
  const tape = new Tape(gpu, false);
  const parameters = new Parameters();
  const network = { tape, step: tape.region("step", 16), parameters, training: false };
  const model = { name: "wrn", layers: 10, widenFactor: 1, dropRate: 0, classes: 10 } as const;
  recordModel(network, tape.tensor("pictures", [1, 32, 32, 3]), model);
  parameters.allocate(gpu);
  return parameters;
}

/** A state whose numbers all differ, momenta included. */
async function randomState(gpu: Gpu): Promise<Map<string, StoredTensor>> {
  const parameters = parametersOf(gpu);
  const state = await readState(gpu, parameters, 77);
  parameters.destroy();
  const random = new Stream(1, Purpose.initialize, 0);
  for (const { data } of state.values()) {
    if (data instanceof Float32Array) data.forEach((_, i) => data[i] = random.normal());
  }
  return state;
}

gpuTest("readState() gives the bits that writeState() was given", async (gpu) => {
  const state = await randomState(gpu);
  const parameters = parametersOf(gpu);
  writeState(gpu, parameters, state, "file");
  assert.deepEqual(digests(await readState(gpu, parameters, 77)), digests(state));
  parameters.destroy();
});

gpuTest("readState() has PyTorch's names, shapes and order, then the momenta", async (gpu) => {
  const expected = JSON.parse(await Deno.readTextFile(goldenFile("wide_resnet.json"))).wrn10_1_c10;
  const state = await randomState(gpu);
  const names = [...state.keys()];
  const momenta = names.filter((name) => name.startsWith("optimizer.momentum."));
  const shapes = new Map<string, number[]>([...expected.tensors, ...expected.buffers]);
  assert.deepEqual(names.slice(0, -momenta.length).sort(), [...shapes.keys()].sort());
  for (const [name, shape] of shapes) assert.deepEqual(state.get(name)!.shape, shape, name);
  const trained = expected.tensors.map(([name]: [string]) => name);
  assert.deepEqual(names.slice(0, trained.length), trained);
  assert.deepEqual(momenta, trained.map((name: string) => `optimizer.momentum.${name}`));
  for (const name of trained) {
    assert.deepEqual(state.get(`optimizer.momentum.${name}`)!.shape, shapes.get(name));
  }
  const tracked = state.get("bn1.num_batches_tracked")!;
  assert.deepEqual(tracked, { dtype: "I64", shape: [], data: BigInt64Array.of(77n) });
});

gpuTest("writeState() takes a PyTorch state_dict, and leaves the momenta at zero", async (gpu) => {
  const state = await randomState(gpu);
  for (const name of state.keys()) {
    if (/^optimizer|num_batches_tracked$/.test(name)) state.delete(name);
  }
  const parameters = parametersOf(gpu);
  writeState(gpu, parameters, state, "file");
  const read = digests(await readState(gpu, parameters, 0));
  for (const [name, value] of Object.entries(digests(state))) assert.equal(read[name], value, name);
  assert((await readFloats(gpu, parameters.buffers.momenta)).every((value) => value === 0));
  parameters.destroy();
});

gpuTest("writeState() names the tensor that does not fit, and writes nothing", async (gpu) => {
  const state = await randomState(gpu);
  const other = (change: Partial<StoredTensor>) => ({ ...state.get("fc.weight")!, ...change });
  const cases: [string, StoredTensor | undefined, RegExp][] = [
    ["fc.weight", undefined, /expected fc\.weight of shape 10 × 64 but found none$/],
    ["fc.weight", other({ shape: [64, 10] }), /fc\.weight of shape 10 × 64 but found 64 × 10$/],
    ["fc.weight", other({ shape: [] }), /but found a single number$/],
    ["fc.weight", other({ dtype: "F64", data: new Float64Array(640) }), /64 but found F64$/],
    ["bn1.running_mean", other({ shape: [63] }), /bn1\.running_mean of shape 64 but found 63$/],
    ["block4.weight", other({}), /the network has no block4\.weight; it was made by another arch/],
    ["optimizer.momentum.fc.bias", other({}), /optimizer\.momentum\.fc\.bias of shape 10 but fo/],
  ];
  const parameters = parametersOf(gpu);
  const before = digests(await readState(gpu, parameters, 0));
  for (const [name, tensor, message] of cases) {
    const changed = new Map(state);
    if (tensor) changed.set(name, tensor);
    else changed.delete(name);
    assert.throws(() => writeState(gpu, parameters, changed, "a.safetensors"), (error) => {
      assert.equal((error as Error).name, "CheckpointError");
      assert.match((error as Error).message, /^Cannot load a\.safetensors: [^\n]*$/);
      assert.match((error as Error).message, message);
      return true;
    });
  }
  assert.deepEqual(digests(await readState(gpu, parameters, 0)), before);
  parameters.destroy();
});

gpuTest("writeState() brings PyTorch's order into the kernels' order", async (gpu) => {
  const state = await randomState(gpu);
  const parameters = parametersOf(gpu);
  writeState(gpu, parameters, state, "file");
  const { data, shape } = state.get("block1.layer.0.conv1.weight")!;
  // PyTorch's (out × in × k × k): the number at [o][i][y][x] is at this place on the GPU.
  const { data: region } = parameters.parameters.find(({ name }) =>
    name === "block1.layer.0.conv1.weight"
  )!;
  const stored = await readFloats(gpu, region);
  const [outputs, inputs, kernel] = shape as [number, number, number];
  const [o, i, y, x] = [5, 3, 2, 1];
  assert.equal(
    stored[((y * kernel + x) * inputs + i) * outputs + o],
    data[((o * inputs + i) * kernel + y) * kernel + x],
  );
  parameters.destroy();
});
