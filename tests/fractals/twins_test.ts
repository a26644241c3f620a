import { ok } from "node:assert/strict";
import { encodeOrbit, Fold, iterate, type Orbit, ORBIT_BYTES } from "../../lib/fractals/orbit.ts";
import { code } from "../../lib/fractals/renderer.ts";
import {
  drawSystem,
  encodeSystem,
  symmetric,
  SYSTEM_BYTES,
  walk,
} from "../../lib/fractals/system.ts";
import { type Point, variation, variationNames } from "../../lib/fractals/variation.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";

/** Runs a WGSL expression of `p`, `word` and `given` for each point; four numbers each. */
async function run(
  gpu: Gpu,
  source: string,
  given: { type: string; data: ArrayBuffer },
  expression: string,
  points: readonly Point[],
  words: readonly number[] = points.map(() => 0),
): Promise<number[][]> {
  const tape = new Tape(gpu, false), count = points.length;
  const inputs = tape.region("inputs", 8 * count), bits = tape.region("words", 4 * count);
  const described = tape.region("given", given.data.byteLength);
  const outputs = tape.region("outputs", 16 * count);
  tape.record([{
    kernel: "twin",
    code: `const PI = ${Math.PI};
${source}
@group(0) @binding(0) var<storage, read> inputs: array<vec2<f32>>;
@group(0) @binding(1) var<storage, read> words: array<u32>;
@group(0) @binding(2) var<storage, read> given: ${given.type};
@group(0) @binding(3) var<storage, read_write> outputs: array<vec4<f32>>;
@compute @workgroup_size(1)
fn twin(@builtin(workgroup_id) id: vec3<u32>) {
  let p = inputs[id.x];
  let word = words[id.x];
  ${expression}
}
`,
    bindings: { inputs, words: bits, given: described, outputs },
    groups: [count],
  }]);
  const program = await tape.compile();
  write(gpu, inputs, Float32Array.from(points.flat()));
  write(gpu, bits, Uint32Array.from(words));
  write(gpu, described, given.data);
  program.run();
  const all = [...await readFloats(gpu, outputs)];
  program.destroy();
  return points.map((_, i) => all.slice(4 * i, 4 * i + 4));
}

const near = (a: number, b: number, tolerance: number) =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

function pointsOf(key: number, count: number, reach: number): Point[] {
  const stream = new Stream(key, 99);
  const coordinate = () => Math.fround(stream.between(-reach, reach));
  return Array.from({ length: count }, () => [coordinate(), coordinate()] as const);
}

gpuTest("every variation on the GPU is its float64 twin", async (gpu) => {
  const points = pointsOf(1, 60, 2), given = { type: "u32", data: new ArrayBuffer(4) };
  for (let number = 0; number < variationNames.length; number++) {
    for (const flip of [false, true]) {
      const expression = `outputs[id.x] =
        vec4(variation(${number}u + 0u * (given + word), p, ${flip}), 0.0, 0.0);`;
      const found = await run(gpu, code.chaos, given, expression, points);
      points.forEach((point, i) => {
        const expected = variation(number, point, flip);
        for (const c of [0, 1]) {
          ok(
            near(found[i]![c]!, expected[c]!, 2e-4),
            `${variationNames[number]} of ${point}: ${found[i]} instead of ${expected}`,
          );
        }
      });
    }
  }
});

gpuTest("a step of the chaos game is its float64 twin", async (gpu) => {
  const points = pointsOf(2, 100, 1), stream = new Stream(3, 99);
  const words = points.map(() => stream.word());
  for (const isFlame of [false, true]) {
    const system = drawSystem(new Stream(4, 99), isFlame);
    const data = new ArrayBuffer(SYSTEM_BYTES);
    encodeSystem(system, new DataView(data), 0);
    const expression = `let draw = word & (PICKS - 1u);
  let pick = given.picks[draw >> 2u][draw & 3u];
  let walker = walk(given.maps[pick], Walker(p, 0.25), word);
  let turned = symmetric(given.symmetry, given.mirrored, walker.position, word);
  outputs[id.x] = vec4(turned, walker.color, 0.0);`;
    const found = await run(gpu, code.chaos, { type: "System", data }, expression, points, words);
    points.forEach((position, i) => {
      const walker = walk(system, { position, color: 0.25 }, words[i]!);
      const expected = [...symmetric(system, walker.position, words[i]!), walker.color];
      expected.forEach((value, c) => ok(near(found[i]![c]!, value, 5e-4), `${i}: ${found[i]}`));
    });
  }
});

const plain: Orbit = {
  ...{ formula: "power", power: 2, folds: 0, iterations: 12, constant: [0, 0], isJulia: false },
  ...{ memory: [0, 0], trap: 0, trapWeight: 0, trapSize: 0, rootWeight: 0, low: 0, high: 1 },
};
const orbits: Record<string, Orbit> = {
  mandelbrot: plain,
  "cubic Julia": { ...plain, power: 3, isJulia: true, constant: [0.4, 0.3] },
  "burning ship": { ...plain, folds: Fold.x + Fold.y },
  tricorn: { ...plain, folds: Fold.conjugate },
  phoenix: { ...plain, isJulia: true, constant: [0.5667, 0], memory: [-0.5, 0.1] },
  barnsley: { ...plain, iterations: 60, formula: "barnsley", isJulia: true, constant: [1.2, 1.1] },
  newton: { ...plain, formula: "newton", power: 3, isJulia: true, memory: [1, 0] },
  nova: { ...plain, formula: "newton", power: 4, memory: [0.9, 0.2] },
};

for (const [name, orbit] of Object.entries(orbits)) {
  gpuTest(`the orbits of ${name} end as those of the float64 twin`, async (gpu) => {
    const points = pointsOf(5, 200, 2), data = new ArrayBuffer(ORBIT_BYTES);
    encodeOrbit(orbit, new DataView(data), 0);
    const of = orbit.formula === "newton" ? "newton" : "escape";
    const expression = `let end = ${of}(given, p);
  outputs[id.x] = vec4(f32(end.count + 0u * word), end.smooth_count, end.z);`;
    const found = await run(gpu, code.escape, { type: "Orbit", data }, expression, points);
    // Orbits are chaotic: near a border rounding decides.
    const agreeing = points.filter((point, i) => {
      const { count, smoothCount } = iterate(orbit, point);
      return found[i]![0] === count && near(found[i]![1]!, smoothCount, 1e-3);
    });
    ok(agreeing.length >= 0.97 * points.length, `${agreeing.length} of ${points.length} agree`);
    ok(new Set(points.map((point) => iterate(orbit, point).count)).size > 2);
  });
}
