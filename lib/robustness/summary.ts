import { type Answers, evaluateAnswers } from "./classification.ts";
import { errorInterval, type Interval, meanIntervals } from "./interval.ts";
import { alexNetMce, combinedMeanError, mean, meanError, relativeAlexNetMce } from "./mce.ts";
import type { Outcome } from "./outcome.ts";
import { perturbationFigures, type PerturbationSums } from "./perturbation.ts";
import { reliabilityBins } from "./reliability.ts";
import type {
  CorruptionResult,
  CorruptionRow,
  EvaluationRow,
  MeasureOptions,
  MissingCorruption,
  Results,
  SequenceResult,
  SequenceRow,
  SuiteResults,
  UnreadablePicture,
} from "./results.ts";
import { type CorruptionDescription, missingOf, type SourceDescriptions } from "./source.ts";
import { type CorruptionSuiteName, namesOf, sequenceNames, severities } from "./suites.ts";
import { keyOf, unitsOf } from "./units.ts";

/** What was measured, and of what. */
export interface Measurement {
  options: MeasureOptions;
  /** Pictures of the test set. */
  count: number;
  sources: SourceDescriptions;
  /** By the name of the unit, all of them. */
  outcomes: ReadonlyMap<string, Outcome>;
}

/** Every figure of an evaluation: a function of what was measured, however it was cut. */
export function summarize(
  measurement: Measurement,
): Pick<Results, "suites" | "c_and_c_bar" | "unreadable"> {
  const { options, sources } = measurement;
  const suites: SuiteResults = {};
  const { clean, pgd, c, "c-bar": cBar, r, a, p } = partition(measurement);
  const unreadable = unreadableOf(measurement);
  if (clean) {
    const answers = [...clean.values()][0] as Answers[];
    suites.clean = { ...evaluationRow(answers), reliability: reliabilityBins(answers) };
  }
  const shares = {
    c: c && wrongShares("c", c, sources.c!),
    "c-bar": cBar && wrongShares("c-bar", cBar, sources["c-bar"]!),
  };
  const areSame = sources.c?.names === sources["c-bar"]?.names;
  const intervals = meanIntervalsOf(shares, options.seed, areSame);
  const cleanError = suites.clean?.error;
  if (c) suites.c = corruptionResult("c", c, sources.c!, intervals.c, cleanError);
  if (cBar) {
    suites["c-bar"] = corruptionResult("c-bar", cBar, sources["c-bar"]!, intervals["c-bar"]);
  }
  if (r) suites.r = evaluationRow([...r.values()][0] as Answers[]);
  if (a) suites.a = evaluationRow([...a.values()][0] as Answers[]);
  if (p) suites.p = sequenceResult(sources.p!.found, p, unreadable);
  if (pgd) suites.pgd = evaluationRow([...pgd.values()][0] as Answers[]);
  const [first, second] = [suites.c?.mce ?? null, suites["c-bar"]?.mce ?? null];
  const c_and_c_bar = first === null || second === null
    ? null
    : { mean_error: combinedMeanError(first, second), interval: intervals.both };
  return { suites, c_and_c_bar, ...(unreadable.length ? { unreadable } : {}) };
}

/** The outcomes of a suite's parts in order, by name and severity. */
type Parts = Map<string, Outcome[]>;

function partition({ options, count, sources, outcomes }: Measurement) {
  const parted: Partial<Record<string, Parts>> = {};
  for (const unit of unitsOf({ suites: options.suites, count, sources })) {
    const parts = parted[unit.suite] ??= new Map();
    const name = `${unit.name} ${unit.severity}`;
    parts.set(name, [...parts.get(name) ?? [], outcomes.get(keyOf(unit))!]);
  }
  return parted;
}

/** What could not be read, in the order of units. */
function unreadableOf({ options, count, sources, outcomes }: Measurement): UnreadablePicture[] {
  return unitsOf({ suites: options.suites, count, sources }).flatMap((unit) => {
    const { suite, name: corruption, severity } = unit;
    return (outcomes.get(keyOf(unit))?.unreadable ?? []).map(({ name: file, reason }) => {
      return { suite, corruption, severity, file, reason };
    });
  });
}

function evaluationRow(parts: readonly Answers[]): EvaluationRow {
  const figures = evaluateAnswers(parts);
  const wrong = Math.round(figures.error * figures.count);
  return { ...figures, error_interval: errorInterval(wrong, figures.count) };
}

function corruptionResult(
  suite: CorruptionSuiteName,
  parts: Parts,
  { scale }: CorruptionDescription,
  interval: Interval | null,
  cleanError?: number,
): CorruptionResult {
  const { test, validation } = namesOf(suite, scale);
  const [rows, validation_rows] = [test, validation].map((names) => corruptionRows(names, parts));
  const errors = new Map<string, number[]>();
  for (const { corruption, error } of rows!) {
    errors.set(corruption, [...errors.get(corruption) ?? [], error]);
  }
  const missing = missingSeverities(test, rows!);
  const complete = missing.length === 0;
  const isNormalized = complete && suite === "c";
  const plain = errors.size ? meanError(errors) : null;
  const rms = rows!.length ? mean(rows!.map((row) => row.rms)) : null;
  return {
    complete,
    mce: complete ? plain : null,
    mce_interval: complete ? interval : null,
    mce_alexnet: isNormalized ? alexNetMce(errors) : null,
    relative_mce_alexnet: isNormalized && cleanError !== undefined
      ? relativeAlexNetMce(errors, cleanError)
      : null,
    mean_rms: complete ? rms : null,
    partial_mean_error: complete ? null : plain,
    partial_mean_rms: complete ? null : rms,
    reliability: reliabilityBins(partsOf(test, parts).flat()),
    mean_errors: Object.fromEntries([...errors].map(([name, own]) => [name, mean(own)])),
    missing,
    rows: rows!,
    validation_rows: validation_rows!,
  };
}

