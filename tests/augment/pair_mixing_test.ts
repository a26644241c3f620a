import { deepEqual, equal, ok } from "node:assert/strict";
import { recordAugment } from "../../lib/augment/augmenter.ts";
import { methods } from "../../lib/augment/methods.ts";
import type { PicturePlan } from "../../lib/augment/plan.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { gpuTest } from "../gpu.ts";
import { agrees, follows } from "../random/distribution.ts";

const size = { width: 31, height: 18, padding: 2 };

/** Plans of one batch, by a batch's own seed. */
function planned(method: "mixup" | "cutmix", count: number, seed = 1, alpha = 1): PicturePlan[] {
  const options = { ...methods[method].defaults, ...size, seed, alpha };
  const plans = Array.from(
    { length: count },
    (_, i) => methods[method].plan(options, undefined, 50 + i, 2),
  );
  return methods[method].pair!(options, plans);
}

Deno.test("each picture's partner is the one before it, with the partner's own crop", () => {
  for (const method of ["mixup", "cutmix"] as const) {
    const plans = planned(method, 5);
    deepEqual(plans.map(({ partner }) => partner!.place), [4, 0, 1, 2, 3]);
    for (const { partner } of plans) {
      const own = plans[partner!.place]!;
      deepEqual([partner!.index, partner!.crop], [own.index, own.crop]);
    }
    equal(new Set(plans.map(({ partner }) => partner!.weight)).size, 1);
    equal(planned(method, 1)[0]!.partner!.place, 0);
    deepEqual(planned(method, 0), []);
  }
});

Deno.test("MixUp's share is from Beta(alpha, alpha), and the label's is the picture's", () => {
  for (
    const [alpha, distribution] of [
      [1, (x: number) => x],
      [2, (x: number) => x * x * (3 - 2 * x)],
    ] as const
  ) {
    const plans = Array.from({ length: 20_000 }, (_, seed) => planned("mixup", 2, seed, alpha)[1]!);
    follows(plans.map(({ partner }) => partner!.weight), distribution, `alpha ${alpha}`);
    for (const { partner, stages: [stage] } of plans) {
      const { a, b } = stage!.blend as { a: number; b: number };
      deepEqual([b, stage!.within], [partner!.weight, undefined]);
      ok(Math.abs(a + b - 1) < 1e-15);
    }
  }
});

Deno.test("CutMix's rectangle has a uniform center, 1 - λ of the area, and the label its share", () => {
  const plans = Array.from({ length: 20_000 }, (_, seed) => planned("cutmix", 2, seed)[0]!);
  const centers = new Array(size.width).fill(0);
  let whole = 0;
  for (const { partner, stages: [stage] } of plans) {
    const { left, top, width, height } = stage!.within!;
    ok(left >= 0 && top >= 0 && left + width <= size.width && top + height <= size.height);
    equal(partner!.weight, width * height / (size.width * size.height));
    if (left > 0 && left + width < size.width && width > 0) whole++;
    // An even width is uncut: its center is known.
    if (width === 10 && left > 0 && left + width < size.width) centers[left + 5]++;
  }
  ok(whole > 5000, `${whole} rectangles are not cut`);
  const inner = centers.slice(6, 26);
  agrees(inner, inner.map(() => 1 / inner.length), "centers of rectangles 10 wide");
  // Where nothing is cut, the width is 2 ⌊W √(1 - λ) / 2⌋.
  const tall = plans.filter(({ stages }) => stages[0]!.within!.width === 0).length;
  agrees([tall, plans.length - tall], [(2 / 31) ** 2, 1 - (2 / 31) ** 2], "no rectangle");
});

/** The pixels of a batch, r, g, b, 0. */
async function run(gpu: Gpu, method: "mixup" | "cutmix" | "baseline", seed: number) {
  const tape = new Tape(gpu), count = 5;
  const augmenter = recordAugment(tape, {
    ...{ ...methods[method].defaults, ...size, method, seed, batch: 6 },
    ...{ mean: [0, 0, 0], std: [1, 1, 1] },
  });
  const program = await tape.compile();
  const bytes = 4 * size.width * size.height;
  const pictures = new Uint8Array(count * bytes).map((_, i) => (i * i * 7 + i) % 251);
  const plans = augmenter.plan(Array.from({ length: count }, (_, i) => 9 + i), 3);
  augmenter.upload(gpu, pictures, plans);
  program.run();
  const all = await readFloats(gpu, augmenter.output.data);
  program.destroy();
  const found = plans.map((_, i) => all.subarray(i * bytes, (i + 1) * bytes));
  ok(all.subarray(count * bytes).every((value) => value === 0));
  return { plans, found };
}

gpuTest("MixUp and CutMix mix the cropped pictures of a batch", async (gpu) => {
  for (const seed of [1, 2]) {
    const { found: crops } = await run(gpu, "baseline", seed);
    for (const method of ["mixup", "cutmix"] as const) {
      const { plans, found } = await run(gpu, method, seed);
      for (const [i, { partner, stages: [stage] }] of plans.entries()) {
        const own = crops[i]!, other = crops[partner!.place]!;
        const { left, top, width, height } = stage!.within ??
          { left: 0, top: 0, width: 31, height: 18 };
        found[i]!.forEach((value, at) => {
          const x = (at >> 2) % 31, y = Math.floor((at >> 2) / 31);
          const inside = x >= left && x < left + width && y >= top && y < top + height;
          const weight = !inside ? 0 : method === "cutmix" ? 1 : partner!.weight;
          const expected = (1 - weight) * own[at]! + weight * other[at]!;
          ok(Math.abs(value - expected) < 1e-6, `${method} ${seed} ${i} ${at}`);
        });
      }
    }
  }
});
