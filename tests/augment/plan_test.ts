import { deepEqual, ok, throws } from "node:assert/strict";
import { JobTable } from "../../lib/augment/encode.ts";
import { layermixLayout, type LayermixOptions, planLayermix } from "../../lib/augment/layermix.ts";
import { opSets } from "../../lib/augment/op_sets.ts";
import { identityPlan, type PicturePlan, type Stage } from "../../lib/augment/plan.ts";
import { agrees, follows } from "../random/distribution.ts";
import { mixingSet, planOf } from "./fixture.ts";

const options: LayermixOptions = {
  seed: 3,
  width: 32,
  height: 32,
  padding: 4,
  ops: "reference",
  allOps: false,
  magnitude: 3,
  blendingRatio: 3,
  grayMixing: false,
};
const mixing = mixingSet(Array.from({ length: 5 }, () => new Uint8Array(4 * 36 * 40)), 36, 40);
const plan = (index: number, epoch = 0) => planLayermix(options, mixing, index, epoch);

const count = 20000;
let drawn: PicturePlan[] | undefined;
const plans = () => drawn ??= Array.from({ length: count }, (_, i) => plan(i));
const stages = () => plans().flatMap((found) => found.stages);

/** How often each of `values` was found. */
function tally<T>(found: readonly T[], values: readonly T[]): number[] {
  return values.map((value) => found.filter((one) => one === value).length);
}

Deno.test("a plan depends on seed, index and epoch alone, and survives JSON", () => {
  const before = plan(17, 3);
  plan(5, 3);
  deepEqual(plan(17, 3), before);
  deepEqual(JSON.parse(JSON.stringify(before)), before);
  ok(JSON.stringify(plan(17, 4)) !== JSON.stringify(before));
  ok(
    JSON.stringify(planLayermix({ ...options, seed: 4 }, mixing, 17, 3)) !== JSON.stringify(before),
  );
});

Deno.test("LayerMix draws steps, ops and blends with the published weights", () => {
  const steps = plans().map((found) =>
    found.stages.length === 3 ? 2 : Number("b" in found.stages[0]!)
  );
  agrees(tally(steps, [0, 1, 2]), [1 / 3, 1 / 3, 1 / 3], "steps");
  const used = plans().map((found) => found.stages[0]!.a.op!);
  agrees(tally(used, opSets.reference), opSets.reference.map(() => 1 / 12), "ops");
  const kinds = stages().flatMap(({ blend }) => blend ? [blend.kind] : []);
  const names = ["add", "multiply", "random_pixels", "random_elems"] as const;
  agrees(tally(kinds, names), [2 / 6, 2 / 6, 1 / 6, 1 / 6], "blends");
});

Deno.test("LayerMix uses one op for all layers of a picture and draws its value anew", () => {
  for (const found of plans().slice(0, 2000)) {
    const operands = found.stages.flatMap(({ a, b }) => b ? [a, b] : [a]).filter(({ op }) => op);
    deepEqual(new Set(operands.map(({ op }) => op)).size, 1);
    deepEqual(operands.length, found.stages.length === 3 ? 3 : found.stages[0]!.b ? 2 : 1);
    if (operands[0]!.op === "rotate" && operands[1]) ok(operands[0]!.value !== operands[1]!.value);
  }
});

/** The values drawn for one op. */
function values(op: string): number[] {
  return stages().flatMap(({ a, b }) => [a, b]).flatMap((o) => o?.op === op ? [o.value!] : []);
}

Deno.test("LayerMix draws magnitudes as the published code does at magnitude 3", () => {
  const black = 0.9 / 1.1;
  agrees(tally(values("posterize"), [0, 1]), [black, 1 - black], "bits");
  agrees(tally(values("posterize_increasing"), [4, 3]), [black, 1 - black], "increasing bits");
  follows(values("solarize"), (x) => (x - 0.1) / 0.2, "threshold");
  follows(values("solarize_increasing"), (x) => (x + 0.2) / 0.3, "increasing threshold");
  const inverted = values("solarize_increasing").map((x) => x < 0);
  agrees(tally(inverted, [true, false]), [2 / 3, 1 / 3], "full inversion");
  follows(values("rotate").map(Math.abs), (x) => (x - 0.1) / 8.9, "degrees");
  follows(values("translate_x").map(Math.abs), (x) => (x - 0.1) / 2.9, "pixels");
  // For shears the published range is reversed: U(0.1, 0.09).
  follows(values("shear_y").map(Math.abs), (x) => (x - 0.09) / 0.01, "tangent");
  const signs = ["rotate", "shear_x", "shear_y", "translate_x", "translate_y"].flatMap(values);
  agrees(tally(signs.map(Math.sign), [-1, 1]), [0.5, 0.5], "signs");
});

