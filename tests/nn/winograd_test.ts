import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Geometry } from "../../lib/nn/convolution.ts";
import { type Tile, tileName } from "../../lib/nn/product/tile.ts";
import type { Epilogue } from "../../lib/nn/product/window.ts";
import { weightLaunches } from "../../lib/nn/weight_kernels.ts";
import { windowLaunches, winogradLaunches } from "../../lib/nn/window_kernels.ts";
import { winogradBlocks, winogradWeights } from "../../lib/nn/winograd.ts";
import type { Block } from "../../lib/nn/winograd_transform.ts";
import { describedGpu, gpuTest } from "../gpu.ts";
import {
  checkTrials,
  convolved,
  errorsOf,
  geometryOf,
  type Pass,
  passes,
  type Sizes,
  type Trial,
  weightTrial,
  windowTrial,
} from "./passes.ts";

const tiles: readonly Tile[] = [
  { rows: 4, columns: 8, workgroup: [8, 8], shared: 0, parts: 1 },
  { rows: 2, columns: 4, workgroup: [2, 32], shared: 0, parts: 3 },
  { rows: 4, columns: 4, workgroup: [8, 8], shared: 2, parts: 1 },
  { rows: 4, columns: 8, workgroup: [4, 4], shared: 1, parts: 3 },
];

/** A pass by Winograd's transforms, or without them where no block is given. */
function trialOf(
  block: Block | undefined,
  pass: Pass,
  geometry: Geometry,
  tile: Tile,
  epilogue: Epilogue = "store",
): Trial {
  const name = `${block ? `winograd ${block}x${block} ` : ""}${tileName(tile)}`;
  if (pass === "conv2d_weight_gradient") {
    return weightTrial(
      name,
      (tape, operands) =>
        block
          ? winogradWeights(tape, geometry, tile, block, operands)
          : weightLaunches(tape, geometry, tile, operands),
    );
  }
  const task = { pass, geometry, epilogue };
  return windowTrial(
    name,
    pass,
    epilogue,
    (tape, operands) =>
      block
        ? winogradLaunches(tape, task, tile, operands, block)
        : windowLaunches(tape, task, tile, operands),
  );
}

/** A bound on max |error| / max |result|, and one on their root mean squares' ratio. */
type Bounds = readonly [number, number];

/**
 * Three times what was measured for 64 → 64 channels (Mesa 22.3.6, llvmpipe), in units of 1e-7:
 *
 * |              | forward   | input gradient | weight gradient |
 * | ------------ | --------- | -------------- | --------------- |
 * | direct       | 9.4, 4.2  | 10.5, 4.2      | 6.5, 3.9        |
 * | F(2×2, 3×3)  | 3.5, 2.7  | 3.9, 2.7       | 5.2, 3.7        |
 * | F(4×4, 3×3)  | 14.8, 7.8 | 19.7, 7.7      | 10.1, 6.6       |
 *
 * F(2×2, 3×3) adds up a fourth of what the direct kernel does, so it is more exact.
 */
const bounds: Record<Pass, Record<"direct" | Block, Bounds>> = {
  conv2d_forward: { direct: [3e-6, 1.3e-6], 2: [1.1e-6, 8e-7], 4: [4.5e-6, 2.4e-6] },
  conv2d_input_gradient: { direct: [3e-6, 1.3e-6], 2: [1.2e-6, 8e-7], 4: [6e-6, 2.4e-6] },
  conv2d_weight_gradient: { direct: [2e-6, 1.2e-6], 2: [1.6e-6, 1.1e-6], 4: [3e-6, 2e-6] },
};

gpuTest("Winograd's transforms are nearly as exact as no transforms", async (gpu) => {
  const numbers = convolved(geometryOf([2, 17, 15, 64, 64, 3, 1, 1, 1]));
  for (const pass of passes) {
    const trials = ([undefined, 2, 4] as const).map((block) =>
      trialOf(block, pass, numbers.geometry, tiles[0]!)
    );
    const errors = await errorsOf(gpu, numbers, trials);
    for (const [i, kind] of (["direct", 2, 4] as const).entries()) {
      const [largest, deviation] = bounds[pass][kind];
      const { max, rms } = errors[i]!;
      assert.ok(max <= largest && rms <= deviation, `${pass}, ${kind}: max ${max}, rms ${rms}`);
    }
  }
});

