import assert from "node:assert/strict";
import { summarize } from "../../lib/bench/profile.ts";
import { profileLines } from "../../lib/bench/table.ts";
import type { Launch, Region } from "../../lib/gpu/kernel.ts";

const region = (name: string, bytes: number): Region => ({ name, bytes, offset: 0 });
const a = region("a", 3e6);
const launch = (kernel: string, bindings: Record<string, Region>): Launch => ({
  ...{ kernel, code: "", bindings, groups: [1] },
});
const launches = [
  launch("conv2d_forward", { x: a, y: region("b", 1e6) }),
  launch("sgd", { w: a, dw: a }),
  launch("conv2d_forward", { x: a }),
];

Deno.test("times are grouped by kernel, the slowest first, and a buffer counts once for a launch", () => {
  const { kernels, convolutionMs, convolutionShare } = summarize(launches, [1, 1, 2]);
  assert.deepEqual(kernels, [
    { kernel: "conv2d_forward", launches: 2, ms: 3, share: 0.75, gbs: 7 / 3 },
    { kernel: "sgd", launches: 1, ms: 1, share: 0.25, gbs: 3 },
  ]);
  assert.deepEqual([convolutionMs, convolutionShare], [3, 0.75]);
});

Deno.test("kernels below a hundredth are summed up in one line", () => {
  const lines = profileLines(summarize(launches, [50, 0.1, 50]), 2e9);
  assert.deepEqual(lines.slice(1), [
    "  conv2d_forward                                 2    100.00    99.9 %       0.1",
    "  1 others                                       1      0.10     0.1 %",
    "  convolutions: 99.9 % of the kernels' time, 20.0 GFLOP/s",
  ]);
});
