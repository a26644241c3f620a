import { equal, ok } from "node:assert/strict";
import { mixtureStage } from "../../lib/augment/augmix.ts";
import type { OpName } from "../../lib/augment/ops.ts";
import type { Blend, Operand, Stage } from "../../lib/augment/plan.ts";
import { gpuTest } from "../gpu.ts";
import {
  type AugmentCase,
  bytes,
  cases,
  distance,
  mask,
  mixingSet,
  pictures,
  pilName,
  planOf,
  runStages,
} from "./fixture.ts";

const size = { width: 32, height: 32 };
const tensor = (name: string) => pictures("traces", name)[0]!;
const mixing = mixingSet(bytes("traces", "mixing_u8"), 32, 32);
const mixingCrop = { picture: 0, top: 0, left: 0 };

/** Pictures for slots 0 and 1, the stages to run on them and the picture that must come out. */
interface Check {
  name: string;
  start: [Float32Array, Float32Array];
  stages: Stage[];
  expected: Float32Array;
  tolerance: number;
}

function operand(from: number, op: OpName, values: Record<string, number>): Operand {
  return { from, op, value: Object.values(values)[0] };
}

const isRandom = ({ kind }: Blend) => kind.startsWith("random");

/** Every stage of a LayerMix trace by itself, from the trace's own pictures. */
function stagesOf({ name, params: { op, op_values, blends }, tolerance }: AugmentCase): Check[] {
  const [image, at] = [tensor("image"), (part: string) => tensor(`${name}/${part}`)];
  const checks: Check[] = [];
  const check = (start: [Float32Array, Float32Array], stage: Omit<Stage, "to">, part: string) =>
    checks.push({
      name: `${name} ${part}`,
      start,
      stages: [{ ...stage, to: "output" }],
      expected: at(part),
      tolerance,
    });
  check([image, image], { a: operand(0, op, op_values[0]) }, "aug1");
  if (blends.length > 0) {
    check([image, image], { a: operand(0, op, op_values[1]) }, "aug2");
    const stage = { a: { from: 0 }, b: { from: 1 }, blend: blends[0] };
    if (!isRandom(blends[0])) check([at("aug1"), at("aug2")], stage, "clip1");
  }
  if (blends.length > 1) {
    const stage: Omit<Stage, "to"> = { a: { from: 0 }, b: { from: "mixing" }, blend: blends[1] };
    if (!isRandom(blends[1])) check([at("clip1"), image], stage, "clip2");
    check([at("clip2"), image], { a: operand(0, op, op_values[2]) }, "final");
  }
  return checks;
}

/** A whole LayerMix trace, from the picture to the end. */
function wholeOf({ name, params: { op, op_values, blends }, tolerance }: AugmentCase): Check {
  const image = tensor("image");
  const layer = (i: number) => operand(0, op, op_values[i]);
  const stages: Stage[] = blends.length === 0 ? [{ a: layer(0), to: "output" }] : [
    { a: layer(0), b: layer(1), blend: blends[0], to: blends.length === 1 ? "output" : 1 },
  ];
  if (blends.length === 2) {
    stages.push(
      { a: { from: 1 }, b: { from: "mixing" }, blend: blends[1], to: 0 },
      { a: layer(2), to: "output" },
    );
  }
  return { name, start: [image, image], stages, expected: tensor(`${name}/final`), tolerance };
}

async function run(gpu: Parameters<typeof runStages>[0], checks: Check[]): Promise<void> {
  const start = [0, 1].map((slot) => checks.map((check) => check.start[slot]!));
  const plans = checks.map(({ stages }) => ({ ...planOf(stages), mixing: mixingCrop }));
  const results = await runStages(gpu, size, start, plans, mixing);
  for (const [i, { name, expected, tolerance }] of checks.entries()) {
    const error = distance(results[i]!, expected);
    ok(error <= tolerance, `${name}: off by ${error}`);
  }
}

gpuTest("each stage of the LayerMix traces agrees with PyTorch", async (gpu) => {
  const checks = cases("trace/layermix").flatMap(stagesOf);
  equal(checks.length, 32);
  await run(gpu, checks);
});

gpuTest("whole LayerMix traces without random blends agree with PyTorch", async (gpu) => {
  const chosen = cases("trace/layermix").filter(({ params }) => !params.blends.some(isRandom));
  equal(chosen.length, 7);
  await run(gpu, chosen.map(wholeOf));
});

Deno.test("the traces' random blends keep the first picture where the mask is 1", () => {
  let found = 0;
  for (const { name, params: { blends } } of cases("trace/layermix")) {
    for (const [i, blend] of (blends as Blend[]).entries()) {
      if (!isRandom(blend)) continue;
      const p = tensor(`${name}/${i === 0 ? "aug1" : "clip1"}`);
      const q = i === 0 ? tensor(`${name}/aug2`) : tensor("mixing");
      const clip = tensor(`${name}/clip${i + 1}`);
      const kept = mask("traces", `${name}/mask${i + 1}`);
      const chosen = clip.map((_, j) => kept[j] ? p[j]! : q[j]!);
      equal(distance(chosen, clip), 0, name);
      found++;
    }
  }
  equal(found, 4);
});

