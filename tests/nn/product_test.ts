import assert from "node:assert/strict";
import type { Geometry } from "../../lib/nn/convolution.ts";
import { toStored } from "../../lib/nn/parameters.ts";
import { type Tile, tileName } from "../../lib/nn/product/tile.ts";
import { type Epilogue, matrixProduct, resultSize } from "../../lib/nn/product/window.ts";
import { windowDirect } from "../../lib/nn/product/window_direct.ts";
import { windowShared } from "../../lib/nn/product/window_shared.ts";
import { sumParts } from "../../lib/nn/sum_parts.ts";
import { weightLaunches } from "../../lib/nn/weight_kernels.ts";
import { windowLaunches } from "../../lib/nn/window_kernels.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { toChannelsLast } from "../layout.ts";
import * as twin from "../reference/convolution.ts";
import { normal, zeros } from "../reference/values.ts";
import { assertResult, type Job, runGuarded } from "./guarded.ts";
import {
  checkTrials,
  convolved,
  geometryOf,
  type Pass,
  passes,
  runTrials,
  type Sizes,
  type Trial,
  weightTrial,
  windowTrial,
} from "./passes.ts";

/** Rows and columns per invocation, invocations across and down, vectors in memory, parts. */
const tiles = ([
  [1, 4, 1, 1, 0, 1],
  [16, 4, 8, 8, 0, 1],
  [4, 16, 2, 32, 0, 2],
  [8, 8, 8, 8, 0, 7],
  [2, 8, 16, 16, 1, 1],
  [16, 8, 1, 1, 0, 1],
  [8, 4, 16, 16, 0, 1],
  [4, 4, 8, 8, 4, 1],
  [1, 16, 2, 32, 4, 1],
  [8, 16, 2, 32, 0, 1],
  [16, 4, 1, 1, 4, 7],
  [2, 4, 2, 32, 1, 7],
  [8, 8, 8, 8, 4, 1],
  [4, 8, 16, 16, 0, 1],
  [1, 8, 8, 8, 1, 2],
  [2, 16, 1, 1, 0, 1],
] as const).map(([rows, columns, wx, wy, shared, parts]): Tile => ({
  ...{ rows, columns, workgroup: [wx, wy], shared, parts },
}));

const cases: Record<string, Sizes[]> = {
  "1 × 1": [
    [3, 5, 7, 17, 33, 1, 1, 0, 1],
    [1, 9, 4, 5, 3, 1, 2, 0, 1],
    [2, 4, 9, 3, 5, 1, 3, 0, 1],
    [1, 5, 6, 5, 17, 1, 1, 1, 1],
    [1, 6, 7, 1, 3, 1, 2, 3, 1],
    [2, 3, 5, 16, 8, 1, 1, 0, 2],
    [1, 1, 1, 33, 5, 1, 1, 0, 1],
  ],
  "2 × 2 and 4 × 4": [
    [1, 6, 5, 5, 3, 2, 1, 0, 1],
    [2, 7, 9, 3, 5, 2, 2, 1, 1],
    [1, 5, 17, 1, 1, 2, 3, 2, 1],
    [1, 4, 6, 8, 8, 2, 2, 0, 2],
    [1, 6, 9, 5, 5, 4, 1, 1, 1],
    [2, 9, 7, 3, 5, 4, 3, 3, 1],
  ],
  "3 × 3": [
    [1, 5, 7, 3, 5, 3, 1, 1, 1],
    [3, 9, 4, 17, 1, 3, 2, 1, 1],
    [2, 7, 19, 5, 17, 3, 1, 2, 1],
    [1, 6, 8, 33, 3, 3, 3, 0, 1],
    [1, 8, 11, 3, 3, 3, 2, 3, 1],
    [1, 3, 33, 1, 8, 3, 1, 0, 1],
    [2, 5, 10, 8, 16, 3, 1, 1, 2],
    [1, 7, 6, 12, 24, 3, 2, 1, 3],
    [1, 5, 9, 32, 16, 3, 1, 1, 4],
    [1, 4, 23, 24, 12, 3, 3, 2, 3],
    [2, 1, 1, 5, 3, 3, 1, 1, 1],
    [1, 3, 3, 17, 5, 3, 2, 0, 1],
  ],
  "5 × 5 and 7 × 7": [
    [1, 7, 6, 3, 5, 5, 1, 2, 1],
    [1, 9, 11, 5, 1, 5, 2, 1, 1],
    [2, 6, 5, 4, 8, 5, 3, 3, 1],
    [1, 5, 18, 8, 8, 5, 1, 0, 2],
    [1, 9, 8, 1, 5, 7, 1, 3, 1],
    [1, 13, 10, 3, 3, 7, 2, 3, 1],
    [2, 8, 7, 5, 3, 7, 3, 2, 1],
  ],
};

