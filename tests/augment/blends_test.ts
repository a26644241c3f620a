import { deepEqual, equal, ok } from "node:assert/strict";
import type { Blend, Stage } from "../../lib/augment/plan.ts";
import { philox } from "../../lib/random/philox.ts";
import { Purpose } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { cases, distance, pictures, planOf, runStages } from "./fixture.ts";

const size = { width: 32, height: 32, seed: 7 };

/** A plan that blends slot 0 with slot 1. */
function blending(blend: Blend) {
  return planOf([{ a: { from: 0 }, b: { from: 1 }, blend, to: "output" }]);
}

gpuTest("add and multiply agree with PyTorch", async (gpu) => {
  const chosen = cases("blend/").filter(({ params }) => "a" in params);
  const plans = chosen.map(({ op, params: { a, b } }) =>
    blending({ kind: op as "add" | "multiply", a, b })
  );
  const [p] = pictures("blends", "x", 1), [q] = pictures("blends", "y", 1);
  const results = await runStages(gpu, size, [plans.map(() => p!), plans.map(() => q!)], plans);
  equal(chosen.length, 6);
  for (const [i, { name, output, tolerance }] of chosen.entries()) {
    const { clipped } = output as Record<string, string>;
    const error = distance(results[i]!, pictures("blends", clipped!, 1)[0]!);
    ok(error <= tolerance, `${name}: off by ${error}`);
  }
});

gpuTest("blends stay numbers in [0, 1] for the most extreme pictures and weights", async (gpu) => {
  const values = [0, 1e-45, 1e-38, 1e-30, 1e-3, 1 / 255, 0.25, 0.5, 0.75, 1];
  const p = new Float32Array(4 * 1024).map((_, i) => i % 4 === 3 ? 0 : values[(i >> 2) % 10]!);
  const q = new Float32Array(4 * 1024).map((_, i) =>
    i % 4 === 3 ? 0 : values[Math.floor((i >> 2) / 10) % 10]!
  );
  const weights = [0, 1e-7, 0.5, 1, 1.5, 2], plans = [];
  for (const a of weights) {
    for (const b of [-1, -0.999999, -0.5, -1e-7, 0, 1e-7, 0.5, 1]) {
      plans.push(blending({ kind: "multiply", a, b }), blending({ kind: "add", a, b }));
    }
  }
  const results = await runStages(gpu, size, [plans.map(() => p), plans.map(() => q)], plans);
  for (const [i, result] of results.entries()) {
    ok(result.every((value) => value >= 0 && value <= 1), JSON.stringify(plans[i]));
  }
});

gpuTest("multiply is 0 where its first picture is 0, whatever the other factor", async (gpu) => {
  const p = new Float32Array(4 * 1024), q = new Float32Array(4 * 1024);
  const plan = blending({ kind: "multiply", a: 1.5, b: -1 });
  const [result] = await runStages(gpu, size, [[p], [q]], [plan]);
  ok(result!.every((value) => value === 0));
});

gpuTest("a blend within a patch leaves the rest of the first picture", async (gpu) => {
  const [p] = pictures("blends", "x", 1), [q] = pictures("blends", "y", 1);
  const within = { top: 3, left: 20, width: 12, height: 5 };
  const blend = { kind: "add", a: 0, b: 1 } as const;
  const plan = planOf([{ a: { from: 0 }, b: { from: 1 }, blend, within, to: "output" }]);
  const [result] = await runStages(gpu, size, [[p!], [q!]], [plan]);
  const expected = p!.map((value, i) => {
    const x = (i >> 2) % 32, y = i >> 7;
    return x >= 20 && x < 32 && y >= 3 && y < 8 ? q![i]! : value;
  });
  ok(distance(result!, expected) < 1e-6);
});

gpuTest("random blends choose as the host's Philox does, with probability keep", async (gpu) => {
  const [p] = pictures("blends", "x", 1), [q] = pictures("blends", "y", 1);
  const keep = 0.3, index = 12345, epoch = 6;
  const kinds = ["random_pixels", "random_elems"] as const;
  const copy: Stage = { a: { from: 1 }, to: 2 };
  const plans = kinds.map((kind) =>
    planOf(
      [copy, { a: { from: 0 }, b: { from: 2 }, blend: { kind, keep }, to: "output" }],
      index,
      epoch,
    )
  );
  const results = await runStages(gpu, size, [[p!, p!], [q!, q!], [p!, p!]], plans);
  for (const [k, kind] of kinds.entries()) {
    let kept = 0;
    const expected = q!.slice();
    for (let pixel = 0; pixel < 1024; pixel++) {
      const words = philox([index, epoch, 1, pixel], [size.seed, Purpose.blend]);
      for (let channel = 0; channel < 3; channel++) {
        const word = words[kind === "random_pixels" ? 0 : channel]!;
        if ((word >>> 8) * 2 ** -24 >= Math.fround(keep)) continue;
        expected[4 * pixel + channel] = p![4 * pixel + channel]!;
        kept++;
      }
    }
    deepEqual(results[k], expected);
    // Five standard deviations of the mean of 1024 draws.
    ok(Math.abs(kept / 3072 - keep) < 5 * Math.sqrt(keep * (1 - keep) / 1024));
  }
});
