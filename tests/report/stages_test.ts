import assert from "node:assert/strict";
import type { PicturePlan, Stage } from "../../lib/augment/plan.ts";
import { mixedIn, parts } from "../../lib/report/stages.ts";

const start = { index: 3, epoch: 0, crop: { top: 1, left: 2, flip: true } };

const rotated = { from: 0, op: "rotate", value: -12.345 } as const;
const first: Stage = {
  a: rotated,
  b: { from: "mixing" },
  blend: { kind: "random_pixels", keep: 0.5 },
  to: 1,
};
const second: Stage = {
  a: { from: 1 },
  b: { from: "mixing" },
  blend: { kind: "add", a: 1.25, b: -0.5 },
  within: { top: 0, left: 1, width: 2, height: 3 },
  to: 1,
};
const third: Stage = { a: { from: 1, op: "equalize" }, to: "output" };
const plan: PicturePlan = {
  ...start,
  mixing: { picture: 4, top: 0, left: 0 },
  stages: [first, second, third],
};

Deno.test("parts() cut a plan after the crop, each operand and each stage", () => {
  const found = parts(plan);
  assert.deepEqual(found.map(({ what }) => what), [
    "crop",
    "rotate 12.3 degrees clockwise",
    "mixing",
    "random_pixels keep 0.5",
    "add a 1.25 b -0.5",
    "equalize",
  ]);
  assert.deepEqual(found.map(({ plan }) => plan.stages), [
    [],
    [{ a: rotated, to: "output" }],
    [{ a: { from: "mixing" }, to: "output" }],
    [{ ...first, to: "output" }],
    [first, { ...second, to: "output" }],
    [first, second, third],
  ]);
  for (const part of found) assert.deepEqual({ ...part.plan, stages: [] }, { ...plan, stages: [] });
});

Deno.test("parts() of a plan without stages are the crop alone", () => {
  const plan = { ...start, stages: [] };
  assert.deepEqual(parts(plan), [{ what: "crop", plan }]);
});

Deno.test("mixedIn() shows what a plan mixes in, and not what it has and does not use", () => {
  assert.deepEqual(mixedIn(plan)?.stages, [{ a: { from: "mixing" }, to: "output" }]);
  assert.equal(mixedIn({ ...plan, stages: [{ a: rotated, to: "output" }] }), undefined);
});
