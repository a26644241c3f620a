import blank from "../../kernels/augment/blank.wgsl" with { type: "text" };
import byte from "../../kernels/augment/byte.wgsl" with { type: "text" };
import copy from "../../kernels/augment/copy.wgsl" with { type: "text" };
import crop from "../../kernels/augment/crop.wgsl" with { type: "text" };
import machineCode from "../../kernels/augment/machine.wgsl" with { type: "text" };
import mixing from "../../kernels/augment/mixing.wgsl" with { type: "text" };
import show from "../../kernels/augment/show.wgsl" with { type: "text" };
import pil from "../../kernels/augment/pil.wgsl" with { type: "text" };
import statistics from "../../kernels/augment/statistics.wgsl" with { type: "text" };
import byteSlotsCode from "../../kernels/augment/byte_slots.wgsl" with { type: "text" };
import floatSlotsCode from "../../kernels/augment/float_slots.wgsl" with { type: "text" };
import blend from "../../kernels/blend/blend.wgsl" with { type: "text" };
import random from "../../kernels/random.wgsl" with { type: "text" };
import { bindingsOf } from "../gpu/bindings.ts";
import type { Launch, Region } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { blendKernels } from "./blends.ts";
import { JOB_WORDS } from "./encode.ts";
import {
  groupCount,
  jobKinds,
  launchCount,
  launchWords,
  type MachineShape,
  rowWords,
} from "./machine_shape.ts";
import { type JobCode, jobLoops } from "./job_loops.ts";
import { opKernels } from "./op_kernels.ts";
import { ops } from "./ops.ts";
import { slotCount } from "./jobs.ts";
import {
  blockCount,
  blockOf,
  isInStep,
  isLarge,
  lanesOf,
  partsOf,
  slotBytes,
  UNROLL,
} from "./work_split.ts";

/** As in kernels/augment/statistics.wgsl. */
const TABLE_WORDS = { inStep: 2319, others: 1551 };

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
  /** u8 r, g, b, ignored (sources × height × width). */
  readonly pictures: Region;
  readonly jobs: Region;
  readonly rows: Region;
  readonly launches: Region;
  /** f32 in [0, 1] (chunk × slots of floats × height × width × 4), and then the output. */
  readonly slots: Region;
  /** u8 r, g, b, 0 (chunk × slots × height × width), where slots hold bytes; else unused. */
  readonly byteSlots: Region;
  readonly tables: Region;
  /** What Pillow's autocontrast rounds down too far, where it is used; else a few unused bytes. */
  readonly autocontrastShort: Region;
  readonly mixing: Region;
  /** (batch × height × width × 3), normalised. */
  readonly output: Tensor;
}

/** Declares a machine's buffers; `mixing` holds pictures of u8 r, g, b, ignored. */
export function declareMachine(tape: Tape, options: MachineOptions, mixing: Region): Machine {
  const { batch, chunk, views, width, height, tables, sources = batch / views } = options;
  const blocks = blockCount(tape, options);
  const outputBytes = 16 * batch * width * height;
  const floatBytes = chunk * slotBytes(options).floats;
  const slots = tape.region("slots", floatBytes + outputBytes);
  return {
    ...{ options, mixing },
    pictures: tape.region("pictures", 4 * sources * width * height),
    jobs: tape.region("jobs", 4 * JOB_WORDS * batch * options.jobs),
    rows: tape.region("rows", 4 * rowWords(options) * batch * options.jobs),
    launches: tape.region(
      "launches",
      4 * launchWords(options) * launchCount(options),
    ),
    slots,
    byteSlots: tape.region("byte slots", chunk * slotBytes(options).bytes),
    tables: tape.region(
      "tables",
      4 * Math.max(1, chunk * tables) *
        (TABLE_WORDS[isInStep(tape, options) ? "inStep" : "others"] + blocks * lanesOf(tape)),
    ),
    autocontrastShort: tape.region(
      "autocontrast short",
      usesAutocontrastShort(options) ? 2 ** 24 / 8 : 4,
    ),
    output: {
      shape: [batch, height, width, 3],
      data: part(slots, "augmented", floatBytes, outputBytes),
      differentiable: false,
    },
  };
}

/** Whether the machine's `autocontrastShort` has to be written, once. */
export function usesAutocontrastShort({ used }: MachineOptions): boolean {
  return used.some((op) => ops[op].kernel.startsWith("pil_autocontrast"));
}

