import { deepEqual, equal, ok } from "node:assert/strict";
import { type AugmentOptions, recordAugment } from "../../lib/augment/augmenter.ts";
import { JobTable } from "../../lib/augment/encode.ts";
import { drawPatch } from "../../lib/augment/ipmix.ts";
import { type MethodName, methodNames, methods } from "../../lib/augment/methods.ts";
import { ipmixPilOps, opSetNames, opSets } from "../../lib/augment/op_sets.ts";
import type { PicturePlan } from "../../lib/augment/plan.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { agrees, follows } from "../random/distribution.ts";
import { mixingSet } from "./fixture.ts";

const COUNT = 100_000;
const size = { width: 32, height: 32, padding: 4, seed: 3 };
const mixing = mixingSet(
  [1, 2, 3].map((k) => new Uint8Array(4 * 36 * 40).map((_, i) => (i * k * 37) & 255)),
  36,
  40,
);

const optionsOf = (method: MethodName) => ({ ...size, ...methods[method].defaults });

function plansOf(method: MethodName, count = COUNT): PicturePlan[] {
  const options = optionsOf(method);
  return Array.from({ length: count }, (_, i) => methods[method].plan(options, mixing, i, 2));
}

function tally<T>(found: readonly T[], values: readonly T[]): number[] {
  const counts = new Map<T, number>();
  for (const one of found) counts.set(one, (counts.get(one) ?? 0) + 1);
  equal([...counts.keys()].filter((one) => !values.includes(one)).length, 0);
  return values.map((value) => counts.get(value) ?? 0);
}

const even = (count: number) => new Array<number>(count).fill(1 / count);
const half = even(2);

/** The operands of all stages that pass through an op. */
const opsIn = (plans: readonly PicturePlan[]) =>
  plans.flatMap(({ stages }) => stages.flatMap(({ a, b }) => [a, b])).filter((o) => o?.op);

Deno.test("PixMix draws rounds, starts, sources, blends and ops as published", () => {
  const plans = plansOf("pixmix");
  const rounds = plans.map(({ stages }) => stages[0]!.b ? stages.length : 0);
  agrees(tally(rounds, [0, 1, 2, 3, 4]), even(5), "rounds");
  agrees(tally(plans.map(({ stages }) => !!stages[0]!.a.op), [true, false]), half, "starts");
  const mixed = plans.flatMap(({ stages }) => stages).filter(({ b }) => b);
  agrees(tally(mixed.map(({ b }) => b!.from), [0, "mixing"]), half, "sources");
  agrees(tally(mixed.map(({ blend }) => blend!.kind), ["add", "multiply"]), half, "blends");
  const list = [...opSets.pil, "pil_color", "pil_contrast", "pil_brightness", "pil_sharpness"];
  agrees(tally(opsIn(plans).map((o) => o!.op as string), list), even(13), "ops");
  const weights = mixed.map(({ blend }) => blend as { a: number; b: number });
  agrees(tally(weights.map(({ b }) => b < 0), [true, false]), half, "branches");
  const positive = weights.filter(({ b }) => b >= 0);
  follows(positive.map(({ a }) => a), (x) => x ** 3, "positive a");
  follows(positive.map(({ b }) => b), (x) => 1 - (1 - x) ** 3, "positive b");
});

Deno.test("Pillow's magnitudes are AugMix's, at magnitude 3", () => {
  const found = opsIn(plansOf("pixmix"));
  const values = (op: string) => found.filter((o) => o!.op === op).map((o) => o!.value!);
  // l ~ U(0.1, 3): each whole level of 30 l / 10 but the first and the last has the share 1 / 8.7.
  const degrees = values("pil_rotate").map(Math.abs);
  const [first, other] = [0.7 / 8.7, 1 / 8.7];
  agrees(
    tally(degrees, [0, 1, 2, 3, 4, 5, 6, 7, 8]),
    [first, ...new Array<number>(8).fill(other)],
    "degrees",
  );
  agrees(tally(values("pil_posterize"), [4, 3]), [2.4 / 2.9, 0.5 / 2.9], "bits");
  follows(values("pil_shear_x").map(Math.abs), (x) => (x / 0.03 - 0.1) / 2.9, "shear");
  follows(values("pil_color"), (x) => ((x - 0.1) / 0.18 - 0.1) / 2.9, "factor");
  ok(values("pil_solarize").every((x) => x >= 180 && x <= 254 && Number.isInteger(x)));
  const shifts = values("pil_translate_y").map(Math.abs);
  agrees(tally(shifts, [0, 1, 2, 3]), shares(shifts.length, 32 / 30), "shift");
});

