import type { Blend, Operand, Patch, PicturePlan, Stage } from "./plan.ts";
import { type OpName, ops, type StatisticsKind, statisticsKinds } from "./ops.ts";

/** What one launch does: measure slots, make pictures of one picture each, or of two. */
export type Phase = "statistics" | "unary" | "blend";

/** A slot of the plan, the one of the mixing picture or the partner, one in between, or the normalised output. */
export type Place = number | "output";

/** One picture that is made of one, or measured, in a launch. */
export interface UnaryJob {
  phase: number;
  kind: "crop" | "partner" | "mixing" | "blank" | "copy" | StatisticsKind | OpName;
  from: number;
  to: Place;
  /** The op's magnitude. */
  value: number;
}

/** One picture that is made of two. */
export interface BlendJob {
  phase: number;
  a: number;
  b: number;
  to: Place;
  blend: Blend;
  within?: Patch;
  bytes?: boolean;
  /** The number of the plan's stage, by which draws per pixel differ. */
  stage: number;
}

/** Takes what a plan is made of, in an order in which it may be carried out. */
export interface JobSink {
  unary(job: UnaryJob): void;
  blend(job: BlendJob): void;
}

/** Where a plan may put pictures, and which launches there are. */
export interface Layout {
  phases: readonly Phase[];
  /** Slots that plans name; the mixing picture, or the partner, has the next one. */
  slots: number;
  /** Further slots, for pictures between an op and a blend. */
  temporaries: number;
  /** Slots that are filled already; nothing is cropped into slot 0 then. None by default. */
  given?: number;
}

/** How a method uses slots and launches. */
export interface MethodLayout extends Layout {
  /** Jobs of a picture at the most. */
  jobs: number;
}

/** Kinds of jobs that read no slot. */
const SOURCES: ReadonlySet<UnaryJob["kind"]> = new Set(["crop", "partner", "mixing", "blank"]);

/** The phase in which a slot was written that holds nothing. */
const EMPTY = -2;

/** When a slot was written, last read, and last measured: numbers of phases, -1 before the first. */
interface SlotState {
  written: number;
  read: number;
  measured: Record<StatisticsKind, number>;
}

/** All slots of a picture. */
export function slotCount({ slots, temporaries }: Layout): number {
  return slots + 1 + temporaries;
}

/**
 * Turns a plan into jobs, each in the earliest launch in which what it reads is there and nobody
 * needs what it overwrites. The object is kept and used for one plan after another.
 */
export class Scheduler {
  readonly #states: SlotState[];
  #sink!: JobSink;
  #plan!: PicturePlan;

