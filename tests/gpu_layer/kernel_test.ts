import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { build, type Launch, type Region } from "../../lib/gpu/kernel.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { gpuTest } from "../gpu.ts";

const code = `
override FACTOR: f32 = 1.0;
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;
@group(0) @binding(2) var<storage, read_write> unused: array<f32>;

fn scaled(i: u32) -> f32 {
  // unused is named here only in a comment.
  return FACTOR * x[i];
}

@compute @workgroup_size(16)
fn scale(@builtin(global_invocation_id) id: vec3<u32>) {
  y[id.x] = scaled(id.x);
}

@compute @workgroup_size(16)
fn double(@builtin(global_invocation_id) id: vec3<u32>) {
  y[id.x] *= 2.0;
}
`;

const region = (name: string, bytes = 64): Region => ({ name, bytes, offset: 0 });

function launch(changes: Partial<Launch> = {}): Launch {
  return {
    kernel: "scale",
    code,
    bindings: { x: region("x"), y: region("y") },
    groups: [1],
    ...changes,
  };
}

gpuTest(
  "build() binds what an entry point reaches, through functions, and nothing else",
  async (gpu) => {
    const tape = new Tape(gpu);
    const [x, y] = [tape.region("x", 64), tape.region("y", 64)];
    tape.record([
      launch({ bindings: { x, y }, constants: { FACTOR: 3 } }),
      launch({ kernel: "double", bindings: { y } }),
    ]);
    const program = await tape.compile();
    write(gpu, x, Float32Array.from({ length: 16 }, (_, i) => i));
    program.run();
    assert.deepEqual([...await readFloats(gpu, y)], Array.from({ length: 16 }, (_, i) => 6 * i));
    program.destroy();
  },
);

gpuTest("build() makes equal pipelines once", async (gpu) => {
  const tape = new Tape(gpu);
  const [x, y] = [tape.region("x", 64), tape.region("y", 64)];
  const bindings = { x, y };
  tape.record([1, 1, 2].map((FACTOR) => launch({ bindings, constants: { FACTOR } })));
  const program = await tape.compile();
  const [a, b, c] = program.dispatches.map(({ pipeline }) => pipeline);
  assert.equal(a, b);
  assert.notEqual(a, c);
  program.destroy();
});

gpuTest("build() names the kernel and the buffer that is wrong", async (gpu) => {
  const [x, y] = [region("x"), region("y")];
  const limit = gpu.device.limits.maxStorageBufferBindingSize;
  const refused: [Partial<Launch>, string][] = [
    [{ bindings: { x } }, 'buffer "y" is missing'],
    [{ bindings: { x, y, z: y } }, 'it has no buffer "z"'],
    [{ bindings: { x, y, unused: y } }, 'it has no buffer "unused"'],
    [
      { bindings: { x, y: region("y", limit + 64) } },
      `buffer "y" has ${limit + 64} bytes but ${gpu.name} binds at most ${limit}`,
    ],
    [{}, 'buffer "y" is not allocated'],
    [{ groups: [1, 65536] }, "65536 workgroups exceed 65535"],
  ];
  assert.equal(gpu.device.limits.maxComputeWorkgroupsPerDimension, 65535);
  for (const [changes, reason] of refused) {
    await assert.rejects(build(gpu, [launch(changes)]), {
      name: "GpuError",
      message: `Cannot run scale: ${reason}`,
    });
  }
  await assert.rejects(build(gpu, [launch({ kernel: "scaling" })]), {
    name: "GpuError",
    message: "Cannot run scaling: no function of that name is in its source",
  });
  gpu.check();
});

/** Builds one launch of `scale` over buffers that exist. */
async function compile(gpu: Gpu, changes: Partial<Launch>): Promise<void> {
  const tape = new Tape(gpu);
  const bindings = { x: tape.region("x", 64), y: tape.region("y", 64) };
  tape.record([launch({ bindings, ...changes })]);
  await tape.compile();
}

gpuTest("build() names the kernel and the line of a WGSL error", async (gpu) => {
  const broken = code.replace("FACTOR * x[i]", "FACTOR * x[i] +");
  const line = broken.split("\n").findIndex((text) => text.includes("+;")) + 1;
  for (const time of ["first", "second"]) {
    await assert.rejects(compile(gpu, { code: broken }), (error: Error) => {
      assert.equal(error.name, "GpuError");
      assert.match(error.message, /^Cannot compile scale: /, time);
      assert.match(error.message, new RegExp(`\\b${line}\\b`), `${time}: ${error.message}`);
      return true;
    });
  }
  gpu.check();
});

gpuTest("build() names the line to every kernel of a broken source", async (gpu) => {
  const broken = code.replace("*= 2.0", "*= two");
  const line = broken.split("\n").findIndex((text) => text.includes("two")) + 1;
  for (const FACTOR of [1, 2]) {
    await assert.rejects(compile(gpu, { code: broken, constants: { FACTOR } }), (error: Error) => {
      assert.match(error.message, new RegExp(`^Cannot compile scale: [^]*\\b${line}\\b`));
      return true;
    });
  }
});

gpuTest("build() names the kernel whose constant does not exist", async (gpu) => {
  await assert.rejects(compile(gpu, { constants: { FACTORS: 2 } }), (error: Error) => {
    assert.equal(error.name, "GpuError");
    assert.match(error.message, /^Cannot build scale with \{"FACTORS":2\}: \S/);
    return true;
  });
  gpu.check();
});