const cases: readonly Sizes[] = [
  [1, 5, 7, 16, 20, 3, 1, 1, 1],
  [2, 7, 9, 20, 33, 3, 1, 0, 1],
  [1, 3, 6, 33, 16, 3, 1, 2, 1],
  [3, 1, 1, 17, 18, 3, 1, 1, 1],
  [1, 8, 4, 16, 16, 3, 1, 1, 1],
];
const epilogues: readonly Epilogue[] = ["store", "accumulate", "residual"];

for (const block of [2, 4] as const) {
  gpuTest(`F(${block} × ${block}, 3 × 3) gives what float64 gives on odd sizes`, async (gpu) => {
    for (const [i, sizes] of cases.entries()) {
      const numbers = convolved(geometryOf(sizes));
      const trials = passes.map((pass, p) =>
        trialOf(block, pass, numbers.geometry, tiles[(i + p) % 4]!, epilogues[(i + p) % 3])
      );
      await checkTrials(gpu, numbers, trials);
    }
  });
}

Deno.test("Winograd's transforms are offered where they apply, pay and fit", () => {
  const blocks = (sizes: Sizes, gpu = describedGpu) => winogradBlocks(gpu, geometryOf(sizes));
  assert.deepEqual(blocks([2, 8, 8, 16, 33, 3, 1, 2, 1]), [4, 2]);
  assert.deepEqual(blocks([2, 8, 8, 16, 15, 3, 1, 1, 1]), [], "few channels");
  assert.deepEqual(blocks([2, 8, 8, 15, 16, 3, 1, 1, 1]), [], "few channels");
  assert.deepEqual(blocks([2, 8, 8, 16, 16, 3, 1, 3, 1]), [], "padding");
  assert.deepEqual(blocks([2, 8, 8, 16, 16, 3, 2, 1, 1]), [], "stride");
  assert.deepEqual(blocks([2, 8, 8, 32, 32, 3, 1, 1, 2]), [], "groups");
  assert.deepEqual(blocks([2, 8, 8, 16, 16, 5, 1, 1, 1]), [], "kernel");
});

Deno.test("Winograd's transforms are offered where pictures and weights can be bound", () => {
  const blocks = (sizes: Sizes, vectors: number) => {
    const limits = { maxStorageBufferBindingSize: 16 * vectors };
    return winogradBlocks({ device: { limits } } as unknown as Gpu, geometryOf(sizes));
  };
  // 4 vectors of channels at the 36 places of 2 × 2 blocks, and at the 16 places of 4 × 4 blocks.
  const same: Sizes = [8, 8, 8, 16, 16, 3, 1, 1, 1];
  assert.deepEqual(blocks(same, 8 * 4 * 16 * 16), [4, 2]);
  assert.deepEqual(blocks(same, 8 * 4 * 16 * 16 - 1), [4]);
  assert.deepEqual(blocks(same, 8 * 4 * 36 * 4 - 1), []);
  const larger: Sizes = [4, 6, 6, 16, 16, 3, 1, 2, 1];
  const smaller: Sizes = [4, 8, 8, 16, 16, 3, 1, 0, 1];
  for (const sizes of [larger, smaller]) {
    assert.deepEqual(blocks(sizes, 4 * 4 * 16 * 16 - 1), [4]);
    assert.deepEqual(blocks(sizes, 4 * 4 * 16 * 16), [4, 2]);
  }
  // Weights of 16 × 16 channels at 16 places take less than at 36.
  const small: Sizes = [1, 4, 4, 16, 16, 3, 1, 1, 1];
  assert.deepEqual(blocks(small, 36 * 4 * 16), [4, 2]);
  assert.deepEqual(blocks(small, 36 * 4 * 16 - 1), [2]);
  assert.deepEqual(blocks(small, 16 * 4 * 16 - 1), []);
});
