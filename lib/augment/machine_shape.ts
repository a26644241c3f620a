import { type OpName, ops } from "./ops.ts";
import type { Blend } from "./plan.ts";
import { measuringKindsOf, type MethodLayout } from "./jobs.ts";

/** 32-bit words of a workgroup in a launch's table. */
export const GROUP_WORDS = 4;

/** What jobs may be, in the order of their numbers: what measures, makes a picture of one, of two. */
export interface JobKinds {
  measuring: readonly string[];
  unary: readonly string[];
  blends: readonly string[];
}

/** The kinds of jobs of a machine. */
export function jobKinds(
  { used, blends, byteBlends = [] }: Pick<MachineShape, "used" | "blends" | "byteBlends">,
): JobKinds {
  const kernels = new Set(used.flatMap((op) => [ops[op].kernel, ops[op].wholeKernel ?? []].flat()));
  return {
    measuring: measuringKindsOf(used),
    unary: ["crop", "mixing", "blank", "copy", "show", ...kernels],
    blends: [...blends, ...byteBlends.map(toBytes)],
  };
}

/** The kind of a blend that makes bytes. */
export function toBytes(kind: Blend["kind"]): string {
  return `${kind}_bytes`;
}

/** What the words of a batch depend on; sizes in pixels. */
export interface MachineShape extends MethodLayout {
  /** Ops that plans may have. */
  used: readonly OpName[];
  batch: number;
  width: number;
  height: number;
  /** Pictures that have slots at a time. */
  chunk: number;
  /** Pictures that a workgroup makes, side by side. */
  together: number;
  /** Rounds that one launch carries out: all of a plan's where workgroups run in step, or one. */
  roundsTogether: number;
  /** Pictures of the batch, one after the other, that are made of one given picture. */
  views: number;
  /** Given pictures, where several batches share them; else as many as a batch needs. */
  sources?: number;
}

/** Pictures that are made at a time, again and again. */
export function chunkCount({ batch, chunk }: MachineShape): number {
  return Math.ceil(batch / chunk);
}

/** Launches, one after the other. */
export function launchCount(shape: MachineShape): number {
  return chunkCount(shape) * Math.ceil(shape.rounds / shape.roundsTogether);
}

/** Workgroups, but for those that share a picture. */
export function groupCount({ chunk, together }: MachineShape): number {
  return Math.ceil(chunk / together);
}

/** 32-bit words of a launch's table; buffers are bound at multiples of 256 bytes. */
export function launchWords(shape: MachineShape): number {
  return 64 * Math.ceil(GROUP_WORDS * shape.roundsTogether * groupCount(shape) / 64);
}

/** 32-bit words of a row: where the jobs of each kind begin, and where those of the last one end. */
export function rowWords(shape: MachineShape): number {
  const { measuring, unary, blends } = jobKinds(shape);
  return measuring.length + unary.length + blends.length + 1;
}