/** WGSL of the kernel; of the ops, only those that are used are reached. */
function codeOf(tape: Tape, options: MachineOptions): string {
  const { chunk, tables, byteSlots } = options;
  const { measuring, unary, blends } = jobKinds(options);
  const slots = slotCount(options), pictures = chunk * (byteSlots ? 1 : slots);
  return [
    `const LANES = ${lanesOf(tape)}u;\nconst IN_STEP = ${isInStep(tape, options)};\nconst BLOCK = ${
      blockOf(tape, options)
    }u;\nconst SLOTS = ${slots}u;\nconst MIXTURE = 1u;`,
    `const OUTPUT_START = ${pictures}u;\nconst TABLES = ${tables}u;`,
    `const ROW = ${rowWords(options)}u;\nconst GROUPS = ${groupCount(options)}u;`,
    `const ROUNDS = ${options.roundsTogether}u;`,
    ...[machineCode, byteSlots ? byteSlotsCode : floatSlotsCode],
    ...[byte, pil, crop, mixing, blank, copy, show, statistics],
    ...[...Object.values(opKernels), random, blend, ...blendKernels.values()],
    jobLoops("augment", [
      ...measuring.map((kind) => ({ block: `${kind}(job, lane)` })),
      ...unary.map((kind) => ({
        ...{ pixel: unaryCode(kind), again: againCode(kind) },
        before: readsTable.has(kind) ? "read_table(job);" : undefined,
      })),
      ...blends.map((kind) => ({ pixel: blendCode(kind), isBlend: true })),
    ], isLarge(options) ? UNROLL : 1),
  ].join("\n");
}

/** Kernels that read a few numbers of a table for every pixel. */
const readsTable: ReadonlySet<string> = new Set(
  Object.values(ops).flatMap(({ kernel, statistics }) =>
    statistics === "extremes" || statistics === "mean" ? kernel : []
  ),
);

/** What makes pixels as slots hold them; what begins with `pil_` makes bytes, all else colors. */
const makesHeld: ReadonlySet<string> = new Set(["crop", "mixing", "copy", "translate"]);

function unaryCode(kind: string): string {
  const to = kind === "show" || kind === "blank"
    ? "store_normalised"
    : makesHeld.has(kind)
    ? "store_held"
    : kind.startsWith("pil_")
    ? "store_bytes"
    : "store";
  return `${to}(job, pixel, ${kind}(job, pixel))`;
}

/** What a kind of job makes anew, where it was unsure. */
function againCode(kind: string): JobCode["again"] {
  if (kind !== "pil_affine") return undefined;
  const pixel = "store_bytes(job, pixel, pil_affine_exact(job, pixel))";
  return { turns: "TURNS", next: "pil_affine_unsure", pixel };
}

/** A blend's color, inside the patch it acts on; into a slot of floats unless it makes bytes. */
function blendCode(kind: string): string {
  const name = kind.replace(/_bytes$/, "");
  return `{
          let p = first_color(job, pixel);
          let q = slot_color(job.b + pixel);
          let color = within_patch(job, pixel, p, ${name}(job, pixel, p, q));
          ${name === kind ? "store_normalised" : "store"}(job, pixel, color);
        }`;
}

/** The launches that carry out all jobs, a chunk of pictures after the other. */
export function launchJobs(tape: Tape, machine: Machine): Launch[] {
  const { options } = machine;
  const { width, height, mean, std, padding, seed } = options;
  const code = codeOf(tape, options);
  const parts = partsOf(tape, options);
  const [MEAN_R, MEAN_G, MEAN_B] = mean, [STD_R, STD_G, STD_B] = std;
  const reached = bindingsOf(code, "augment");
  return Array.from({ length: launchCount(options) }, (_, number) => ({
    ...{ kernel: "augment", code, groups: [groupCount(options) * parts] },
    constants: {
      ...{ WIDTH: width, HEIGHT: height, PARTS: parts },
      ...{ MEAN_R, MEAN_G, MEAN_B, STD_R, STD_G, STD_B, PADDING: padding, SEED: seed },
    },
    bindings: Object.fromEntries(
      Object.entries(regionsOf(machine, number)).filter(([name]) => reached.has(name)),
    ),
  }));
}

/** All buffers of a launch, by their names in WGSL. */
function regionsOf(machine: Machine, number: number): Record<string, Region> {
  const { pictures, jobs, rows, launches, slots, byteSlots, tables, mixing, options } = machine;
  const bytes = 4 * launchWords(options);
  return {
    ...{ pictures, jobs, rows, slots, byte_slots: byteSlots, tables, mixing_pictures: mixing },
    autocontrast_short: machine.autocontrastShort,
    launch_table: part(launches, launches.name, number * bytes, bytes),
  };
}

/** A part of a region that has memory of its own. */
function part(whole: Region, name: string, offset: number, bytes: number): Region {
  return {
    ...{ name, bytes, offset: whole.offset + offset },
    get buffer() {
      return whole.buffer;
    },
  };
}
