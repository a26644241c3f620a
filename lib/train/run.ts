import { join, resolve } from "node:path";
import { checkpointFiles, readCheckpoint, restore } from "../checkpoint/checkpoint.ts";
import type { Dataset } from "../data/dataset.ts";
import { BUILT_IN_MIXING_SET, openDataset, openMixingSet } from "../data/open.ts";
import type { MixingSet } from "../data/mixing_set.ts";
import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import { modelTitle } from "../models/model.ts";
import { initialize } from "../nn/initialize.ts";
import { layermixVersion } from "../version.ts";
import { cifarDefaults, type CifarFlags, flagsOfResumed, settingsOf } from "./flags.ts";
import { openRun, type RunRecord } from "./run_record.ts";
import { openSession, type Session } from "./session.ts";
import { noSums, type Progress, stepsPerEpoch } from "./settings.ts";
import { train, TrainError, type TrainObserver, type TrainResult } from "./train.ts";

/** What to train and where to keep it. */
export interface CifarRunOptions {
  /** The flags that were given; the rest are the published recipe's, or the resumed run's. */
  flags: Partial<CifarFlags>;
  /** The run folder. */
  folder: string;
  /** Go on with the run in the folder instead of beginning one. */
  resume?: boolean;
  /** Steps between checkpoints within an epoch; 0: at epoch ends only. */
  saveEvery?: number;
  adapter?: AdapterChoice;
  /** Ends the run after the step in hand, with a checkpoint. */
  signal?: AbortSignal;
  observer?: TrainObserver;
  /** Told what people want to know before training begins. */
  note?: (line: string) => void;
}

/** How a run ended. */
export interface CifarRunResult extends TrainResult {
  folder: string;
  epochs: number;
}

/**
 * Trains on CIFAR-10, CIFAR-100 or the built-in shapes, into a run folder: `run.json`, `log.csv`,
 * `log.jsonl`, `last.safetensors` and `best.safetensors`.
 *
 * @throws {DataError | GpuError | CheckpointError | TrainError | RangeError} one line for the user
 */
export async function trainCifar(options: CifarRunOptions): Promise<CifarRunResult> {
  const folder = resolve(options.folder);
  const flags = options.resume
    ? flagsOfResumed(await readFlags(folder), absolute(options.flags), folder)
    : absolute({ ...cifarDefaults, ...options.flags });
  const { last } = checkpointFiles(folder);
  if (!options.resume && await exists(last)) {
    throw new TrainError(
      `Cannot train into ${folder}: it holds a run already; go on with --resume, or choose another --save`,
    );
  }
  const note = options.note ?? (() => {});
  const data = await openData(flags, note);
  const record = await openRun(folder);
  try {
    const gpu = await Gpu.open(options.adapter);
    try {
      return {
        ...await trainInto(record, gpu, flags, data, options),
        folder,
        epochs: flags.epochs,
      };
    } finally {
      gpu.close();
    }
  } finally {
    await record.close();
  }
}

interface Data {
  train: Dataset;
  test: Dataset;
  mixing?: MixingSet;
}

async function openData(flags: CifarFlags, note: (line: string) => void): Promise<Data> {
  const train = await openDataset(flags.dataset, flags.dataPath, "train");
  const test = await openDataset(flags.dataset, flags.dataPath, "test");
  note(
    `${flags.dataset}: ${train.count} training and ${test.count} test pictures, ${train.classes.length} classes`,
  );
  if (flags.method !== "layermix") return { train, test };
  if (!flags.mixingSet) {
    throw new TrainError(
      `Cannot train with ${flags.method}: give a folder of pictures with --mixing-set, or --mixing-set ${BUILT_IN_MIXING_SET}`,
    );
  }
  const mixing = await openMixingSet(flags.mixingSet);
  const skipped = mixing.skipped.length;
  note(
    `mixing set: ${mixing.count} pictures` +
      (skipped
        ? `, ${skipped} files skipped (first: ${mixing.skipped[0]!.file}: ${
          mixing.skipped[0]!.reason
        })`
        : ""),
  );
  return { train, test, mixing };
}

