import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import type { Preparation, TuneLimits, TuneOptions } from "../tune/record_tuned.ts";
import { measureUnit } from "./measure.ts";
import { openNetwork } from "./network.ts";
import { encodeOutcome, type Outcome } from "./outcome.ts";
import { dropMisfits, openPartial, type Partial as Kept } from "./partial.ts";
import type { Provenance, Results, ShardResults } from "./results.ts";
import { closeAll, describe } from "./source.ts";
import {
  fingerprints,
  openSubject,
  provenanceOf,
  type Subject,
  type SubjectOptions,
} from "./subject.ts";
import type { SuiteName } from "./suites.ts";
import { summarize } from "./summary.ts";
import { keyOf, type Shard, type Unit, unitsOf, unitsOfShard } from "./units.ts";

/** What to evaluate, and how. */
export interface EvaluateOptions extends SubjectOptions {
  batchSize: number;
  adapter?: AdapterChoice;
  /** Time kernels and use the fastest, as in training; false by default: fixed kernels. */
  tune?: boolean | TuneLimits;
  /** A file that keeps what is measured until the end, so that an interrupted evaluation goes on. */
  partial?: string;
  /** When it fires, the evaluation ends with `EvaluationInterrupted`. */
  signal?: AbortSignal;
  /** While kernels are tuned and built. */
  preparing?: (state: Preparation) => void;
  progress?: (state: EvaluationProgress) => void;
}

/** How far an evaluation is. */
export interface EvaluationProgress {
  suite: SuiteName;
  /** The corruption or sequence; "" for clean and attacked pictures. */
  name: string;
  /**
   * Pictures, with those of units that were measured before. A frame is a picture, and so is an
   * attacked one after each step.
   */
  done: number;
  count: number;
  /** Those of units that were measured before. */
  before: number;
}

/** The evaluation was asked to end before its time. */
export class EvaluationInterrupted extends Error {
  override name = "EvaluationInterrupted";

  constructor() {
    super("The evaluation was interrupted");
  }
}

/**
 * Evaluates a checkpoint on CIFAR-10, CIFAR-100 or the built-in shapes, and on corrupted, perturbed
 * and attacked versions of their test sets. Errors are fractions, losses are in nats.
 *
 * @throws {CheckpointError | DataError | GpuError} one line for the user
 * @throws {EvaluationInterrupted} when `signal` fires
 */
export async function evaluateCifar(options: EvaluateOptions): Promise<Results> {
  const { provenance, outcomes } = await measure(options, { index: 0, count: 1 });
  const { options: chosen, data: { count }, sources } = provenance;
  const summary = summarize({ options: chosen, count, sources, outcomes });
  return { ...provenance, kind: "results", ...summary };
}

/**
 * Measures one of several parts of what `evaluateCifar` measures; `mergeShards` makes the same
 * results of all of them.
 *
 * @throws as evaluateCifar
 */
export async function evaluateCifarShard(
  options: EvaluateOptions,
  shard: Shard,
): Promise<ShardResults> {
  const { provenance, outcomes } = await measure(options, shard);
  const encoded = [...outcomes].map(([unit, outcome]) => [unit, encodeOutcome(outcome)]);
  return { ...provenance, kind: "shard", shard, outcomes: Object.fromEntries(encoded) };
}

async function measure(
  options: EvaluateOptions,
  shard: Shard,
): Promise<{ provenance: Provenance; outcomes: Map<string, Outcome> }> {
  const subject = await openSubject(options);
  try {
    const gpu = await Gpu.open(options.adapter);
    try {
      const { outcomes, table } = await measureOn(gpu, subject, options, shard);
      return { provenance: provenanceOf(subject, options, gpu, table), outcomes };
    } finally {
      gpu.close();
    }
  } finally {
    await closeAll(subject.sources);
  }
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
  options: EvaluateOptions,
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
  options: EvaluateOptions,
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
  { tune, note, preparing, signal }: EvaluateOptions,
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
  { progress, signal }: EvaluateOptions,
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