const epilogues: readonly Epilogue[] = ["store", "accumulate", "residual"];

/** Whether the driver compiles the kernel quickly: lines of taps are unrolled for all results. */
function compilesFast({ rows, columns, shared }: Tile, { kernel }: Geometry): boolean {
  return shared > 0 || kernel * columns * (rows + 6) <= 400;
}

function trialOf(pass: Pass, geometry: Geometry, tile: Tile, epilogue: Epilogue): Trial {
  const name = tileName(tile);
  return pass === "conv2d_weight_gradient"
    ? weightTrial(name, (tape, operands) => weightLaunches(tape, geometry, tile, operands))
    : windowTrial(
      name,
      pass,
      epilogue,
      (tape, operands) => windowLaunches(tape, { pass, geometry, epilogue }, tile, operands),
    );
}

/** Each pass, and one twice, all with other tiles; at each `turn` others meet. */
function trialsOf(geometry: Geometry, turn: number): Trial[] {
  const fitting = tiles.filter((tile) => compilesFast(tile, geometry));
  return [...passes, passes[turn % 3]!].map((pass, i) =>
    trialOf(
      pass,
      geometry,
      fitting[(13 * turn + i) % fitting.length]!,
      epilogues[(turn + i) % 3]!,
    )
  );
}

let turn = 0;
for (const [kernel, list] of Object.entries(cases)) {
  const turns = list.map((sizes) => [geometryOf(sizes), turn++] as const);
  gpuTest(`Tiles of all kinds give what float64 gives: kernels of ${kernel}`, async (gpu) => {
    for (const [geometry, turn] of turns) {
      await checkTrials(gpu, convolved(geometry), trialsOf(geometry, turn));
    }
  });
}

/** Random matrices and their products in float64, each kind stored one after another. */
function matrices(rows: number, sum: number, columns: number, count: number) {
  const stream = new Stream(rows, sum);
  const each = Array.from({ length: count }, () => {
    const [a, b] = [normal([rows, sum], stream), normal([columns, sum], stream)];
    return { a, b, product: twin.linear(a, b, zeros([columns])) };
  });
  const join = (one: (matrices: typeof each[number]) => Float32Array) =>
    Float32Array.from(each.flatMap((matrices) => [...one(matrices)]));
  return {
    operands: {
      x: join(({ a }) => toChannelsLast(a.data, a.shape)),
      w: join(({ b }) => toStored(b.data, b.shape)),
    },
    expected: join(({ product: { data, shape } }) => toChannelsLast(data, shape)),
    exists: join(({ product: { data, shape } }) => toChannelsLast(data.map(() => 1), shape)),
  };
}

gpuTest("Products of several matrices give what float64 gives", async (gpu) => {
  for (const [rows, sum, columns, count] of [[17, 5, 33, 3], [1, 33, 3, 2]] as const) {
    const { operands, expected, exists } = matrices(rows, sum, columns, count);
    const chosen = [0, 2, 3, 4, 10, 14].map((i) => tiles[i]!);
    const product = matrixProduct("matrices", { rows, sum, columns, count });
    const size = resultSize(product);
    const jobs = chosen.map((tile): Job<"x" | "w"> => ({
      size: expected.length,
      launches(tape, { x, w }, y) {
        const { code, groups, parts } = (tile.shared ? windowShared : windowDirect)(product, tile);
        const kernel = { kernel: product.name, code, groups };
        if (parts === 1) return [{ ...kernel, bindings: { x, w, y } }];
        const partials = tape.scratch("partials", 16 * parts * size);
        return [{ ...kernel, bindings: { x, w, partials } }, sumParts(partials, y, size, parts)];
      },
    }));
    const read = await runGuarded(gpu, operands, jobs);
    read.forEach((actual, i) =>
      assertResult(tileName(chosen[i]!), actual, { expected, exists, tolerance: 4e-6 })
    );
  }
});

gpuTest("Sums in parts give what float64 gives, and twice the same bits", async (gpu) => {
  // Channels whose vectors do not come in as many equal parts.
  const numbers = convolved(geometryOf([2, 9, 7, 17, 9, 3, 1, 1, 1]));
  const trials = passes.flatMap((pass, i) =>
    tiles.filter(({ parts }) => parts > 1).map((tile) =>
      trialOf(pass, numbers.geometry, tile, epilogues[i]!)
    )
  );
  await checkTrials(gpu, numbers, trials);
  const once = await runTrials(gpu, numbers, trials);
  assert.deepEqual(await runTrials(gpu, numbers, trials, 2), once);
  assert.deepEqual(await runTrials(gpu, numbers, trials), once);
});
