import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import type { Preparation, TuneLimits, TuneOptions } from "../tune/record_tuned.ts";
import { measureUnit } from "./measure.ts";
import { openNetwork } from "./network.ts";
import { encodeOutcome, type Outcome } from "./outcome.ts";
import { dropMisfits, openPartial, type Partial as Kept } from "./partial.ts";
import type { Provenance, Results, ShardResults } from "./results.ts";
import { describe } from "./source.ts";
import { fingerprints, provenanceOf, type Subject } from "./subject.ts";
import type { SuiteName } from "./suites.ts";
import { summarize } from "./summary.ts";
import { keyOf, type Shard, type Unit, unitsOf, unitsOfShard } from "./units.ts";

/** How an evaluation is run. */
export interface RunOptions {
  /** Pictures at once. */
  batchSize: number;
  /** Which adapter; by default the system's choice. */
  adapter?: AdapterChoice;
  /** Time kernels and use the fastest, as in training; false by default: fixed kernels. */
  tune?: boolean | TuneLimits;
  /** A file that keeps what is measured until the end, so that an interrupted evaluation goes on. */
  partial?: string;
  /** When it fires, the evaluation ends with `EvaluationInterrupted`. */
  signal?: AbortSignal;
  /** Told what people want to know. */
  note?: (line: string) => void;
  /** While kernels are tuned and built. */
  preparing?: (state: Preparation) => void;
  /** Told how far it is; often. */
  progress?: (state: EvaluationProgress) => void;
}

/** How far an evaluation is. */
export interface EvaluationProgress {
  /** What is measured now. */
  suite: SuiteName;
  /** The corruption or sequence; "" for suites of one list of pictures. */
  name: string;
  /**
   * Pictures, with those of units that were measured before. A frame is a picture, and so is an
   * attacked one after each step.
   */
  done: number;
  /** All of them. */
  count: number;
  /** Those of units that were measured before. */
  before: number;
}

/** The evaluation was asked to end before its time. */
export class EvaluationInterrupted extends Error {
  /** Which kind of error it is. */
  override name = "EvaluationInterrupted";

  constructor() {
    super("The evaluation was interrupted");
  }
}

/**
 * Evaluates a checkpoint on the pictures of a subject. Errors are fractions, losses are in nats.
 *
 * @throws {CheckpointError | DataError | GpuError} one line for the user
 * @throws {EvaluationInterrupted} when `signal` fires
 */
export async function evaluate(
  open: () => Promise<Subject>,
  options: RunOptions,
): Promise<Results> {
  const { provenance, outcomes } = await measure(open, options, { index: 0, count: 1 });
  const { options: chosen, data: { count }, sources } = provenance;
  const summary = summarize({ options: chosen, count, sources, outcomes });
  return { ...provenance, kind: "results", ...summary };
}

/**
 * Measures one of several parts of what `evaluate` measures; `mergeShards` makes the same results of
 * all of them.
 *
 * @throws as evaluate
 */
export async function evaluateShard(
  open: () => Promise<Subject>,
  options: RunOptions,
  shard: Shard,
): Promise<ShardResults> {
  const { provenance, outcomes } = await measure(open, options, shard);
  const encoded = [...outcomes].map(([unit, outcome]) => [unit, encodeOutcome(outcome)]);
  return { ...provenance, kind: "shard", shard, outcomes: Object.fromEntries(encoded) };
}

async function measure(
  open: () => Promise<Subject>,
  options: RunOptions,
  shard: Shard,
): Promise<{ provenance: Provenance; outcomes: Map<string, Outcome> }> {
  const subject = await open();
  try {
    const gpu = await Gpu.open(options.adapter);
    try {
      const { outcomes, table } = await measureOn(gpu, subject, options, shard);
      tellUnreadable(outcomes, options.note);
      return { provenance: provenanceOf(subject, gpu, table), outcomes };
    } finally {
      gpu.close();
    }
  } finally {
    await subject.close();
  }
}

