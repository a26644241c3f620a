import { type OpName, ops, type StatisticsKind } from "./ops.ts";
import type { Blend, Patch } from "./plan.ts";

/** A slot of the plan, the one of what is mixed in, one in between, or the normalised output. */
export type Place = number | "output";

/** What measures a picture, in a table of numbers. */
export type MeasuringKind =
  | "clear"
  | "count_levels"
  | "count_extremes"
  | "count_brightness"
  | "finish_levels"
  | "finish_trimmed"
  | "finish_brightness";

/** When a job is carried out: which launch, and after which others of the same picture in it. */
export interface Turn {
  round: number;
  /** Jobs of one round and level do not depend on each other. */
  level: number;
}

/** One picture that is made of one, or measured. */
export interface UnaryJob extends Turn {
  kind:
    | "crop"
    | "partner"
    | "mixing"
    | "blank"
    | "copy"
    | "show"
    | MeasuringKind
    | OpName;
  from: number;
  to: Place;
  /** The op's magnitude. */
  value: number;
  /** The table that is measured, or that the op reads. */
  table: number;
}

/** One picture that is made of two. */
export interface BlendJob extends Turn {
  a: number;
  b: number;
  to: Place;
  blend: Blend;
  within?: Patch;
  bytes?: boolean;
  /** The number of the plan's stage, by which draws per pixel differ. */
  stage: number;
}

/** Takes what a plan is made of. */
export interface JobSink {
  unary(job: UnaryJob): void;
  blend(job: BlendJob): void;
}

/** Where a plan may put pictures, and how much it may do. */
export interface Layout {
  /** Slots that plans name; the mixing picture, or the partner, has the next one. */
  slots: number;
  /** Further slots, for pictures between an op and a blend. */
  temporaries: number;
  /** Measurements of a picture at the most. */
  tables: number;
  /** Launches, one after the other. */
  rounds: number;
  /**
   * Whether all slots but the one of the mixture, number 1, hold bytes: what blends make is put there
   * or into the output, unless it is cut to bytes, and ops do not read it.
   */
  byteSlots?: boolean;
  /** Slots that are filled already; nothing is cropped into slot 0 then. None by default. */
  given?: number;
}

/** How a method uses the machine. */
export interface MethodLayout extends Layout {
  /** Jobs of a picture at the most. */
  jobs: number;
  /** The blends that there are, and of those that make bytes where slots hold them. */
  blends: readonly Blend["kind"][];
  byteBlends?: readonly Blend["kind"][];
}

/** All slots of a picture. */
export function slotCount({ slots, temporaries }: Layout): number {
  return slots + 1 + temporaries;
}

/** What measures each, between clearing the table and reading it: each block, then the whole. */
export const measuringOf: Readonly<
  Record<StatisticsKind, readonly [count: MeasuringKind, finish?: MeasuringKind]>
> = {
  histogram: ["count_levels", "finish_levels"],
  extremes: ["count_extremes"],
  mean: ["count_brightness", "finish_brightness"],
  trimmed_extremes: ["count_levels", "finish_trimmed"],
};

/** The kinds of jobs that measure what some ops need to know. */
export function measuringKindsOf(used: readonly OpName[]): MeasuringKind[] {
  const wanted = new Set(used.flatMap((op) => ops[op].statistics ?? []));
  const kinds = new Set([...wanted].flatMap((kind) => measuringOf[kind]));
  return kinds.size ? ["clear", ...kinds as Set<MeasuringKind>] : [];
}
