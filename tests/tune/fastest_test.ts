import assert from "node:assert/strict";
import { GpuError } from "../../lib/gpu/error.ts";
import { memoryOf } from "../../lib/gpu/memory.ts";
import type { Program } from "../../lib/gpu/program.ts";
import type { Tape } from "../../lib/gpu/tape.ts";
import { openTimer, type Timer } from "../../lib/gpu/timing.ts";
import type { Alternative } from "../../lib/gpu/tuning.ts";
import { fastest } from "../../lib/tune/fastest.ts";
import { gpuTest } from "../gpu.ts";
import { scripted, spin } from "./fixture.ts";

const three = [spin("a"), spin("b"), spin("c")];

gpuTest("fastest() finds the faster of two kernels, by either clock", async (gpu) => {
  const [slow, fast] = [spin("slow", 20_000), spin("fast", 200)];
  for (const hasClock of [true, false]) {
    const timer = openTimer(gpu, hasClock && gpu.device.features.has("timestamp-query"));
    assert.equal(await fastest(gpu, { alternatives: [slow, fast] }, timer), "fast");
    assert.equal(await fastest(gpu, { alternatives: [fast, slow] }, timer), "fast");
  }
});

gpuTest("fastest() keeps the default unless another is at least 3 % faster", async (gpu) => {
  const cases: [Record<string, number>, string][] = [
    [{ a: 1, b: 1, c: 1 }, "a"],
    [{ a: 1, b: 0.98, c: 1.02 }, "a"],
    [{ a: 1, b: 0.96, c: 1.02 }, "b"],
    [{ a: 1, b: 0.91, c: 0.9 }, "b"],
    [{ a: 1, b: 0.99, c: 0.9 }, "c"],
    [{ a: 9, b: 1.01, c: 1 }, "b"],
  ];
  for (const [milliseconds, expected] of cases) {
    const found = await fastest(gpu, { alternatives: three }, scripted(milliseconds));
    assert.equal(found, expected, JSON.stringify(milliseconds));
  }
});

gpuTest("fastest() takes the least of several times, in turns, and warms up first", async (gpu) => {
  // The first run compiles; later ones are disturbed now and then.
  const timer = scripted({ a: [90, 1], b: [400, 1.1, 1.1, 0.9, 2, 1.1] });
  assert.equal(await fastest(gpu, { alternatives: three.slice(0, 2) }, timer), "b");
  assert.deepEqual(timer.calls.slice(0, 4), [["a", "a"], ["b", "b"], ["a", "b"], ["a", "b"]]);
});

gpuTest("fastest() gives up what is far slower at first sight", async (gpu) => {
  const timer = scripted({ a: 1, b: 40, c: 0.9 });
  assert.equal(await fastest(gpu, { alternatives: three }, timer), "c");
  assert.equal(timer.calls.flat().filter((kernel) => kernel === "b").length, 2);
  const late = scripted({ a: 40, b: 1, c: 40 });
  assert.equal(await fastest(gpu, { alternatives: three }, late), "b");
  assert.deepEqual(late.calls, [["a", "a"], ["b", "b"], ["c", "c"]]);
  const later = scripted({ a: 1, b: 1.4 });
  assert.equal(await fastest(gpu, { alternatives: three.slice(0, 2) }, later), "a");
  assert.deepEqual(later.calls, [["a", "a"], ["b", "b"], ["a", "b"]], "one round was enough");
});

gpuTest("fastest() runs short kernels often enough to be timed", async (gpu) => {
  const passes: [string, number][] = [];
  const timer: Timer = {
    span: 5,
    time: (asked) => {
      for (const { program, times } of asked) passes.push([program.dispatches[0]!.kernel, times]);
      return Promise.resolve(
        asked.map(({ program }) => program.dispatches[0]!.kernel === "a" ? 1 : 0),
      );
    },
  };
  assert.equal(
    await fastest(gpu, { alternatives: three.slice(0, 2) }, timer),
    "a",
    "no time at all is no measure",
  );
  assert.deepEqual(passes, [["a", 1], ["a", 1], ["a", 6], ["b", 1], ["b", 1], ["b", 1000]]);
});