  constructor(readonly layout: Layout) {
    this.#states = Array.from({ length: slotCount(layout) }, () => ({
      ...{ written: 0, read: 0 },
      measured: { histogram: 0, extremes: 0, mean: 0, trimmed_extremes: 0 },
    }));
  }

  /**
   * Schedules a plan; without one the picture's place in the output becomes zero.
   *
   * @throws {RangeError} when the plan names slots that are not there or breaks the rules of `Stage`
   */
  schedule(plan: PicturePlan | undefined, sink: JobSink): void {
    const { given = 0 } = this.layout;
    this.#states.forEach((state, slot) => {
      state.read = -1;
      forget(state);
      state.written = slot < given ? -1 : EMPTY;
    });
    this.#sink = sink;
    if (!plan) return this.#unary("blank", 0, "output");
    this.#plan = plan;
    if (plan.stages.length === 0) return this.#unary("crop", 0, "output");
    if (!given) this.#unary("crop", 0, 0);
    plan.stages.forEach((stage, number) => this.#stage(stage, number));
  }

  #stage({ a, b, blend, to, within, bytes }: Stage, stage: number): void {
    if (!b !== !blend) throw new RangeError("Cannot encode a stage: expected b and blend together");
    if (to !== "output" && !(to < this.layout.slots)) {
      throw new RangeError(`Cannot encode a stage: slot ${to} of ${this.layout.slots}`);
    }
    if (!b || !blend) return this.#alone(a, to);
    const first = this.#operand(a), second = this.#operand(b, first);
    const phase = this.#earliest("blend", [first, second], to);
    this.#use([first, second], to, phase);
    this.#sink.blend({ phase, a: first, b: second, to, blend, within, bytes, stage });
  }

  /** A stage without a blend. */
  #alone({ from, op, value }: Operand, to: Place): void {
    if (typeof from === "string" && !op) return this.#second(from, to);
    this.#unary(op ?? "copy", this.#slotOf(from), to, value);
  }

  /** The slot that holds an operand, once its op was run; not `other`, which the same blend reads. */
  #operand({ from, op, value }: Operand, other?: number): number {
    const slot = this.#slotOf(from);
    if (!op) return slot;
    const to = this.#temporary(other);
    this.#unary(op, slot, to, value);
    return to;
  }

  #slotOf(from: Operand["from"]): number {
    const second = this.layout.slots;
    if (typeof from === "string") {
      if (this.#states[second]!.written === EMPTY) this.#second(from, second);
      return second;
    }
    if (!(from < second) || this.#states[from]!.written === EMPTY) {
      throw new RangeError(`Cannot encode a stage: nothing to read in slot ${from}`);
    }
    return from;
  }

  /** The picture that is mixed in: there is one or the other. */
  #second(which: "mixing" | "partner", to: Place): void {
    if (!this.#plan[which] || (this.#plan.mixing && this.#plan.partner)) {
      throw new RangeError(
        `Cannot encode a stage: the plan has no ${which} picture alone to read`,
      );
    }
    this.#unary(which, 0, to);
  }

  /** The temporary slot that is free first. */
  #temporary(other: number | undefined): number {
    const end = slotCount(this.layout);
    let best = end;
    for (let slot = this.layout.slots + 1; slot < end; slot++) {
      if (slot === other) continue;
      if (best === end || this.#busyUntil(slot) < this.#busyUntil(best)) best = slot;
    }
    if (best === end) throw new RangeError("Cannot encode a stage: no slot for what its op makes");
    return best;
  }

  #busyUntil(slot: number): number {
    const { written, read } = this.#states[slot]!;
    return Math.max(written, read);
  }

  #unary(kind: UnaryJob["kind"], from: number, to: Place, value = 0): void {
    const reads = SOURCES.has(kind) ? [] : [from];
    if (reads.includes(to as number)) {
      throw new RangeError(`Cannot encode a stage: it writes slot ${to}, which it reads`);
    }
    const wanted = reads.length ? ops[kind as OpName]?.statistics : undefined;
    const measured = wanted ? this.#measure(from, wanted, value) : -1;
    const phase = this.#earliest("unary", reads, to, measured);
    this.#use(reads, to, phase);
    this.#sink.unary({ phase, kind, from, to, value });
  }

  /** Measures a slot, unless that was done since it was written; in which phase. */
  #measure(slot: number, kind: StatisticsKind, value: number): number {
    const state = this.#states[slot]!, before = state.measured[kind];
    const isOneValue = kind !== "trimmed_extremes";
    if (before >= 0 && isOneValue) return before;
    // A measurement by another value takes the place of the one before.
    const phase = this.#earliest("statistics", [slot], "output", before < 0 ? -1 : state.read);
    state.measured[kind] = phase;
    state.read = Math.max(state.read, phase);
    this.#sink.unary({ phase, kind, from: slot, to: "output", value });
    return phase;
  }

  #earliest(wanted: Phase, reads: readonly number[], to: Place, after = -1): number {
    let least = after;
    for (const slot of reads) least = Math.max(least, this.#states[slot]!.written);
    if (to !== "output") least = Math.max(least, this.#busyUntil(to));
    const { phases } = this.layout;
    const phase = phases.indexOf(wanted, least + 1);
    if (phase < 0) {
      throw new RangeError(
        `Cannot encode a plan: no ${wanted} launch after launch ${least} of ${phases.join(", ")}`,
      );
    }
    return phase;
  }

  #use(reads: readonly number[], to: Place, phase: number): void {
    for (const slot of reads) {
      const state = this.#states[slot]!;
      state.read = Math.max(state.read, phase);
    }
    if (to === "output") return;
    const state = this.#states[to]!;
    state.written = phase;
    forget(state);
  }
}

function forget({ measured }: SlotState): void {
  for (const kind of statisticsKinds) measured[kind] = -1;
}
