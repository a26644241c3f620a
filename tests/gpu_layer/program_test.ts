import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Launch, Region } from "../../lib/gpu/kernel.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { gpuTest } from "../gpu.ts";
import { poison, poisons } from "../memory.ts";

const code = `
override SUMMAND: f32 = 1.0;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(16)
fn plus(@builtin(global_invocation_id) id: vec3<u32>) {
  y[id.x] = x[id.x] + SUMMAND;
}
`;

const plus = (x: Region, y: Region, SUMMAND = 1): Launch => (
  { kernel: "plus", code, constants: { SUMMAND }, bindings: { x, y }, groups: [1] }
);

/** x, x + 1, x + 2, … x + 5, of which `kept` are kept. */
async function chain(gpu: Gpu, kept: number[] = []) {
  const tape = new Tape(gpu);
  const regions = Array.from({ length: 6 }, (_, i) => tape.scratch(`x + ${i}`, 64));
  for (let i = 0; i < 5; i++) tape.record([plus(regions[i]!, regions[i + 1]!)]);
  for (const i of kept) tape.keep(regions[i]!);
  return { program: await tape.compile(), regions, bytes: tape.bytes() };
}

const numbers = Float32Array.from({ length: 16 }, (_, i) => i);
const raised = (by: number) => numbers.map((value) => value + by);

gpuTest("run() gives the same whatever the shared buffers hold", async (gpu) => {
  const { program, regions } = await chain(gpu);
  write(gpu, regions[0]!, numbers);
  for (const word of [0, ...poisons]) {
    poison(program, word, "shared");
    program.run();
    assert.deepEqual(await readFloats(gpu, regions[5]!), raised(5));
  }
  program.destroy();
});

gpuTest("run() leaves what is kept for the host to read", async (gpu) => {
  const { program, regions } = await chain(gpu, [2, 3]);
  write(gpu, regions[0]!, numbers);
  program.run();
  for (const i of [0, 2, 3, 5]) assert.deepEqual(await readFloats(gpu, regions[i]!), raised(i));
  program.destroy();
});

gpuTest("run() runs the launches it is told to", async (gpu) => {
  const { program, regions } = await chain(gpu, [1, 2, 3, 4]);
  const found = async (from?: number, to?: number) => {
    regions.forEach((region) => write(gpu, region, numbers));
    program.run(from, to);
    return (await Promise.all(regions.map((region) => readFloats(gpu, region))))
      .map(([first]) => first);
  };
  assert.deepEqual(await found(), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual(await found(2), [0, 0, 0, 1, 2, 3]);
  assert.deepEqual(await found(1, 3), [0, 0, 1, 2, 0, 0]);
  assert.deepEqual(await found(3, 3), [0, 0, 0, 0, 0, 0]);
  program.destroy();
});

gpuTest("write() and readFloats() refuse what shares its memory", async (gpu) => {
  const { program, regions } = await chain(gpu, [2]);
  for (const i of [1, 3, 4]) {
    const reason = `x + ${i}: its memory is shared; keep it when recording`;
    assert.throws(() => write(gpu, regions[i]!, numbers), {
      name: "GpuError",
      message: `Cannot write ${reason}`,
    });
    await assert.rejects(readFloats(gpu, regions[i]!), {
      name: "GpuError",
      message: `Cannot read ${reason}`,
    });
  }
  program.destroy();
});

gpuTest(
  "compile() allocates what bytes() says, and destroy() frees each buffer once",
  async (gpu) => {
    const { program, bytes } = await chain(gpu);
    const { kept, shared } = program.buffers;
    const all = [...kept, ...shared];
    assert.equal(new Set(all).size, 4, "the input, the result, and two between");
    assert.equal(all.reduce((sum, { size }) => sum + size, 0), bytes);
    const freed: GPUBuffer[] = [];
    for (const buffer of all) buffer.destroy = () => void freed.push(buffer);
    program.destroy();
    assert.deepEqual(freed, all);
  },
);

/** What `work` leaves of the buffers it makes. */
async function leaked(gpu: Gpu, work: () => Promise<unknown>): Promise<number> {
  const { device } = gpu, { createBuffer } = device;
  const held = new Set<GPUBuffer>();
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer.call(device, descriptor);
    const { destroy } = buffer;
    buffer.destroy = () => (held.delete(buffer), destroy.call(buffer));
    return held.add(buffer), buffer;
  };
  await work().finally(() => device.createBuffer = createBuffer);
  return held.size;
}

gpuTest("compile() holds no memory when it fails", async (gpu) => {
  const fails = async (bytes: number, kernel: string) => {
    const tape = new Tape(gpu);
    tape.record([{ ...plus(tape.region("x", 64), tape.region("y", bytes)), ...{ kernel } }]);
    await assert.rejects(tape.compile());
  };
  assert.equal(await leaked(gpu, () => fails(64, "minus")), 0);
  assert.equal(await leaked(gpu, () => fails(gpu.device.limits.maxBufferSize + 64, "plus")), 0);
  assert.equal(await leaked(gpu, () => chain(gpu)), 4, "and holds it when it does not");
});

gpuTest("compile() tells how many of the different pipelines are ready, up to all", async (gpu) => {
  const told = async (summands: number[]) => {
    const tape = new Tape(gpu);
    const [x, y] = [tape.region("x", 64), tape.region("y", 64)];
    tape.record(summands.map((summand) => plus(x, y, summand)));
    const states: number[][] = [];
    const program = await tape.compile((done, total) => states.push([done, total]));
    assert.equal(program.dispatches.length, summands.length);
    assert.ok((await readFloats(gpu, y)).every((value) => value === 0), "no launch was run");
    write(gpu, x, numbers);
    program.run();
    assert.deepEqual(await readFloats(gpu, y), raised(summands.at(-1)!));
    program.destroy();
    return states;
  };
  const many = [1, 2, 1, 3, 2, 4, 5, 6, 7, 8, 9, 10, 10];
  assert.deepEqual(await told(many), [[4, 10], [8, 10], [10, 10]]);
  assert.deepEqual(await told(many), [[4, 10], [8, 10], [10, 10]], "also built before");
  assert.deepEqual(await told([7, 8, 7]), [[2, 2]]);
  assert.deepEqual(await told([1, 2, 3, 4]), [[4, 4]]);
});