Deno.test("LayerMix draws blend weights from both branches", () => {
  const weights = stages().flatMap(({ blend }) => blend && "a" in blend ? [blend] : []);
  agrees(tally(weights.map(({ b }) => b < 0), [true, false]), [0.5, 0.5], "branches");
  const [positive, negative] = [weights.filter(({ b }) => b > 0), weights.filter(({ b }) => b < 0)];
  follows(positive.map(({ a }) => a), (x) => x ** 3, "positive a");
  follows(positive.map(({ b }) => b), (x) => 1 - (1 - x) ** 3, "positive b");
  follows(negative.map(({ a }) => a - 1), (x) => 1 - (1 - x) ** 3, "negative a");
  follows(negative.map(({ b }) => -b), (x) => 1 - (1 - x) ** 3, "negative b");
  const keep = stages().flatMap(({ blend }) => blend && "keep" in blend ? [blend.keep] : []);
  follows(keep, (x) => x, "keep");
});

Deno.test("crops, flips and mixing pictures are uniform", () => {
  const crops = plans().map(({ crop }) => crop), nine = Array.from({ length: 9 }, (_, i) => i);
  agrees(tally(crops.map(({ flip }) => flip), [true, false]), [0.5, 0.5], "flip");
  agrees(tally(crops.map(({ top }) => top), nine), nine.map(() => 1 / 9), "top");
  agrees(tally(crops.map(({ left }) => left), nine), nine.map(() => 1 / 9), "left");
  const mixed = plans().flatMap((found) => found.mixing ?? []), five = [0, 1, 2, 3, 4];
  agrees(tally(mixed.map(({ picture }) => picture), five), five.map(() => 0.2), "mixing picture");
  agrees(tally(mixed.map(({ left }) => left), five), five.map(() => 0.2), "mixing left");
  agrees(tally(mixed.map(({ top }) => top), nine), nine.map(() => 1 / 9), "mixing top");
});

Deno.test("plans that break the rules of a stage are refused", () => {
  const layout = layermixLayout;
  const used = opSets.reference;
  const table = new JobTable(
    {
      ...layout,
      used,
      batch: 2,
      chunk: 2,
      together: 1,
      roundsTogether: 1,
      views: 1,
      width: 32,
      height: 32,
    },
    mixing,
  );
  const refuse = (stages: Stage[], message: RegExp) =>
    throws(() => table.encode([planOf(stages)]), message);
  refuse([{ a: { from: 0, op: "pil_color" }, to: 1 }], /pil_color is not among the kinds/);
  refuse([{ a: { from: 0, op: "rotate" }, to: 0 }], /writes slot 0, which it reads/);
  refuse([{ a: { from: 1 }, to: 0 }], /nothing to read in slot 1/);
  refuse([{ a: { from: 2 }, to: 0 }], /nothing to read in slot 2/);
  refuse([{ a: { from: "mixing" }, to: 0 }], /no mixing picture/);
  refuse([{ a: { from: 0 }, to: 2 }], /slot 2 of 2/);
  refuse([{ a: { from: 0 }, b: { from: 1 }, to: "output" }], /b and blend together/);
  const rotated = { from: 0, op: "rotate", value: 1 } as const;
  const blend = { kind: "add", a: 1, b: 0 } as const;
  const cramped = {
    ...layout,
    used,
    temporaries: 1,
    batch: 1,
    chunk: 1,
    together: 1,
    roundsTogether: 1,
    views: 1,
    width: 32,
    height: 32,
  };
  throws(
    () => new JobTable(cramped).encode([planOf([{ a: rotated, b: rotated, blend, to: 1 }])]),
    /no slot for what its op makes/,
  );
  throws(
    () => new JobTable({ ...cramped, jobs: 1 }).encode([planOf([{ a: rotated, to: "output" }])]),
    /at most 1 jobs/,
  );
  throws(() => table.encode([0, 1, 2].map((i) => identityPlan(i, 4))), /at most 2/);
  const outside = {
    ...planOf([{ a: { from: "mixing" }, to: "output" }]),
    mixing: { picture: 0, top: 9, left: 0 },
  };
  throws(() => table.encode([outside]), /outside the mixing set/);
});