const broken: Alternative[] = [
  { name: "no WGSL", record: (tape) => record(tape, "fn broken() { this is no WGSL }\n", [1]) },
  { name: "too many groups", record: (tape) => record(tape, body, [1_000_000]) },
  {
    name: "too large a workgroup",
    record: (tape) => record(tape, body.replace("64", "65536"), [1]),
  },
  { name: "throws", record: () => assert.fail("a fault of its own") },
  { name: "too large", record: (tape) => void tape.region("y", 2 ** 50) },
  {
    name: "more than there is memory",
    record(tape) {
      const memory = memoryOf(tape.gpu);
      if (memory === Infinity) throw new RangeError("not known");
      for (let bytes = 0; bytes <= memory; bytes += 2 ** 26) tape.region("y", 2 ** 26);
      record(tape, body, [1]);
    },
  },
  {
    name: "too many bindings",
    record(tape) {
      const names = Array.from({ length: 2000 }, (_, i) => `y${i}`);
      const declared = names.map((name, i) =>
        `@group(0) @binding(${i}) var<storage, read_write> ${name}: array<f32>;\n`
      );
      const bindings = Object.fromEntries(names.map((name) => [name, tape.region(name, 64)]));
      const writes = names.map((name) => `  ${name}[0] = 1;\n`).join("");
      const code = `${declared.join("")}@compute @workgroup_size(1)\nfn broken() {\n${writes}}\n`;
      tape.record([{ kernel: "broken", code, bindings, groups: [1] }]);
    },
  },
];
const body = `
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn broken() {
  y[0] = 1;
}
`;

function record(tape: Tape, code: string, groups: [number]): void {
  const bindings = { y: tape.region("y", 64) };
  tape.record([{ kernel: "broken", code, bindings, groups }]);
}

gpuTest(
  "fastest() leaves out what does not build or fit, and the GPU stays usable",
  async (gpu) => {
    const timer = scripted({ a: 1, broken: 0.1 });
    assert.equal(await fastest(gpu, { alternatives: [...broken, spin("a")] }, timer), "a");
    assert.deepEqual(timer.calls, [["a", "a"]]);
    assert.equal(await fastest(gpu, { alternatives: broken }, timer), undefined);
    for (const bad of [0, -1, NaN]) {
      assert.equal(
        await fastest(gpu, { alternatives: three }, scripted({ a: bad, b: 3, c: 4 })),
        "b",
        `${bad}`,
      );
    }
    gpu.check();
    assert.equal(await fastest(gpu, { alternatives: [spin("fast", 100)] }, openTimer(gpu)), "fast");
  },
);

gpuTest("fastest() leaves out what the timer refuses, and frees it", async (gpu) => {
  let refused: Program | undefined;
  const timer: Timer = {
    span: 0,
    time: (passes) => {
      const { program } = passes[0]!;
      if (program.dispatches[0]!.kernel !== "a") return Promise.resolve(passes.map(() => 1));
      refused = program;
      return Promise.reject(new GpuError("no"));
    },
  };
  assert.equal(await fastest(gpu, { alternatives: three }, timer), "b");
  await assert.rejects(() => openTimer(gpu).time([{ program: refused!, times: 1 }]), GpuError);
});

gpuTest("fastest() frees all that it compiled", async (gpu) => {
  const programs = new Set<Program>();
  const timer: Timer = {
    span: 0,
    time: (passes) => {
      for (const { program } of passes) programs.add(program);
      return Promise.resolve(passes.map((_, i) => i + programs.size));
    },
  };
  await fastest(gpu, { alternatives: three }, timer);
  assert.equal(programs.size, 3);
  for (const program of programs) {
    await assert.rejects(() => openTimer(gpu).time([{ program, times: 1 }]), GpuError);
  }
  gpu.check();
});

gpuTest("fastest() can be given up before each alternative", async (gpu) => {
  const timer = scripted({ a: 1, b: 1, c: 1 });
  let asked = 0;
  assert.equal(await fastest(gpu, { alternatives: three }, timer, () => ++asked > 2), undefined);
  assert.deepEqual(timer.calls, [["a", "a"], ["b", "b"]]);
});