function corruptionRows(names: readonly string[], parts: Parts): CorruptionRow[] {
  return names.flatMap((corruption) =>
    severities.flatMap((severity) => {
      const own = parts.get(`${corruption} ${severity}`);
      return own ? [{ corruption, severity, ...evaluationRow(own as Answers[]) }] : [];
    })
  );
}

function missingSeverities(
  names: readonly string[],
  rows: readonly CorruptionRow[],
): MissingCorruption[] {
  return names.flatMap((corruption) => {
    const missing = severities.filter((severity) =>
      !rows.some((row) => row.corruption === corruption && row.severity === severity)
    );
    return missing.length ? [{ corruption, severities: missing }] : [];
  });
}

/** The answers to each of the corruptions and severities that are there. */
function partsOf(names: readonly string[], parts: Parts): Answers[][] {
  return names.flatMap((name) =>
    severities.flatMap((severity) => {
      const own = parts.get(`${name} ${severity}`) as Answers[] | undefined;
      return own ? [own] : [];
    })
  );
}

/**
 * Each picture's share of wrong answers over the corruptions and severities that count; nothing where
 * these are not all of the same pictures.
 */
function wrongShares(
  suite: CorruptionSuiteName,
  parts: Parts,
  { found, scale }: CorruptionDescription,
): Float64Array | undefined {
  if (found.some(({ counts }) => counts)) return undefined;
  const counted = partsOf(namesOf(suite, scale).test, parts).map((own) =>
    own.flatMap(({ correct }) => [...correct])
  );
  if (counted.length === 0) return undefined;
  const shares = new Float64Array(counted[0]!.length);
  for (const correct of counted) correct.forEach((right, i) => shares[i]! += 1 - right);
  return shares.map((wrong) => wrong / counted.length);
}

/** Intervals of both means and, where they are of the same pictures, of both together. */
function meanIntervalsOf(
  { c, "c-bar": cBar }: Partial<Record<CorruptionSuiteName, Float64Array>>,
  seed: number,
  areSame: boolean,
): Record<CorruptionSuiteName | "both", Interval | null> {
  const one = (shares?: Float64Array) => shares ? meanIntervals([shares], seed)[0]! : null;
  if (!c || !cBar || c.length !== cBar.length || !areSame) {
    return { c: one(c), "c-bar": one(cBar), both: null };
  }
  const together = c.map((share, i) => combinedMeanError(share, cBar[i]!));
  const [first, second, both] = meanIntervals([c, cBar, together], seed);
  return { c: first!, "c-bar": second!, both: both! };
}

function sequenceResult(
  found: NonNullable<SourceDescriptions["p"]>["found"],
  parts: Parts,
  unreadable: readonly UnreadablePicture[],
): SequenceResult {
  const isLost = (name: string) => (one: UnreadablePicture) =>
    one.suite === "p" && one.corruption === name;
  const rowsOf = (names: readonly string[]): SequenceRow[] =>
    found.filter(({ name }) => names.includes(name)).map(({ name, videos: all, frames }) => {
      const sums = (parts.get(`${name} 0`) as PerturbationSums[]).reduce(addSums);
      const videos = all - unreadable.filter(isLost(name)).length;
      return { sequence: name, videos, frames, ...perturbationFigures(sums) };
    });
  const rows = rowsOf(sequenceNames.test);
  const missing = missingOf(sequenceNames.test, found);
  const complete = missing.length === 0;
  const [all, some] = complete ? [rows, []] : [[], rows];
  const meanOf = (rows: SequenceRow[], field: keyof SequenceRow) =>
    rows.length ? mean(rows.map((row) => row[field] as number)) : null;
  return {
    complete,
    mfp: meanOf(all, "flip_probability"),
    mt5d: meanOf(all, "top5_distance"),
    mean_zipf_distance: meanOf(all, "zipf_distance"),
    partial_mfp: meanOf(some, "flip_probability"),
    partial_mt5d: meanOf(some, "top5_distance"),
    partial_mean_zipf_distance: meanOf(some, "zipf_distance"),
    missing,
    rows,
    validation_rows: rowsOf(sequenceNames.validation),
  };
}

function addSums(a: PerturbationSums, b: PerturbationSums): PerturbationSums {
  return {
    pairs: a.pairs + b.pairs,
    flips: a.flips + b.flips,
    top5_distance: a.top5_distance + b.top5_distance,
    zipf_distance: a.zipf_distance + b.zipf_distance,
  };
}
