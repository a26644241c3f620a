import { methodNames, type MethodOptions, methods } from "../augment/methods.ts";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { type Dataset, fingerprint } from "../data/dataset.ts";
import { DataError } from "../data/error.ts";
import { openDataset } from "../data/open.ts";
import type { Gpu } from "../gpu/device.ts";
import { type ModelOptions, modelTitle } from "../models/model.ts";
import { layermixVersion } from "../version.ts";
import { openCorruptionFiles } from "./corruption_files.ts";
import { openMadePictures, openMadeSequences } from "./made_pictures.ts";
import { datasetOf, modelOf, type NetworkOptions, readNetwork } from "./network.ts";
import type { Fingerprints } from "./partial.ts";
import { pgdDefaults, type PgdOptions } from "./pgd.ts";
import type { Measured, MeasureOptions, Provenance } from "./results.ts";
import { openSequenceFiles } from "./sequence_files.ts";
import { closeAll, describe, type Sources } from "./source.ts";
import { type SuiteName, suiteNames } from "./suites.ts";

/** What is evaluated, on which pictures. */
export interface SubjectOptions extends NetworkOptions {
  suites: readonly SuiteName[];
  dataPath?: string;
  /** The folders of `.npy` files, for the suites of those names. */
  cDir?: string;
  cBarDir?: string;
  pDir?: string;
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
  test: Dataset;
  model: ModelOptions;
  sources: Sources;
  chosen: MeasureOptions;
  measured: Measured;
  notes: string[];
}

/**
 * Reads the checkpoint and the test set, and opens the other pictures; the caller closes `sources`.
 *
 * @throws {CheckpointError | DataError} one line for the user
 */
export async function openSubject(options: SubjectOptions): Promise<Subject> {
  const notes: string[] = [];
  const note = (line: string) => {
    notes.push(line.replace(/^note: /, ""));
    options.note?.(line);
  };
  const checkpoint = await readNetwork(options);
  const dataset = datasetOf(checkpoint, options.dataset);
  const test = await openDataset(dataset, options.dataPath, "test");
  const model = modelOf(checkpoint, options, test);
  const chosen = {
    suites: suiteNames.filter((suite) => options.suites.includes(suite)),
    seed: options.seed ?? 1,
    difficulty: options.difficulty ?? 1,
    pgd: { ...pgdDefaults, ...options.pgd },
  };
  const sources = await openSources(options, chosen, test, note);
  for (const { description: { from, unknown_files } } of Object.values(sources)) {
    if (unknown_files.length === 0) continue;
    note(`note: in ${from}, ${unknown_files.join(", ")} belong to no corruption of the suite`);
  }
  const measured = measuredOf(checkpoint, model, options.weights);
  return { checkpoint, test, model, sources, chosen, measured, notes };
}

const folders = { c: "cDir", "c-bar": "cBarDir" } as const;

async function openSources(
  options: SubjectOptions,
  { suites, difficulty, seed }: MeasureOptions,
  test: Dataset,
  note: (line: string) => void,
): Promise<Sources> {
  const sources: Sources = {};
  try {
    for (const suite of ["c", "c-bar"] as const) {
      if (!suites.includes(suite)) continue;
      const folder = options[folders[suite]];
      sources[suite] = options.make && folder === undefined
        ? await openMadePictures(suite, test, { seed, frost: options.frost })
        : await openCorruptionFiles(given(suite, folder), suite, test, note);
    }
    if (suites.includes("p")) {
      sources.p = options.make && options.pDir === undefined
        ? openMadeSequences(test, { seed }, difficulty)
        : await openSequenceFiles(given("p", options.pDir), test, difficulty);
    }
    return sources;
  } catch (error) {
    await closeAll(sources);
    throw error;
  }
}

function given(suite: string, folder: string | undefined): string {
  if (folder !== undefined) return folder;
  throw new DataError(`Cannot evaluate ${suite}: give the folder of its files, --${suite}-dir`);
}

/**
 * What an evaluation's numbers depend on, to know it again.
 *
 * @param run what else it depends on, such as its shard
 */
export function fingerprints(
  { test, model, sources, chosen, measured }: Subject,
  gpu: Gpu,
  run: unknown,
): Fingerprints {
  const digest = (...values: unknown[]) =>
    fingerprint(new TextEncoder().encode(JSON.stringify(values)));
  const told = Object.values(sources).map(({ description, stamp }) => [description, stamp]);
  return {
    checkpoint: digest(measured, model),
    data: digest(test.fingerprint, told),
    options: digest(layermixVersion, chosen, run),
    adapter: digest(gpu.name),
  };
}

/** Where the numbers come from, for results. */
export function provenanceOf(
  { checkpoint, test, model, sources, chosen, measured, notes }: Subject,
  { dataPath }: SubjectOptions,
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
    data: {
      dataset: test.name,
      path: dataPath ?? "built in",
      count: test.count,
      fingerprint: test.fingerprint,
      missing: test.missing ?? [],
    },
    sources: describe(sources),
    options: chosen,
    notes,
    date: new Date().toISOString(),
  };
}

function measuredOf(
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
