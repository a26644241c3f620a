import { methodNames, type MethodOptions, methods } from "../augment/methods.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { type Dataset, fingerprint } from "../data/dataset.ts";
import { DataError, some } from "../data/error.ts";
import type { Gpu } from "../gpu/device.ts";
import { type ModelOptions, modelTitle } from "../models/model.ts";
import { layermixVersion } from "../version.ts";
import type { NetworkOptions } from "./network.ts";
import type { Fingerprints } from "./partial.ts";
import { pgdDefaults, type PgdOptions } from "./pgd.ts";
import type { Measured, MeasureOptions, Provenance } from "./results.ts";
import { describe, type Sources, type StreamedTest } from "./source.ts";
import { type SuiteName, suiteNames } from "./suites.ts";

/** What is evaluated, whatever its pictures are. */
export interface SubjectOptions extends NetworkOptions {
  /** What to measure. */
  suites: readonly SuiteName[];
  /** Corrupt the test pictures of suites that have no folder; false by default. */
  make?: boolean;
  /** Of what is made: a folder of the published pictures of frost; by default our own are used. */
  frost?: string;
  /** The attack of suite pgd; by default the published one, around the clean picture. */
  pgd?: Partial<PgdOptions>;
  /** 1 (by default), 2 or 3: frames from one to the next that is compared in suite p. */
  difficulty?: number;
  /** Of random starts, resamples and what is made, unsigned 32-bit; 1 by default. */
  seed?: number;
  /** Told what people want to know before the evaluation begins. */
  note?: (line: string) => void;
}

/** All that is known before anything is measured. */
export interface Subject {
  checkpoint: Checkpoint;
  test: Dataset | StreamedTest;
  /** What results say of the test set. */
  data: Provenance["data"];
  model: ModelOptions;
  sources: Sources;
  chosen: MeasureOptions;
  measured: Measured;
  notes: string[];
  /** Gives back what reads pictures. */
  close(): Promise<void>;
}

/** Notes that are told, and kept for the results. */
export function keptNotes(
  { note }: Pick<SubjectOptions, "note">,
): { notes: string[]; note: (line: string) => void } {
  const notes: string[] = [];
  return {
    notes,
    note(line) {
      notes.push(line.replace(/^note: /, ""));
      note?.(line);
    },
  };
}

/** What was chosen that changes numbers, with what holds where nothing is chosen. */
export function chosenOf({ suites, seed, difficulty, pgd }: SubjectOptions): MeasureOptions {
  return {
    suites: suiteNames.filter((suite) => suites.includes(suite)),
    seed: seed ?? 1,
    difficulty: difficulty ?? 1,
    pgd: { ...pgdDefaults, ...pgd },
  };
}

/** Tells of files in the folders of suites that belong to none of their corruptions or classes. */
export function tellUnknown(sources: Sources, note: (line: string) => void): void {
  for (const { description: { from, unknown_files } } of Object.values(sources)) {
    if (unknown_files.length === 0) continue;
    note(`note: in ${from}, ${some(unknown_files)} belong to no corruption of the suite`);
  }
}

/**
 * The folder of a suite's files.
 *
 * @param flag that gives it
 * @throws {DataError} when there is none
 */
export function given(suite: string, folder: string | undefined, flag: string): string {
  if (folder !== undefined) return folder;
  throw new DataError(`Cannot evaluate ${suite}: give the folder of its files, ${flag}`);
}

/**
 * What an evaluation's numbers depend on, to know it again.
 *
 * @param run what else it depends on, such as its shard
 */
export function fingerprints(
  { test, data, model, sources, chosen, measured }: Subject,
  gpu: Gpu,
  run: unknown,
): Fingerprints {
  const digest = (...values: unknown[]) =>
    fingerprint(new TextEncoder().encode(JSON.stringify(values)));
  const told = Object.values(sources).map(({ description, stamp }) => [description, stamp]);
  return {
    checkpoint: digest(measured, model),
    data: digest(test.fingerprint, ...(data.view ? [data.view] : []), told),
    options: digest(layermixVersion, chosen, run),
    adapter: digest(gpu.name),
  };
}

/** Where the numbers come from, for results. */
export function provenanceOf(
  { checkpoint, data, model, sources, chosen, measured, notes }: Subject,
  { name, software }: Gpu,
  tuning: Provenance["tuning"],
): Provenance {
  const { file, sha256, header } = checkpoint;
  return {
    schema: 2,
    layermix: layermixVersion,
    measured,
    checkpoint: { file, sha256, header },
    model,
    adapter: { name, software },
    tuning,
    data,
    sources: describe(sources),
    options: chosen,
    notes,
    date: new Date().toISOString(),
  };
}

/** What every row of the results is of, as far as the checkpoint says it. */
export function measuredOf(
  { sha256, header }: Checkpoint,
  model: ModelOptions,
  weights: Measured["weights"] = "averaged",
): Measured {
  const told = <Value>(name: string) => (header?.settings[name] ?? null) as Value | null;
  const name = methodNames.find((one) => one === header?.settings.method);
  const method = name && methods[name];
  // Settings hold what every method could have; those it has no use for say nothing of it.
  const hasOps = method && method.ops(header!.settings as unknown as MethodOptions).length > 0;
  return {
    model: modelTitle(model),
    weights,
    checkpoint_sha256: sha256,
    method: name ?? null,
    ops: hasOps ? told("ops") : null,
    jsd: told("jsd"),
    gray_mixing: method?.mixing ? told("grayMixing") : null,
    epochs: told("epochs"),
    seed: told("seed"),
    alexnet_errors: "ImageNet-C, google-research/augmix imagenet.py",
  };
}