/** The shares of 0, 1, 2, … where a level l ~ U(0.1, 3) times `scale` is cut to a whole number. */
function shares(_count: number, scale: number): number[] {
  const below = (whole: number) => Math.min(1, Math.max(0, (whole / scale - 0.1) / 2.9));
  return [0, 1, 2, 3].map((whole) => below(whole + 1) - below(whole));
}

/** The weight of each chain and the picture's share of a mixture's plan. */
function weightsOf({ stages }: PicturePlan): { share: number; weights: number[] } {
  const sums = stages.flatMap(({ blend }) => blend?.kind === "weigh" ? [blend] : []);
  const share = 1 - sums[0]!.a;
  ok(sums.slice(1).every(({ a }) => a === 1));
  return { share, weights: sums.map(({ b }) => b / share) };
}

for (const method of ["augmix", "ipmix"] as const) {
  Deno.test(`${method} weighs chains by Dirichlet(1, 1, 1) and the mixture by U(0, 1)`, () => {
    const plans = plansOf(method, 20_000).map(weightsOf).filter(({ share }) => share > 1e-3);
    for (const { weights } of plans) {
      equal(weights.length, 3);
      ok(Math.abs(weights.reduce((a, b) => a + b) - 1) < 1e-9);
    }
    follows(plans.map(({ share }) => share), (x) => (x - 1e-3) / (1 - 1e-3), "share");
    for (const i of [0, 1, 2]) {
      follows(plans.map(({ weights }) => weights[i]!), (x) => 1 - (1 - x) ** 2, `weight ${i}`);
    }
  });
}

Deno.test("AugMix draws depths of 1, 2 and 3, and ops, evenly; --mixture-depth fixes them", () => {
  const plans = plansOf("augmix");
  const depths = plans.flatMap(({ stages }) => {
    const found = [0, 0, 0];
    let chain = 0;
    for (const { blend } of stages) {
      found[chain]!++;
      if (blend) chain++;
    }
    return found;
  });
  agrees(tally(depths, [1, 2, 3]), even(3), "depths");
  agrees(tally(opsIn(plans).map((o) => o!.op!), opSets.pil), even(9), "ops");
  const fixed = { ...optionsOf("augmix"), mixtureDepth: 2, mixtureWidth: 4 };
  equal(methods.augmix.plan(fixed, undefined, 5, 0).stages.length, 8);
});

Deno.test("IPMix draws ops and patches of the mixing picture evenly", () => {
  const plans = plansOf("ipmix");
  const chains = plans.flatMap(({ stages }) => {
    const found: { patches: number; ops: number }[] = [{ patches: 0, ops: 0 }];
    for (const { within, blend, a, b } of stages) {
      const chain = found.at(-1)!;
      if (within) chain.patches++;
      if (a.op || b?.op) chain.ops++;
      if (blend?.kind === "weigh") found.push({ patches: 0, ops: 0 });
    }
    return found.slice(0, -1);
  });
  equal(chains.length, 3 * plans.length);
  ok(chains.every(({ patches, ops }) => patches === 0 || ops === 0));
  const counts = chains.map(({ patches, ops }) => patches - ops);
  agrees(
    tally(counts, [-3, -2, -1, 0, 1, 2, 3]),
    [1, 1, 1, 2, 1, 1, 1].map((n) => n / 8),
    "counts",
  );
  agrees(tally(opsIn(plans).map((o) => o!.op!), ipmixPilOps), even(10), "ops");
  const kinds = plans.flatMap(({ stages }) => stages).filter(({ within }) => within);
  const names = ["add", "multiply", "random_pixels", "random_elems"] as const;
  agrees(tally(kinds.map(({ blend }) => blend!.kind), names), even(4), "blends");
  ok(kinds.every(({ bytes }) => bytes));
});

Deno.test("IPMix's patches are squares or rectangles inside the picture", () => {
  const stream = new Stream(4, 99);
  const found = Array.from({ length: COUNT }, () => drawPatch(stream, size));
  for (const { left, top, width, height } of found) {
    ok(left >= 0 && top >= 0 && width >= 2 && height >= 2);
    ok(left + width <= 32 && top + height <= 32);
  }
  // A quarter of all is of each side; half are squares, of the others 1 / (side - 1) in each way.
  const of = (side: number) => found.filter((p) => p.width === side && p.height === side).length;
  const inner = (side: number, larger: number[]) =>
    0.125 + 0.125 * [side, ...larger].reduce((sum, s) => sum + 1 / (s - 1) ** 2, 0);
  const expected = [inner(4, [8, 16, 32]), inner(8, [16, 32]), inner(16, [32]), inner(32, [])];
  const squares = [4, 8, 16, 32].map(of);
  const rest = 1 - expected.reduce((a, b) => a + b);
  agrees(
    [...squares, COUNT - squares.reduce((a, b) => a + b)],
    [...expected, rest],
    "squares",
  );
  const large = Array.from({ length: 2000 }, () => drawPatch(stream, { width: 224, height: 90 }));
  ok(large.some(({ width, height }) => width === 224 && height === 90));
  const tiny = Array.from({ length: 200 }, () => drawPatch(stream, { width: 1, height: 3 }));
  ok(tiny.every(({ left, width, top, height }) => left + width <= 1 && top + height <= 3));
});

