import { autocontrastShort } from "../../lib/augment/autocontrast_short.ts";
import { blendKernels } from "../../lib/augment/blends.ts";
import { JobTable } from "../../lib/augment/encode.ts";
import {
  declareMachine,
  launchJobs,
  type MachineOptions,
  usesAutocontrastShort,
} from "../../lib/augment/machine.ts";
import { type MixingPictures, mixingRegion } from "../../lib/augment/mixing.ts";
import type { OpName } from "../../lib/augment/ops.ts";
import type { PicturePlan, Stage } from "../../lib/augment/plan.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { slotCount } from "../../lib/augment/jobs.ts";
import { golden, goldenFile, type GoldenTensor } from "../golden.ts";

/** A case of tests/golden/augment.json. */
export interface AugmentCase {
  name: string;
  op: string;
  // deno-lint-ignore no-explicit-any
  params: any;
  input: string | string[];
  output: string | Record<string, string>;
  tolerance: number;
}

/** The cases whose name starts with `prefix`. */
export function cases(prefix: string): AugmentCase[] {
  const all: AugmentCase[] = JSON.parse(Deno.readTextFileSync(goldenFile("augment.json")));
  return all.filter(({ name }) => name.startsWith(prefix));
}

const files = new Map<string, Map<string, GoldenTensor>>();

/** The first `count` pictures of a golden tensor (… × 3 × height × width), in r, g, b, 0 order. */
export function pictures(file: string, name: string, count = Infinity): Float32Array[] {
  if (!files.has(file)) files.set(file, golden(file));
  const { shape, data } = files.get(file)!.get(name)!;
  const [height, width] = shape.slice(-2) as [number, number];
  const size = width * height, found = Math.min(count, data.length / (3 * size));
  return Array.from({ length: found }, (_, picture) => {
    const rgb0 = new Float32Array(4 * size);
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) rgb0[4 * i + c] = Number(data[(3 * picture + c) * size + i]);
    }
    return rgb0;
  });
}

/** A golden mask (1 or 3 × height × width), spread over r, g, b. */
export function mask(file: string, name: string): Float32Array {
  if (!files.has(file)) files.set(file, golden(file));
  const { shape, data } = files.get(file)!.get(name)!;
  const size = shape.at(-1)! * shape.at(-2)!;
  return new Float32Array(4 * size).map((_, i) =>
    i % 4 === 3 ? 0 : Number(data[(shape[0] === 1 ? 0 : i % 4) * size + (i >> 2)])
  );
}

/** The same pictures as bytes r, g, b, 255. */
export function bytes(file: string, name: string): Uint8Array<ArrayBuffer>[] {
  return pictures(file, name).map((picture) =>
    Uint8Array.from(picture, (value, i) => i % 4 === 3 ? 255 : value)
  );
}

/** A mixing set of pictures that all have the same size. */
export function mixingSet(
  list: readonly Uint8Array[],
  width: number,
  height: number,
): MixingPictures {
  const rgba = new Uint8Array(4 * width * height * list.length);
  list.forEach((picture, i) => rgba.set(picture, 4 * width * height * i));
  return {
    count: list.length,
    widths: new Uint32Array(list.length).fill(width),
    heights: new Uint32Array(list.length).fill(height),
    offsets: Uint32Array.from(list, (_, i) => i * width * height),
    rgba,
  };
}

/** A plan with the given stages and nothing else. */
export function planOf(stages: Stage[], index = 0, epoch = 0): PicturePlan {
  return { index, epoch, crop: { top: 0, left: 0, flip: false }, stages };
}

function opsIn(plans: readonly PicturePlan[]): OpName[] {
  const operands = plans.flatMap(({ stages }) => stages.flatMap(({ a, b }) => b ? [a, b] : [a]));
  return [...new Set(operands.flatMap(({ op }) => op ?? []))];
}

/**
 * Runs stages on pictures given in the slots: `start[slot][picture]`, r, g, b, 0 in [0, 1].
 * The outputs are not normalised.
 */
export async function runStages(
  gpu: Gpu,
  size: { width: number; height: number; seed?: number },
  start: readonly Float32Array[][],
  plans: readonly PicturePlan[],
  mixing?: MixingPictures,
): Promise<Float32Array[]> {
  const { width, height, seed = 0 } = size;
  const stages = Math.max(...plans.map(({ stages }) => stages.length));
  const options: MachineOptions = {
    ...{
      batch: plans.length,
      chunk: plans.length,
      together: 2,
      roundsTogether: 1,
      views: 1,
      width,
      height,
      seed,
      padding: 0,
    },
    ...{ slots: Math.max(2, start.length), given: start.length, temporaries: 2 },
    ...{ tables: 2 * stages, rounds: 3 + 3 * stages },
    ...{ jobs: 12 * stages, blends: [...blendKernels.keys()], mean: [0, 0, 0], std: [1, 1, 1] },
    used: opsIn(plans),
  };
  const tape = new Tape(gpu);
  const machine = declareMachine(tape, options, mixingRegion(tape, options, mixing));
  tape.record(launchJobs(tape, machine));
  const program = await tape.compile();
  const table = new JobTable(options, mixing);
  table.encode(plans);
  write(gpu, machine.jobs, table.jobs);
  write(gpu, machine.launches, table.tables.launches);
  write(gpu, machine.rows, table.tables.rows);
  if (usesAutocontrastShort(options)) write(gpu, machine.autocontrastShort, autocontrastShort());
  if (mixing) write(gpu, machine.mixing, mixing.rgba as BufferSource);
  const bytesEach = 16 * width * height;
  start.forEach((slot, s) =>
    slot.forEach((picture, i) =>
      write(gpu, machine.slots, picture as BufferSource, bytesEach * (i * slotCount(options) + s))
    )
  );
  program.run();
  const all = await readFloats(gpu, machine.output.data);
  program.destroy();
  return plans.map((_, i) => all.slice(4 * width * height * i, 4 * width * height * (i + 1)));
}

/** What equalize and mirroring are for floats they are for Pillow's bytes. */
export function pilName(op: string): OpName {
  if (op === "mirror") return "horizontal_flip";
  return op === "equalize" ? op : `pil_${op}` as OpName;
}

/** The largest difference between two pictures; infinite where a value is not a number. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    const difference = Math.abs(a[i]! - b[i]!);
    largest = Number.isFinite(difference) ? Math.max(largest, difference) : Infinity;
  }
  return largest;
}
