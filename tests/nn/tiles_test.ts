import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import { type Tile, tileName } from "../../lib/nn/product/tile.ts";
import { weightTiles, windowTiles } from "../../lib/nn/product/tiles.ts";
import { weightProduct } from "../../lib/nn/product/weight_gradient.ts";
import { weightShared } from "../../lib/nn/product/weight_gradient_shared.ts";
import { windowProduct } from "../../lib/nn/product/window.ts";
import { windowShared } from "../../lib/nn/product/window_shared.ts";
import { timedGeometry } from "../../lib/nn/timed_geometry.ts";
import { geometryOf } from "./passes.ts";

const geometry = geometryOf([2, 9, 7, 17, 33, 3, 1, 1, 1]);
const forward = windowProduct("conv2d_forward", geometry, "store");
const weights = weightProduct(geometry);

/** A device for which tiles are made. */
function device(software: boolean, invocations: number, memory: number): Gpu {
  const limits = {
    maxComputeInvocationsPerWorkgroup: invocations,
    maxComputeWorkgroupStorageSize: memory,
  };
  return { software, device: { limits } } as unknown as Gpu;
}

/** Bytes of workgroup memory that generated code declares. */
function memoryOf(code: string): number {
  const arrays = [...code.matchAll(/var<workgroup> \w+: array<vec4<f32>, (\d+)>/g)];
  return arrays.reduce((sum, [, vectors]) => sum + 16 * Number(vectors), 0);
}

const kinds: [string, (gpu: Gpu) => Tile[], (tile: Tile) => string][] = [
  [
    "a window product",
    (gpu) => windowTiles(forward, gpu),
    (tile) => windowShared(forward, tile).code,
  ],
  [
    "a weight gradient",
    (gpu) => weightTiles(weights, gpu),
    (tile) => weightShared(weights, tile).code,
  ],
];

for (const [kind, tilesOf, codeOf] of kinds) {
  Deno.test(`Tiles of ${kind} keep to the invocations that a device can run`, () => {
    for (const software of [true, false]) {
      const counts = tilesOf(device(software, 64, 2 ** 20)).map(({ workgroup: [x, y] }) => x * y);
      assert.deepEqual(new Set(counts), new Set([64]));
    }
    const counts = tilesOf(device(false, 256, 2 ** 20)).map(({ workgroup: [x, y] }) => x * y);
    assert.deepEqual(new Set(counts), new Set([64, 256]));
  });

  Deno.test(`Tiles of ${kind} keep to the memory that a workgroup can have`, () => {
    const all = tilesOf(device(false, 256, 2 ** 20));
    const shared = all.filter(({ shared }) => shared);
    const sizes = shared.map((tile) => memoryOf(codeOf(tile)));
    assert.ok(sizes.length > 1 && sizes.every((bytes) => bytes > 0));
    for (const limit of sizes.flatMap((bytes) => [bytes, bytes - 1])) {
      const fitting = shared.filter((_, i) => sizes[i]! <= limit);
      const offered = tilesOf(device(false, 256, limit)).filter(({ shared }) => shared);
      assert.deepEqual(offered.map(tileName), fitting.map(tileName));
    }
  });
}

Deno.test("Sums are cut into parts where a result alone does not keep a GPU busy", () => {
  const partsOf = (batch: number, software = false) =>
    windowTiles(
      windowProduct("conv2d_forward", { ...geometry, batch }, "store"),
      device(software, 256, 2 ** 15),
    ).map(({ parts }) => parts);
  assert.deepEqual(new Set(partsOf(2)), new Set([1, 64]));
  assert.deepEqual(new Set(partsOf(2 ** 16)), new Set([1]));
  assert.deepEqual(new Set(partsOf(2, true)), new Set([1]));
});

Deno.test("Kernels are timed on as many pictures as take some milliseconds", () => {
  const cifar = geometryOf([128, 32, 32, 64, 64, 3, 1, 1, 1]);
  const [processor, hardware] = [device(true, 64, 0), device(false, 64, 0)];
  const { batch, ...rest } = timedGeometry(processor, cifar);
  assert.ok(batch > 1 && batch < 128, `${batch} pictures`);
  assert.deepEqual({ ...cifar, batch }, { ...rest, batch });
  assert.deepEqual(timedGeometry(hardware, cifar), cifar);
  assert.deepEqual(timedGeometry(processor, { ...cifar, batch: 1 }), { ...cifar, batch: 1 });
  const large = geometryOf([4, 512, 512, 256, 256, 3, 1, 1, 1]);
  assert.equal(timedGeometry(processor, large).batch, 1);
});