gpuTest("the register machine runs an AugMix trace", async (gpu) => {
  const [{ name, params, tolerance }] = cases("trace/augmix") as [AugmentCase];
  const { weights: [u, v, w], m, chains } = params;
  const mix = (a: number, b: number, to: Stage["to"], first: number, second: number): Stage => ({
    a: { from: first },
    b: { from: second },
    // Weights that add up to 1 make `add` the weighted mean.
    blend: { kind: "add", a, b },
    to,
  });
  const chain = (list: Record<string, never>[], [even, odd]: readonly [number, number]): Stage[] =>
    list.map(({ op, ...values }, i) => ({
      a: operand(i === 0 ? 0 : i % 2 ? even : odd, op!, values),
      to: i % 2 ? odd : even,
    }));
  const stages = [
    ...chain(chains[0], [2, 1]),
    ...chain(chains[1], [2, 3]),
    mix(u / (u + v), v / (u + v), 3, 1, 2),
    ...chain(chains[2], [1, 2]),
    mix(u + v, w, 2, 3, 1),
    mix(1 - m, m, "output", 0, 2),
  ];
  const image = tensor("image");
  const start = [0, 1, 2, 3].map(() => [image]);
  const [result] = await runStages(gpu, size, start, [planOf(stages)]);
  const error = distance(result!, tensor(`${name}/final_m_on_mix`));
  ok(error <= tolerance, `${name}: off by ${error}`);
});

gpuTest("the register machine runs a PixMix trace", async (gpu) => {
  const [{ name, params: { first, layers }, tolerance }] = cases("trace/pixmix") as [AugmentCase];
  const other = ({ op, ...values }: Record<string, never>) => operand(0, op!, values);
  const stages: Stage[] = [{ a: other(first), to: 1 }];
  for (const [i, { augment, kind, a, b }] of layers.entries()) {
    const from = 1 + i % 2;
    stages.push({
      a: { from },
      b: augment ? other(augment) : { from: "mixing" },
      blend: { kind, a, b },
      to: i === layers.length - 1 ? "output" : 3 - from,
    });
  }
  const plan = { ...planOf(stages), mixing: mixingCrop };
  const image = tensor("image");
  const [result] = await runStages(gpu, size, [[image], [image], [image]], [plan], mixing);
  const error = distance(result!, tensor(`${name}/final`));
  ok(error <= tolerance, `${name}: off by ${error}`);
});

/** A picture of bytes in a trace, as shares of 255. */
const share = (name: string) => tensor(name).map((value) => value / 255);

/** The stages that pass `from` through ops, by way of slots 4 and 5. */
function chainStages(list: readonly Record<string, never>[], to: Stage["to"]): Stage[] {
  return list.map(({ op, ...values }, i) => ({
    a: { from: i === 0 ? 0 : 4 + i % 2, op: pilName(op!), value: Object.values(values)[0] },
    to: i === list.length - 1 ? to : 4 + (i + 1) % 2,
  }));
}

gpuTest("Pillow's AugMix trace: each chain, and the mixture", async (gpu) => {
  const [{ name, params: { weights, m, chains }, tolerance }] = cases("trace/augmix_pil") as [
    AugmentCase,
  ];
  const start = slotsOf(share("image_u8"));
  for (const [i, chain] of chains.entries()) {
    const [result] = await runStages(gpu, size, start, [planOf(chainStages(chain, "output"))]);
    ok(distance(result!, share(`${name}/chain${i}_u8`)) < 1e-7, `chain ${i}`);
  }
  const ends = ["image_u8", "image_u8", ...[0, 1, 2].map((i) => `${name}/chain${i}_u8`)];
  const slots = ends.map((end) => [share(end)]);
  const stages = [0, 1, 2].map((i) => mixtureStage({ from: 2 + i }, i, 3, m, weights[i]));
  const [result] = await runStages(gpu, size, slots, [planOf(stages)]);
  const error = distance(result!, tensor(`${name}/final`));
  ok(error <= tolerance, `${name}: off by ${error}`);
});

gpuTest("Pillow's IPMix trace: each chain and patch, and the mixture", async (gpu) => {
  const [{ name, params: { weights, m, chains }, tolerance }] = cases("trace/ipmix_pil") as [
    AugmentCase,
  ];
  const trace = (part: string) => share(`${name}/clip/${part}_u8`);
  const image = share("image_u8");
  for (const i of [0, 2]) {
    const stages = chainStages(chains[i].ops, "output");
    const [result] = await runStages(gpu, size, slotsOf(image), [planOf(stages)]);
    ok(distance(result!, trace(`chain${i}`)) < 1e-7, `chain ${i}`);
  }
  let patches = 0;
  for (const [i, { left, top, right, bottom, ...blend }] of chains[1].patches.entries()) {
    if (isRandom(blend)) continue;
    const within = { left, top, width: right - left, height: bottom - top };
    const stage = { a: { from: 0 }, b: { from: "mixing" }, blend, within, bytes: true } as const;
    const plan = { ...planOf([{ ...stage, to: "output" }]), mixing: mixingCrop };
    const before = i === 0 ? image : trace(`chain1_patch${i - 1}`);
    const [result] = await runStages(gpu, size, slotsOf(before), [plan], mixing);
    const error = distance(result!, trace(`chain1_patch${i}`));
    ok(error <= (tolerance as unknown as { u8: number }).u8 / 255 + 1e-6, `patch ${i}: ${error}`);
    patches++;
  }
  equal(patches, 2);
  const ends = [image, image, trace("chain0"), trace("chain1"), trace("chain2")];
  const stages = [0, 1, 2].map((i) => mixtureStage({ from: 2 + i }, i, 3, m, weights[i]));
  const slots = ends.map((picture) => [picture]);
  const [result] = await runStages(gpu, size, slots, [planOf(stages)]);
  const error = distance(result!, tensor(`${name}/clip/final`));
  ok(error <= (tolerance as unknown as { final: number }).final, `${name}: off by ${error}`);
});

function slotsOf(picture: Float32Array): Float32Array[][] {
  return [0, 1, 2, 3, 4, 5].map(() => [picture]);
}
