import blank from "../../kernels/augment/blank.wgsl" with { type: "text" };
import byte from "../../kernels/augment/byte.wgsl" with { type: "text" };
import copy from "../../kernels/augment/copy.wgsl" with { type: "text" };
import crop from "../../kernels/augment/crop.wgsl" with { type: "text" };
import machineCode from "../../kernels/augment/machine.wgsl" with { type: "text" };
import mixing from "../../kernels/augment/mixing.wgsl" with { type: "text" };
import pil from "../../kernels/augment/pil.wgsl" with { type: "text" };
import statistics from "../../kernels/augment/statistics.wgsl" with { type: "text" };
import blend from "../../kernels/blend/blend.wgsl" with { type: "text" };
import random from "../../kernels/random.wgsl" with { type: "text" };
import { bindingsOf } from "../gpu/bindings.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { blendKernels } from "./blends.ts";
import { chunkCount, JOB_WORDS, type MachineShape, RANGE_WORDS, unaryKernels } from "./encode.ts";
import { jobLoops } from "./job_loops.ts";
import { opKernels } from "./op_kernels.ts";
import { type OpName, ops } from "./ops.ts";
import { type Phase, slotCount } from "./schedule.ts";

/** Rows of four floats in a slot's table, as kernels/augment/machine.wgsl has them. */
const TABLE_ROWS = 261;
/** Workgroups of a launch, which share its jobs: more keep a GPU busy and a processor waiting. */
const GROUPS = { software: 4, hardware: 1024 };

/** What the kernels are specialised by, besides the shape. */
export interface MachineOptions extends MachineShape {
  /** Pixels of zeros around the picture before it is cropped. */
  padding: number;
  /** Per channel; output = (value - mean) / std. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
  /** Unsigned 32-bit. */
  seed: number;
}

/** The buffers of a machine of pictures; `kernels/augment/machine.wgsl` has their layout. */
export interface Machine {
  readonly options: MachineOptions;
  /** u8 r, g, b, ignored (batch × height × width). */
  readonly pictures: Region;
  readonly jobs: Region;
  readonly ranges: Region;
  /** f32 in [0, 1] (slots × chunk × height × width × 4). */
  readonly slots: Region;
  readonly tables: Region;
  /** What Pillow's autocontrast rounds down too far, where it is used; else a few unused bytes. */
  readonly autocontrastShort: Region;
  readonly mixing: Region;
  /** (batch × height × width × 3), normalised. */
  readonly output: Tensor;
}

/** Declares a machine's buffers; `mixing` holds pictures of u8 r, g, b, ignored. */
export function declareMachine(tape: Tape, options: MachineOptions, mixing: Region): Machine {
  const { batch, chunk, width, height, phases } = options;
  const slots = slotCount(options) * chunk;
  return {
    options,
    pictures: tape.region("pictures", 4 * batch * width * height),
    jobs: tape.region("jobs", 4 * JOB_WORDS * batch * options.jobs),
    ranges: tape.region("ranges", 4 * RANGE_WORDS * phases.length * chunkCount(options)),
    slots: tape.region("slots", 16 * slots * width * height),
    tables: tape.region("tables", 16 * TABLE_ROWS * slots),
    autocontrastShort: tape.region(
      "autocontrast short",
      usesAutocontrastShort(options) ? 2 ** 24 / 8 : 4,
    ),
    mixing,
    output: tape.tensor("augmented", [batch, height, width, 3], false),
  };
}

/** Whether the machine's `autocontrastShort` has to be written, once. */
export function usesAutocontrastShort({ used }: MachineOptions): boolean {
  return used.some((op) => ops[op].kernel.startsWith("pil_autocontrast"));
}

/** WGSL of a kind of launch; of the ops, only those that are used are reached. */
function codeOf(phase: Phase, used: readonly OpName[]): string {
  if (phase === "statistics") {
    return [machineCode, byte, pil, opKernels.grayscale, statistics].join("\n");
  }
  if (phase === "blend") return blendCode;
  const kernels = unaryKernels(used);
  return [
    ...[machineCode, byte, pil, crop, mixing, blank, copy, ...Object.values(opKernels)],
    jobLoops("unary", kernels.map((kernel) => `${kernel}(job, pixel)`)),
  ].join("\n");
}

const blendCode = [
  ...[machineCode, random, blend, ...blendKernels.values()],
  ...[...blendKernels.keys()].map((kernel) =>
    `fn blended_${kernel}(job: Job, pixel: u32) -> vec4<f32> {
  let p = slot_pixel(job.picture, job.a, pixel);
  let q = slot_pixel(job.picture, job.b, pixel);
  return within_patch(job, pixel, p, ${kernel}(job, pixel, p, q));
}
`
  ),
  jobLoops("blend", [...blendKernels.keys()].map((kernel) => `blended_${kernel}(job, pixel)`)),
].join("\n");

/** The launches that carry out all jobs, a chunk of pictures after the other. */
export function launchJobs(tape: Tape, machine: Machine): Launch[] {
  const { options: { phases } } = machine;
  return Array.from(
    { length: chunkCount(machine.options) },
    (_, chunk) =>
      phases.map((phase, i) => launchPhase(tape, machine, phase, chunk * phases.length + i)),
  ).flat();
}

function launchPhase(tape: Tape, machine: Machine, phase: Phase, number: number): Launch {
  const { options } = machine;
  const { width, height, chunk, mean, std, padding, seed, used } = options;
  const groups = tape.gpu.software ? GROUPS.software : GROUPS.hardware;
  const code = codeOf(phase, used);
  const [MEAN_R, MEAN_G, MEAN_B] = mean, [STD_R, STD_G, STD_B] = std;
  const shape = { WIDTH: width, HEIGHT: height, CHUNK: chunk, GROUPS: groups };
  const normalise = { MEAN_R, MEAN_G, MEAN_B, STD_R, STD_G, STD_B };
  const constants = {
    statistics: shape,
    unary: { ...shape, ...normalise, PADDING: padding },
    blend: { ...shape, ...normalise, SEED: seed },
  }[phase];
  const reached = bindingsOf(code, phase);
  const all = Object.entries(regionsOf(machine, number));
  const bindings = Object.fromEntries(all.filter(([name]) => reached.has(name)));
  return { kernel: phase, code, constants, bindings, groups: [groups] };
}

/** All buffers of a launch, by their names in WGSL. */
function regionsOf(machine: Machine, number: number): Record<string, Region> {
  const { pictures, jobs, ranges, slots, tables, autocontrastShort, mixing, output } = machine;
  return {
    ...{ pictures, jobs, slots, tables, mixing_pictures: mixing, normalised: output.data },
    autocontrast_short: autocontrastShort,
    ranges: part(ranges, 4 * RANGE_WORDS * number),
  };
}

/** The table of one launch, in the buffer of all. */
function part(ranges: Region, offset: number): Region {
  return {
    name: ranges.name,
    bytes: 4 * RANGE_WORDS,
    offset: ranges.offset + offset,
    get buffer() {
      return ranges.buffer;
    },
  };
}