function tellUnreadable(outcomes: ReadonlyMap<string, Outcome>, note: RunOptions["note"]): void {
  const all = [...outcomes.values()].flatMap(({ unreadable = [] }) => unreadable);
  const [first] = all;
  if (!first) return;
  const times = `${all.length} ${all.length === 1 ? "time" : "times"}`;
  note?.(
    `note: ${times} a picture or video could not be read (first: ${first.name}: ${first.reason}); ` +
      "pictures counted as black ones, videos did not count; results name them all",
  );
}

interface Measurements {
  /** By the name of the unit. */
  outcomes: Map<string, Outcome>;
  /** The kernels that were used. */
  table: Provenance["tuning"];
}

async function measureOn(
  gpu: Gpu,
  subject: Subject,
  options: RunOptions,
  shard: Shard,
): Promise<Measurements> {
  const { test, chosen, sources } = subject;
  const plan = { suites: chosen.suites, count: test.count, sources: describe(sources) };
  const units = unitsOfShard(unitsOf(plan), shard);
  if (options.partial === undefined) return await measureUnits(gpu, subject, units, options);
  const of = fingerprints(subject, gpu, [shard, Boolean(options.tune)]);
  const kept = await openPartial(options.partial, of, options.note);
  dropMisfits(kept.outcomes, units);
  return await measureUnits(gpu, subject, units, options, kept);
}

async function measureUnits(
  gpu: Gpu,
  subject: Subject,
  units: readonly Unit[],
  options: RunOptions,
  kept?: Kept,
): Promise<Measurements> {
  const { checkpoint, model, test, chosen, sources } = subject;
  const network = await openNetwork(gpu, checkpoint, model, test, {
    batchSize: options.batchSize,
    pgd: chosen.suites.includes("pgd") ? chosen.pgd : undefined,
    tune: tuneOptions(options, kept?.table),
    building: options.preparing,
  });
  try {
    await kept?.begin(network.table);
    const { seed, difficulty } = chosen;
    const bench = { ...network, test, sources, seed, difficulty };
    const outcomes = new Map<string, Outcome>();
    const tell = teller(units, subject, kept?.outcomes ?? outcomes, options);
    for (const unit of units) {
      const key = keyOf(unit);
      const outcome = kept?.outcomes.get(key) ?? await measureUnit(bench, unit, tell(unit));
      if (!outcome) throw new EvaluationInterrupted();
      if (!kept?.outcomes.has(key)) await kept?.add(key, outcome);
      outcomes.set(key, outcome);
    }
    return { outcomes, table: network.table };
  } finally {
    network.destroy();
  }
}

/** As in the part that was measured before; else as asked for. */
function tuneOptions(
  { tune, note, preparing, signal }: RunOptions,
  table?: Provenance["tuning"],
): TuneOptions | undefined {
  if (!tune || table === null) return undefined;
  const limits = tune === true ? {} : tune;
  return { ...limits, table, note, progress: preparing, signal };
}

/** Watchers of units that tell of the whole evaluation. */
function teller(
  units: readonly Unit[],
  { sources, chosen: { pgd } }: Subject,
  measured: ReadonlyMap<string, Outcome>,
  { progress, signal }: RunOptions,
): (unit: Unit) => (done: number) => boolean {
  const weightOf = ({ suite }: Unit) => suite === "pgd" ? pgd.steps + 1 : 1;
  const framesOf = ({ suite, name }: Unit) =>
    suite === "p" ? sources.p!.description.found.find((one) => one.name === name)!.frames : 1;
  const sum = (some: readonly Unit[]) =>
    some.reduce((all, unit) => all + unit.count * framesOf(unit) * weightOf(unit), 0);
  const count = sum(units), before = sum(units.filter((unit) => measured.has(keyOf(unit))));
  let ended = before;
  return (unit) => {
    const { suite, name } = unit, start = ended, weight = weightOf(unit);
    ended += sum([unit]);
    return (done) => {
      progress?.({ suite, name, done: start + done * weight, count, before });
      return !signal?.aborted;
    };
  };
}
