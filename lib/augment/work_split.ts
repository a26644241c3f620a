import { MOST_TURNS } from "../gpu/kernel.ts";
import type { Tape } from "../gpu/tape.ts";
import { GROUP_WORDS } from "./machine_shape.ts";
import { type Layout, type MethodLayout, slotCount } from "./jobs.ts";

/** How a machine's work is split into launches, workgroups and invocations; bits do not depend on it. */
type Shape = MethodLayout & { batch: number; width: number; height: number };
type Size = Pick<Shape, "width" | "height">;
/** A number for adapters that run on the processor, and one for others. */
type ByAdapter = Readonly<Record<"software" | "hardware", number>>;

/** Invocations of a workgroup: those of a processor that run in step, or enough to fill a GPU's. */
const LANES: ByAdapter = { software: 8, hardware: 64 };
/** Workgroups that share a picture, at the most; one, where a workgroup runs in step. */
const PARTS = 64;
/**
 * Pictures that a workgroup makes side by side at the most, where it runs in step: on a processor that
 * takes less time for each, as each kind of job has its price.
 */
const TOGETHER = 16;
/** Workgroups for each of a processor's cores at the least, so that none waits for another's long. */
const GROUPS_PER_CORE = 4;
/** Bytes of the slots of all pictures that are made at a time, if one picture's take less. */
const SLOT_BYTES: ByAdapter = { software: 2 ** 26, hardware: 2 ** 28 };
/** Pixels that an invocation makes at a time of large pictures. */
export const UNROLL = 4;
/** Pixels of a picture that is small. */
const SMALL = 4096;
/** Pixels that a workgroup makes of a large picture before it goes on to the next job. */
const BLOCK: ByAdapter = { software: 2 ** 16, hardware: 2048 };
const SMALL_BLOCK = 1024;

/** The number for the tape's adapter. */
export function byAdapter({ gpu }: Tape, { software, hardware }: ByAdapter): number {
  return gpu.software ? software : hardware;
}

/** Invocations of a workgroup. */
export function lanesOf(tape: Tape): number {
  return byAdapter(tape, LANES);
}

/** Whether each job takes so long that longer loops pay. */
export function isLarge({ width, height }: Size): boolean {
  return width * height > SMALL;
}

/** Pixels that a workgroup makes of a picture before it goes on to the next job. */
export function blockOf(tape: Tape, size: Size): number {
  return isLarge(size) ? byAdapter(tape, BLOCK) : SMALL_BLOCK;
}

/** Blocks of a picture. */
export function blockCount(tape: Tape, size: Size): number {
  return Math.ceil(size.width * size.height / blockOf(tape, size));
}

/** Workgroups that share a picture. */
export function partsOf(tape: Tape, shape: MethodLayout & Size): number {
  return isInStep(tape, shape) ? 1 : Math.min(PARTS, blockCount(tape, shape));
}

/** Pictures that a workgroup makes side by side. */
export function togetherOf(tape: Tape, shape: Shape): number {
  if (!isInStep(tape, shape) || isLarge(shape)) return 1;
  const most = Math.floor(shape.batch / (GROUPS_PER_CORE * navigator.hardwareConcurrency));
  const turns = Math.floor(MOST_TURNS / turnsOf(tape, shape));
  return Math.max(1, Math.min(most, turns, TOGETHER));
}

/**
 * Whether each workgroup makes whole pictures, with all their rounds, in one launch: what an
 * invocation reads of others was made before, since they run in step.
 */
export function isInStep(tape: Tape, shape: MethodLayout & Size): boolean {
  return tape.gpu.inStep === lanesOf(tape) && turnsOf(tape, shape) <= MOST_TURNS;
}

/** Turns of an invocation's loops for a picture, at the most: each measurement is three jobs. */
function turnsOf(tape: Tape, shape: MethodLayout & Size): number {
  const { width, height, jobs, tables } = shape, pixels = width * height;
  const each = pixels / lanesOf(tape) / (isLarge(shape) ? UNROLL : 1);
  // To clear a table, to count every other pixel, and to go through its levels.
  const measured = 200 + pixels / 2 + 700;
  return (jobs - 3 * tables) * each + tables * measured;
}

/** Rounds that a launch carries out. */
export function roundsTogetherOf(tape: Tape, shape: MethodLayout & Size): number {
  return isInStep(tape, shape) ? shape.rounds : 1;
}

/** Bytes of a picture's slots of floats and of bytes. */
export function slotBytes(shape: Layout & Size): { floats: number; bytes: number } {
  const slots = slotCount(shape), pixels = shape.width * shape.height;
  return shape.byteSlots
    ? { floats: 16 * pixels, bytes: 4 * slots * pixels }
    : { floats: 16 * slots * pixels, bytes: 0 };
}

/** Pictures of a batch that are made at a time. */
export function chunkOf(tape: Tape, shape: Shape): number {
  const { floats, bytes } = slotBytes(shape);
  const output = 16 * shape.batch * shape.width * shape.height;
  const { maxStorageBufferBindingSize: limit, maxUniformBufferBindingSize } =
    tape.gpu.device.limits;
  const entries = maxUniformBufferBindingSize / (4 * GROUP_WORDS);
  const groups = Math.floor(entries / roundsTogetherOf(tape, shape));
  const most = Math.floor(Math.min(
    byAdapter(tape, SLOT_BYTES) / (floats + bytes),
    (limit - output) / floats,
    limit / Math.max(1, bytes),
    groups * togetherOf(tape, shape),
  ));
  // Chunks of about one size: the last one may leave cores idle.
  return Math.ceil(shape.batch / Math.ceil(shape.batch / Math.max(1, most)));
}
