import { type Op, type OpName, ops, type StatisticsKind } from "./ops.ts";
import {
  type JobSink,
  type Layout,
  measuringOf,
  type Place,
  slotCount,
  type Turn,
  type UnaryJob,
} from "./jobs.ts";
import type { Operand, PicturePlan, Stage } from "./plan.ts";

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
  measured?: Partial<Record<StatisticsKind, Measurement>>;
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
      ...{ written: EMPTY, writtenLevel: 0, read: -1, readLevel: 0, readAcross: -1 },
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
      state.measured = undefined;
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
    this.#sink.blend({
      round: turn.round,
      level: turn.level,
      a: first,
      b: second,
      to,
      blend,
      within,
      bytes,
      stage,
    });
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
      return this.#sink.unary({
        round: turn.round,
        level: turn.level,
        kind,
        from,
        to,
        value,
        table: 0,
      });
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
    this.#sink.unary({ round: turn.round, level: turn.level, kind, from, to, value, table });
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
    const state = this.#states[slot]!, known = state.measured?.[kind];
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
    this.#sink.unary({ ...of, round: turn.round, level: turn.level, kind: count });
    const next = turn.round + 1;
    if (finish) this.#sink.unary({ ...of, round: this.#checked(next), level: 0, kind: finish });
    return (state.measured ??= {})[kind] = { table, ready: next + Number(finish !== undefined) };
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
      target.measured = undefined;
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
