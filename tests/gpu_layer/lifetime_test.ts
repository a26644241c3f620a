import assert from "node:assert/strict";
import type { Launch, Region } from "../../lib/gpu/kernel.ts";
import { lifetimesOf } from "../../lib/gpu/lifetime.ts";

const code = `
@group(0) @binding(0) var<uniform> step: array<vec4<f32>, 1>;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(1)
fn copy() {
  y[0] = x[0] + step[0].x;
}

@compute @workgroup_size(1)
fn make() {
  y[0] = 1.0;
}
`;

const region = (name: string): Region => ({ name, bytes: 64, offset: 0 });
const make = (y: Region): Launch => ({ kernel: "make", code, bindings: { y }, groups: [1] });
const copy = (x: Region, y: Region, step = region("step")): Launch => (
  { kernel: "copy", code, bindings: { step, x, y }, groups: [1] }
);

/** Name, first and last launch of each lifetime. */
function found(launches: Launch[], regions: Region[]): [string, number, number][] {
  return lifetimesOf(launches, new Set(regions))
    .map(({ region, first, last }) => [region.name, first, last]);
}

const [a, b, c, d] = ["a", "b", "c", "d"].map(region) as [Region, Region, Region, Region];

Deno.test("lifetimesOf() is from the first launch that binds a region to the last", () => {
  const launches = [make(d), make(a), copy(d, b), copy(a, b), copy(b, c), copy(a, c), copy(c, d)];
  assert.deepEqual(found(launches, [a, b, c]), [["a", 1, 5], ["b", 2, 4], ["c", 4, 6]]);
});

Deno.test("lifetimesOf() knows regions that are bound late only, as in a backward pass", () => {
  assert.deepEqual(found([make(a), copy(a, b), make(c), copy(c, b)], [c]), [["c", 2, 3]]);
});

Deno.test("lifetimesOf() leaves out what is read before it is written: the host's input", () => {
  assert.deepEqual(found([copy(a, b), copy(b, a), copy(a, b)], [a]), []);
  assert.deepEqual(found([copy(b, c, a), make(a), copy(a, c)], [a]), [], "a uniform is read");
});

Deno.test("lifetimesOf() leaves out what is not read after it is written: the host's result", () => {
  assert.deepEqual(found([make(a), copy(a, b), make(a)], [a]), []);
  assert.deepEqual(found([make(a)], [a]), []);
});

Deno.test("lifetimesOf() leaves out what no launch binds, and what it was not asked for", () => {
  assert.deepEqual(found([make(a), copy(a, b)], [c]), []);
  assert.deepEqual(found([make(a), copy(a, b)], []), []);
});

Deno.test("lifetimesOf() allows a launch that binds a region twice", () => {
  assert.deepEqual(found([make(a), copy(a, b, a), copy(b, c)], [a, b]), [["a", 0, 1], ["b", 1, 2]]);
});

Deno.test("lifetimesOf() names the kernel that a source does not have", () => {
  assert.throws(() => found([{ ...make(a), kernel: "mark" }], [a]), {
    name: "GpuError",
    message: "Cannot run mark: no function of that name is in its source",
  });
});