Deno.test("RandomErasing erases half of the pictures, by torchvision's areas and ratios", () => {
  const patches = plansOf("random_erasing").map(({ stages }) => stages[0]?.within);
  agrees(tally(patches.map((patch) => !patch), [true, false]), half, "how often");
  for (const patch of patches) {
    if (!patch) continue;
    const { left, top, width, height } = patch;
    ok(left >= 0 && top >= 0 && left + width <= 32 && top + height <= 32);
    ok(width < 32 && height < 32);
    ok(width * height > 0.015 * 1024 && width * height < 0.36 * 1024);
  }
  const area = (low: number, high: number) =>
    patches.filter((p) => p && p.width * p.height / 1024 >= low && p.width * p.height / 1024 < high)
      .length;
  ok(area(0.05, 0.1) / area(0.1, 0.15) > 0.9 && area(0.05, 0.1) / area(0.1, 0.15) < 1.1);
});

Deno.test("every plan of every method and op set fits the machine", () => {
  for (const method of methodNames) {
    for (const ops of opSetNames) {
      for (const allOps of [true, false]) {
        const options = { ...optionsOf(method), ops, allOps };
        const { layout, ops: used, plan, pair } = methods[method];
        const shape = {
          ...{ ...layout(options), ...size, used: used(options) },
          ...{ batch: 50, views: 1, chunk: 20, together: 3, roundsTogether: 1 },
        };
        const table = new JobTable(shape, mixing);
        for (let epoch = 0; epoch < 20; epoch++) {
          const plans = Array.from({ length: 50 }, (_, i) => plan(options, mixing, i, epoch));
          table.encode(pair?.(options, plans) ?? plans);
          ok(table.count >= 50);
        }
      }
    }
  }
});

/** Augments pictures of `index` in the given order. */
async function augmented(gpu: Gpu, method: MethodName, indices: number[], batch: number) {
  const options: AugmentOptions = {
    ...optionsOf(method),
    ...{ method, batch, mean: [0.4, 0.5, 0.6], std: [0.2, 0.25, 0.3] },
  };
  const tape = new Tape(gpu, false);
  const augmenter = recordAugment(tape, options, mixing);
  const program = await tape.compile();
  const pictures = new Uint8Array(4096 * indices.length);
  indices.forEach((index, place) => {
    const stream = new Stream(8, 99, index);
    for (let i = 0; i < 4096; i++) pictures[4096 * place + i] = 255 * stream.uniform();
  });
  augmenter.upload(gpu, pictures, augmenter.plan(indices, 1));
  program.run();
  const output = await readFloats(gpu, augmenter.output.data);
  program.destroy();
  return indices.map((_, place) => output.slice(4096 * place, 4096 * (place + 1)));
}

for (const method of methodNames.filter((name) => !methods[name].pair)) {
  gpuTest(
    `${method}: a picture becomes the same in any batch, place and batch size`,
    async (gpu) => {
      const indices = Array.from({ length: 70 }, (_, i) => i);
      // More than are made at a time, so that slots are used again.
      const all = await augmented(gpu, method, indices, 150);
      const some = [69, 3, 64, 12];
      const few = await augmented(gpu, method, some, 5);
      some.forEach((index, place) => deepEqual(few[place], all[index]));
      const values = all.flatMap((picture) => [...picture.subarray(0, 64)]);
      ok(values.every(Number.isFinite) && new Set(values).size > 100);
    },
  );
}

gpuTest("random_erasing makes the patch 0 after normalisation and leaves the rest", async (gpu) => {
  const indices = Array.from({ length: 20 }, (_, i) => i);
  const [erased, plain] = [
    await augmented(gpu, "random_erasing", indices, 20),
    await augmented(gpu, "baseline", indices, 20),
  ];
  let found = 0;
  for (const index of indices) {
    const { within } = methods.random_erasing
      .plan(optionsOf("random_erasing"), undefined, index, 1).stages[0] ?? {};
    erased[index]!.forEach((value, i) => {
      const [x, y] = [(i >> 2) % 32, i >> 7];
      const inside = within && x >= within.left && x < within.left + within.width &&
        y >= within.top && y < within.top + within.height;
      equal(value, inside ? 0 : plain[index]![i]);
      if (inside) found++;
    });
  }
  ok(found > 500);
});
