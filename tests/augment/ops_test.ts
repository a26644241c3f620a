import { deepEqual, ok } from "node:assert/strict";
import { opSets } from "../../lib/augment/op_sets.ts";
import { type OpName, ops } from "../../lib/augment/ops.ts";
import type { Operand } from "../../lib/augment/plan.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { pilAffine } from "../reference/pil_affine.ts";
import {
  type AugmentCase,
  cases,
  distance,
  pictures,
  pilName,
  planOf,
  runStages,
} from "./fixture.ts";

function operand({ name, op, params }: AugmentCase): Operand {
  const value = params.bits ?? params.threshold ?? params.degrees ?? params.level ??
    params.pixels ??
    params.factor ?? params.cutoff;
  if (params.cutoff) return { from: 0, op: "pil_autocontrast_trimmed", value };
  return { from: 0, op: name.startsWith("pil/") ? pilName(op) : torchName(op), value };
}

/** Torchvision calls it saturation. */
function torchName(op: string): OpName {
  return op === "saturation" ? "color" : op as OpName;
}

interface Size {
  width: number;
  height: number;
}

const inputs = [["small", 32, 32], ["small4", 32, 32], ["wide", 64, 48]] as const;

for (const [input, width, height] of inputs) {
  gpuTest(`every op agrees with torchvision on the ${input} pictures`, async (gpu) => {
    // Torchvision refuses a threshold above 1.
    const chosen = cases("ops/").filter((found) => found.input === input && found.output);
    const expected = chosen.map(({ output }) => pictures("ops", output as string));
    const source = pictures("ops", input);
    const start = expected.flatMap((list) => source.slice(0, list.length));
    const plans = chosen.flatMap((found, i) =>
      expected[i]!.map(() => planOf([{ a: operand(found), to: "output" }]))
    );
    const results = await runStages(gpu, { width, height }, [start], plans);
    let next = 0;
    for (const [i, { name, tolerance }] of chosen.entries()) {
      for (const picture of expected[i]!) {
        const error = distance(results[next++]!, picture);
        ok(error <= tolerance, `${name}: off by ${error}`);
      }
    }
    ok(next > 0 && next === results.length);
  });
}

/** How close to a whole number Pillow's doubles may be before their last bits decide. */
const TIE = 1e-6;

/**
 * Where a byte may differ by one: where Pillow's doubles are whole but for their rounding, which
 * happens for values of few decimals such as those of the golden cases, and which nothing but doubles
 * can repeat. The twin in doubles has to agree everywhere.
 */
function ties({ op, params }: AugmentCase, source: Float32Array, golden: Float32Array, size: Size) {
  const { affine } = ops[pilName(op)];
  if (!affine || op === "mirror") return undefined;
  const map = affine(Object.values(params)[0] as number, size.width, size.height);
  const exact = pilAffine({ ...size, data: source }, map);
  deepEqual(Float32Array.from(exact, Math.floor), golden);
  if (map.every(Number.isInteger)) return undefined;
  return exact.map((value) => Number(Math.abs(value - Math.round(value)) < TIE));
}

for (const [input, width, height] of [["small_u8", 32, 32], ["wide_u8", 64, 48]] as const) {
  gpuTest(`every op on bytes is Pillow's on the ${input} pictures`, async (gpu) => {
    const chosen = cases("pil/").filter((found) => found.input === input);
    const source = pictures("pil_ops", input);
    const jobs = chosen.flatMap((found) =>
      pictures("pil_ops", found.output as string).map((golden, i) => ({ found, golden, i }))
    );
    const start = jobs.map(({ i }) => source[i]!.map((value) => value / 255));
    const plans = jobs.map(({ found }) => planOf([{ a: operand(found), to: "output" }]));
    const results = await runStages(gpu, { width, height }, [start], plans);
    let allowed = 0;
    for (const [n, { found, golden, i }] of jobs.entries()) {
      const tied = ties(found, source[i]!, golden, { width, height });
      results[n]!.forEach((value, at) => {
        const off = Math.abs(255 * value - golden[at]!);
        ok(off < 1e-4 || (tied?.[at] && off < 1.0001), `${found.name} at ${at}: off by ${off}`);
        if (off > 0.5) allowed++;
      });
    }
    ok(allowed <= 2e-4 * start.length * start[0]!.length, `${allowed} ties`);
  });
}

gpuTest("autocontrast leaves out one share of the pixels after another", async (gpu) => {
  const [first, second] = cases("pil/autocontrast").filter(({ params }) => params.cutoff);
  const source = pictures("pil_ops", first!.input as string)[0]!.map((value) => value / 255);
  const blend = { kind: "weigh", a: 0.25, b: 0.75 } as const;
  const plan = planOf([
    { a: operand(first!), to: 1 },
    { a: { from: 1 }, b: operand(second!), blend, to: "output" },
  ]);
  const [found] = await runStages(gpu, { width: 32, height: 32 }, [[source]], [plan]);
  const [p, q] = [first, second].map((one) => pictures("pil_ops", one!.output as string)[0]!);
  const expected = p!.map((value, i) => (0.25 * value + 0.75 * q![i]!) / 255);
  ok(distance(found!, expected) < 1e-6 && distance(p!, q!) > 1);
});

gpuTest("autocontrast and equalize keep a picture of one color", async (gpu) => {
  const flat = new Float32Array(4 * 17 * 5).map((_, i) => i % 4 === 3 ? 0 : 51 / 255);
  const plans = (["autocontrast", "equalize"] as const).map((op) =>
    planOf([{ a: { from: 0, op }, to: "output" }])
  );
  const results = await runStages(gpu, { width: 17, height: 5 }, [[flat, flat]], plans);
  for (const result of results) ok(distance(result, flat) <= 1e-7);
});

/** The range of each op's value at magnitude 3 on pictures 32 wide and 20 high (SPEC, section 1). */
const ranges: Record<string, Partial<Record<OpName, [number, number]>>> = {
  reference: {
    posterize: [0, 1],
    posterize_increasing: [3, 4],
    solarize: [0.1, 0.3],
    solarize_increasing: [-0.2, 0.1],
    rotate: [-9, 9],
    shear_x: [-0.1, 0.1],
    shear_y: [-0.1, 0.1],
    translate_x: [-3, 3],
    translate_y: [-1.8, 1.8],
  },
  corrected: {
    posterize: [3, 4],
    solarize: [0.7, 0.99],
    rotate: [-9, 9],
    shear_x: [-0.09, 0.09],
    shear_y: [-0.09, 0.09],
    translate_x: [-3, 3],
    translate_y: [-1, 1],
  },
};

for (const set of ["reference", "corrected"] as const) {
  Deno.test(`the values of the ${set} ops fill their ranges`, () => {
    const settings = { magnitude: 3, width: 32, height: 20 };
    const stream = new Stream(1, 99);
    for (const op of opSets[set]) {
      const rule = ops[op].draw?.[set], range = ranges[set]![op];
      deepEqual(rule === undefined, range === undefined, op);
      if (!rule || !range) continue;
      const values = Array.from({ length: 2000 }, () => rule(stream, settings));
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const slack = 0.01 * (range[1] - range[0]);
      ok(low >= range[0] && low <= range[0] + slack, `${op}: ${low}`);
      ok(high <= range[1] && high >= range[1] - slack, `${op}: ${high}`);
    }
  });
}
