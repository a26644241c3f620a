import { type Op, type OpName, ops, type StatisticsKind, statisticsKinds } from "./ops.ts";
import type { Blend, Operand, Patch, PicturePlan, Stage } from "./plan.ts";

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
const measuringOf: Readonly<
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

/** Kinds of jobs that read no slot. */
const SOURCES: ReadonlySet<UnaryJob["kind"]> = new Set(["crop", "partner", "mixing", "blank"]);

/** The round in which a slot was written that holds nothing. */
const EMPTY = -2;

/** A measurement: where it is, and from which round on it may be read. */
interface Measurement {
  table: number;
  ready: number;
}

/**
 * The rounds in which a slot was written, read last, and read last by jobs for other pixels; and the
 * levels of the first two.
 */
interface SlotState {
  written: number;
  writtenLevel: number;
  read: number;
  readLevel: number;
  readAcross: number;
  measured: Partial<Record<StatisticsKind, Measurement>>;
}

/**
 * Turns a plan into jobs in rounds, each in the earliest one in which what it reads is there and
 * nobody needs what it overwrites. In a round an invocation carries out a picture's jobs level after
 * level, for the same pixels each: so what a job reads of other pixels was made in a round before.
 * The object is kept and used for one plan after another.
 */
export class Scheduler {
  readonly #states: SlotState[];
  #sink!: JobSink;
  #plan!: PicturePlan;
  #tables = 0;

  constructor(readonly layout: Layout) {
    this.#states = Array.from({ length: slotCount(layout) }, () => ({
      ...{ written: EMPTY, writtenLevel: 0, read: -1, readLevel: 0, readAcross: -1, measured: {} },
    }));
  }

  /**
   * Gives the plan's jobs to the sink; without a plan the picture's place in the output becomes zero.
   *
   * @throws {RangeError} when the plan names slots that are not there or breaks the rules of `Stage`
   */
  schedule(plan: PicturePlan | undefined, sink: JobSink): void {
    const { given = 0 } = this.layout;
    this.#states.forEach((state, slot) => {
      state.written = slot < given ? -1 : EMPTY;
      state.read = state.readAcross = -1;
      forget(state);
    });
    this.#tables = 0;
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
    const least = Math.max(this.#states[first]!.written, this.#states[second]!.written);
    const turn = this.#use([first, second], to, least, false);
    this.#sink.blend({ ...turn, a: first, b: second, to, blend, within, bytes, stage });
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
  #temporary(other?: number): number {
    const end = slotCount(this.layout);
    const busyUntil = (slot: number) => {
      const { written, read } = this.#states[slot]!;
      return Math.max(written, read);
    };
    let best = end;
    for (let slot = this.layout.slots + 1; slot < end; slot++) {
      if (slot === other) continue;
      if (best === end || busyUntil(slot) < busyUntil(best)) best = slot;
    }
    if (best === end) throw new RangeError("Cannot encode a stage: no slot for what its op makes");
    return best;
  }

  #unary(kind: UnaryJob["kind"], from: number, to: Place, value = 0): void {
    if (this.layout.byteSlots && to === "output" && kind !== "blank" && kind !== "show") {
      return this.#shown(kind, from, value);
    }
    if (SOURCES.has(kind)) {
      const turn = this.#use([], to, 0, false);
      return this.#sink.unary({ ...turn, kind, from, to, value, table: 0 });
    }
    if (from === to) {
      throw new RangeError(`Cannot encode a stage: it writes slot ${to}, which it reads`);
    }
    const op: Op | undefined = ops[kind as OpName];
    const { table, ready } = op?.statistics
      ? this.#measure(from, op.statistics, value)
      : { table: 0, ready: 0 };
    const across = op?.affine !== undefined || op?.neighbours === true;
    const least = Math.max(ready, this.#states[from]!.written + Number(across));
    const turn = this.#use([from], to, least, across);
    this.#sink.unary({ ...turn, kind, from, to, value, table });
  }

  /** Makes a picture of bytes, and the output of it. */
  #shown(kind: UnaryJob["kind"], from: number, value: number): void {
    if (kind === "copy") return this.#unary("show", from, "output");
    const held = kind === "crop" ? 0 : SOURCES.has(kind) ? this.layout.slots : this.#temporary();
    this.#unary(kind, from, held, value);
    this.#unary("show", held, "output");
  }

  /** Measures a slot, unless that was done since it was written. */
  #measure(slot: number, kind: StatisticsKind, value: number): Measurement {
    const state = this.#states[slot]!, known = state.measured[kind];
    // What is left out differs from value to value.
    if (known && kind !== "trimmed_extremes") return known;
    const table = this.#tables++;
    if (table >= this.layout.tables) {
      throw new RangeError(`Cannot encode a plan: more than ${this.layout.tables} measurements`);
    }
    const of = { from: slot, to: "output", value, table } as const;
    this.#sink.unary({ ...of, round: 0, level: 0, kind: "clear" });
    const turn = this.#use([slot], "output", Math.max(1, state.written), false);
    const [count, finish] = measuringOf[kind];
    this.#sink.unary({ ...of, ...turn, kind: count });
    const next = turn.round + 1;
    if (finish) this.#sink.unary({ ...of, round: this.#checked(next), level: 0, kind: finish });
    return state.measured[kind] = { table, ready: next + Number(finish !== undefined) };
  }

  /** The turn of a job that comes in round `least` or later; remembers what it reads and writes. */
  #use(reads: readonly number[], to: Place, least: number, across: boolean): Turn {
    const target = to === "output" ? undefined : this.#states[to]!;
    const round = this.#checked(
      target ? Math.max(least, target.written, target.read, target.readAcross + 1, 0) : least,
    );
    const level = this.#level(reads, target, round);
    for (const slot of reads) {
      const state = this.#states[slot]!;
      if (across) state.readAcross = Math.max(state.readAcross, round);
      else if (round >= state.read) {
        state.readLevel = round > state.read ? level : Math.max(level, state.readLevel);
        state.read = round;
      }
    }
    if (target) {
      target.written = round;
      target.writtenLevel = level;
      forget(target);
    }
    return { round, level };
  }

  /** After what it reads was made, and after what it overwrites was read and made. */
  #level(reads: readonly number[], target: SlotState | undefined, round: number): number {
    let level = 0;
    for (const slot of reads) {
      const { written, writtenLevel } = this.#states[slot]!;
      if (written === round) level = Math.max(level, writtenLevel + 1);
    }
    if (target?.written === round) level = Math.max(level, target.writtenLevel + 1);
    if (target?.read === round) level = Math.max(level, target.readLevel + 1);
    return level;
  }

  #checked(round: number): number {
    const { rounds } = this.layout;
    if (round < rounds) return Math.max(round, 0);
    throw new RangeError(`Cannot encode a plan: expected at most ${rounds} rounds`);
  }
}

function forget({ measured }: SlotState): void {
  for (const kind of statisticsKinds) measured[kind] = undefined;
}
