import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { modelNames, type ModelOptions, modelTitle } from "../../models/model.ts";
import type { Results } from "../../robustness/results.ts";
import { type SuiteName, suiteNames } from "../../robustness/suites.ts";
import type { Run } from "./read_run.ts";
import { isObject } from "../../shape.ts";

/** A suite's figures, and the results they are in. */
export type SuiteSources = Partial<Record<SuiteName, Results>>;

/** One trained network with all that was measured of it. */
export interface Entry {
  /** The run it is from: the first one that was given, where several files are of one network. */
  run: Run;
  /** Where it is from, for people. */
  paths: string[];
  /** The first results, for what is the same in all; undefined when it was not evaluated. */
  results?: Results;
  /** Where the figures of each suite are from. */
  suites: SuiteSources;
}

/** Entries, and what a reader should know of how they came about. */
export interface Entries {
  entries: Entry[];
  notes: string[];
}

/**
 * One entry for each network of some runs: results of the same weights on the same test set are put
 * together, whichever files they are in; a run without results is an entry too.
 */
export function entriesOf(runs: readonly Run[]): Entries {
  const measured = new Map<string, Entry>();
  const unmeasured: Entry[] = [];
  const notes = runs.flatMap((run) => run.notes);
  for (const run of runs) {
    if (run.results.length === 0) {
      unmeasured.push({ run, paths: [run.path], suites: {} });
    }
    for (const { file, results } of run.results) {
      const identity = identityOf(results);
      const known = measured.get(identity);
      if (known) join(known, run, file, results, notes);
      else measured.set(identity, { run, paths: [file], results, suites: suitesOf(results) });
    }
  }
  return { entries: [...measured.values(), ...unmeasured], notes };
}

function identityOf({ measured, data, model }: Results): string {
  const { checkpoint_sha256, weights } = measured;
  return JSON.stringify([checkpoint_sha256, weights, data.fingerprint, model.classes]);
}

function suitesOf(results: Results): SuiteSources {
  const there = suiteNames.filter((name) => results.suites[name]);
  return Object.fromEntries(there.map((name) => [name, results]));
}

function join(entry: Entry, run: Run, file: string, results: Results, notes: string[]): void {
  for (const [name, source] of Object.entries(suitesOf(results)) as [SuiteName, Results][]) {
    const known = entry.suites[name];
    if (known && !isDeepStrictEqual(known.suites[name], results.suites[name])) {
      notes.push(
        `${
          entry.paths.join(", ")
        } and ${file} have different figures of suite ${name} for the same network: the first are shown`,
      );
    }
    entry.suites[name] ??= source;
  }
  if (!entry.paths.includes(file)) entry.paths.push(file);
  // A run folder says more of a network than a file of its results.
  if (!entry.run.description && run.description) entry.run = run;
}

/** How a network was trained; everything but its seed. */
export interface Recipe {
  /** null where nothing says it. */
  method: string | null;
  /** The network's title. */
  model: string;
  /** How many there are. */
  classes: number;
  /** The name of the data set. */
  dataset: string;
  /** Of training; null where that is not known. */
  seed: number | null;
  /** All settings by name, such as "epochs" or "model.layers"; no seed. */
  settings: Record<string, unknown>;
  /** Of training: fingerprints of pictures and of weights to begin with, by what they are of. */
  data: Record<string, unknown>;
  /** Of the test set. */
  fingerprint: string;
  /** Which of a run's checkpoints was evaluated, "best" or by its step; null where none was. */
  checkpoint: string | null;
  /** Averaged or trained; null where that is not known. */
  weights: string | null;
}

/** The recipe of an entry, as its results or its run tell it. */
export function recipeOf({ run: { description }, results }: Entry): Recipe {
  const header = results?.checkpoint.header as Record<string, unknown> | undefined;
  const told = (description?.settings ?? header?.settings ?? {}) as Record<string, unknown>;
  const { model, seed, evalBatchSize: _, ...settings } = told;
  const networkShape = results ? { ...results.model } : isObject(model) ? model : {};
  const data = (description?.data ?? {}) as Record<string, Record<string, unknown>>;
  return {
    method: textOr(results?.measured.method ?? settings.method, null),
    model: results?.measured.model ?? titleOfModel(networkShape),
    classes: Number(networkShape.classes ?? 0),
    dataset: results?.data.dataset ?? textOr(data.test?.name, "unknown data set"),
    seed: results?.measured.seed ?? (typeof seed === "number" ? seed : null),
    settings: { ...settings, ...prefixed("model", networkShape) },
    data: {
      // With pictures held out by the seed, the training pictures differ from seed to seed.
      train: settings.holdout ? data.train?.count : data.train?.fingerprint,
      mixing: data.mixing?.fingerprint,
      pretrained: isObject(description?.pretrained) ? description.pretrained.sha256 : undefined,
    },
    fingerprint: results?.data.fingerprint ?? textOr(data.test?.fingerprint, "unknown"),
    checkpoint: results ? checkpointOf(results.checkpoint) : null,
    weights: results?.measured.weights ?? null,
  };
}

/** The best one is at another step for each seed; other names of files may have the seed in them. */
function checkpointOf({ file, header }: Results["checkpoint"]): string {
  const name = basename(file).replace(/\.safetensors$/, "");
  if (name === "best") return name;
  const progress: unknown = header?.progress;
  if (isObject(progress) && typeof progress.step === "number") return `step ${progress.step}`;
  return name === "last" ? name : "other";
}

/** As `layermix evaluate` names it. */
function titleOfModel(shape: Record<string, unknown>): string {
  const name = modelNames.find((one) => one === shape.name);
  return name ? modelTitle(shape as unknown as ModelOptions) : "unknown model";
}

function textOr<Else>(value: unknown, otherwise: Else): string | Else {
  return typeof value === "string" ? value : otherwise;
}

function prefixed(prefix: string, values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]),
  );
}