async function trainInto(
  record: RunRecord,
  gpu: Gpu,
  flags: CifarFlags,
  data: Data,
  options: CifarRunOptions,
): Promise<TrainResult> {
  const note = options.note ?? (() => {});
  const settings = settingsOf(flags, data.train.classes.length);
  const session = await openSession(gpu, settings, data.train, data.mixing);
  try {
    const { parameters, bytes } = session;
    note(
      `${modelTitle(settings.model)}: ${parameters.count} parameters, ${
        Math.ceil(bytes / 2 ** 20)
      } MiB on ${gpu.name}`,
    );
    const progress = options.resume
      ? await resumeFrom(record, session, settings.model, data, gpu, note)
      : await begin(record, session, flags, data, gpu);
    const { signal, observer, saveEvery = 0 } = options;
    return await train({
      session,
      settings,
      ...data,
      record,
      progress,
      saveEvery,
      signal,
      observer,
    });
  } finally {
    session.destroy();
  }
}

async function begin(
  record: RunRecord,
  session: Session,
  flags: CifarFlags,
  data: Data,
  gpu: Gpu,
): Promise<Progress> {
  const settings = settingsOf(flags, data.train.classes.length);
  initialize(gpu, session.parameters, settings.seed);
  await record.resume(0);
  await record.describe({
    flags: { ...flags },
    settings: { ...settings },
    versions: { layermix: layermixVersion, deno: Deno.version.deno },
    adapter: { name: gpu.name, software: gpu.software },
    data: describeData(flags, data),
    parameters: session.parameters.count,
    gpu_bytes: session.bytes,
    steps_per_epoch: stepsPerEpoch(data.train.count, settings.batchSize),
    best_chosen_on: "test",
    started: new Date().toISOString(),
  });
  return { step: 0, epoch: 0, sums: noSums() };
}

function describeData(
  { dataset, dataPath, mixingSet }: CifarFlags,
  { train, test, mixing }: Data,
): Record<string, Record<string, unknown>> {
  const set = ({ count, fingerprint }: Dataset) => ({
    name: dataset,
    path: dataPath ?? "built in",
    count,
    fingerprint,
  });
  if (!mixing) return { train: set(train), test: set(test) };
  const { count, skipped, fingerprint } = mixing;
  return {
    train: set(train),
    test: set(test),
    mixing: { path: mixingSet, count, skipped, fingerprint },
  };
}

async function resumeFrom(
  record: RunRecord,
  session: Session,
  model: Parameters<typeof restore>[3],
  data: Data,
  gpu: Gpu,
  note: (line: string) => void,
): Promise<Progress> {
  const checkpoint = await readCheckpoint(checkpointFiles(record.folder).last);
  const { header } = checkpoint;
  if (!header) {
    throw new TrainError(`Cannot resume ${checkpoint.file}: it does not say how far training was`);
  }
  const run = await readRun(record.folder);
  for (const name of ["train", "test", "mixing"] as const) {
    const before = run.data[name]?.fingerprint;
    if (before === data[name]?.fingerprint) continue;
    throw new TrainError(
      `Cannot resume ${record.folder}: the ${name} pictures are not those the run began with`,
    );
  }
  if (run.adapter.name !== gpu.name) {
    note(`note: the run began on ${run.adapter.name}; on ${gpu.name} its bits may differ`);
  }
  restore(gpu, session.parameters, checkpoint, model);
  const progress = header.progress as unknown as Progress;
  await record.resume(progress.epoch + 1);
  note(`resuming after step ${progress.step}, in epoch ${progress.epoch + 1}`);
  return progress;
}

interface RunFile {
  flags: CifarFlags;
  adapter: { name: string };
  data: Record<string, { fingerprint: string } | undefined>;
}

async function readRun(folder: string): Promise<RunFile> {
  const file = join(folder, "run.json");
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (cause) {
    throw new TrainError(
      `Cannot resume ${folder}: expected a run folder with run.json but found none`,
      { cause },
    );
  }
  try {
    const run = JSON.parse(text) as RunFile;
    if (typeof run.flags.epochs !== "number" || !run.data.train || !run.adapter.name) {
      throw new TypeError("a field is missing");
    }
    return run;
  } catch (cause) {
    throw new TrainError(
      `Cannot resume ${folder}: expected ${file} as layermix wrote it but found damage (${
        (cause as Error).message
      })`,
      { cause },
    );
  }
}

async function readFlags(folder: string): Promise<CifarFlags> {
  return (await readRun(folder)).flags;
}

/** Paths that do not depend on the folder the command was given in. */
function absolute<F extends Partial<CifarFlags>>(flags: F): F {
  const { dataPath, mixingSet } = flags;
  return {
    ...flags,
    ...(dataPath ? { dataPath: resolve(dataPath) } : {}),
    ...(mixingSet && mixingSet !== BUILT_IN_MIXING_SET ? { mixingSet: resolve(mixingSet) } : {}),
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
