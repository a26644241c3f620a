import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { methods } from "../augment/methods.ts";
import {
  type Checkpoint,
  checkpointFiles,
  readCheckpoint,
  restore,
} from "../checkpoint/checkpoint.ts";
import { datasetNames } from "../data/open.ts";
import type { Gpu } from "../gpu/device.ts";
import { parseJson } from "../json.ts";
import { modelNames } from "../models/model.ts";
import { isLossScale } from "../nn/loss_scaling.ts";
import type { TuneOptions } from "../tune/record_tuned.ts";
import { isTable, type TuningTable } from "../tune/table.ts";
import {
  type ChangedFlag,
  changedFlags,
  cifarDefaults,
  earlierSettings,
  type TrainFlags,
} from "./flags.ts";
import { isSameMixing } from "./mixing_data.ts";
import { describeData, type RunData } from "./run_data.ts";
import type { RunDescription, RunRecord } from "./run_record.ts";
import type { Session } from "./session.ts";
import { type Progress, stepsPerEpoch, type TrainSettings } from "./settings.ts";
import { TrainError } from "./train.ts";

/** A run that was begun, as its folder has it. */
export interface BegunRun {
  run: RunFile;
  checkpoint: Checkpoint;
  progress: Progress;
}

/**
 * Reads how far the run in a folder is.
 *
 * @param note told when the last checkpoint is damaged, so that the run goes on from the best one
 * @param force whether pictures and settings may be others; with another number of either in an epoch, only between epochs
 * @throws {TrainError | CheckpointError} when pictures or settings are others, or a file is damaged
 */
export async function readBegun(
  folder: string,
  settings: TrainSettings,
  data: RunData,
  note: (line: string) => void,
  force = false,
): Promise<BegunRun> {
  const checkpoint = await readNewest(folder, note);
  const progress = progressOf(checkpoint, settings, data, force);
  const run = await readRun(folder);
  for (const name of ["train", "test", "mixing"] as const) {
    const isSame = name === "mixing"
      ? isSameMixing(run.data.mixing, data.mixing)
      : run.data[name]?.fingerprint === data[name]?.fingerprint;
    if (force || isSame) continue;
    throw new TrainError(
      `Cannot resume ${folder}: the ${name} pictures are not those the run began with`,
    );
  }
  return { run, checkpoint, progress };
}

/** The last checkpoint, or, where a disk has damaged it, the best one, which is whole in itself. */
async function readNewest(folder: string, note: (line: string) => void): Promise<Checkpoint> {
  const { last, best } = checkpointFiles(folder);
  try {
    return await readCheckpoint(last);
  } catch (error) {
    const other = await readCheckpoint(best).catch(() => undefined);
    if (!other) throw error;
    note(`note: ${(error as Error).message}; going on from ${best}, which is older`);
    return other;
  }
}

/**
 * The kernels of a run that goes on: those it used, whatever the cache says by now, so that its
 * bits are those of one that never stopped. Where no step was done yet, or on another adapter,
 * they are chosen anew as `tune` says.
 */
export function tuneOfResumed(
  { run: { tuning: table }, progress }: BegunRun,
  gpu: Gpu,
  note: (line: string) => void,
  tune?: TuneOptions,
): TuneOptions | undefined {
  if (!table) return undefined;
  const isBound = table.adapter === gpu.name && (progress.step > 0 || !tune);
  return isBound ? { table, note } : tune;
}

/** What a run needs beside its folder to begin or to go on. */
export interface ResumeOptions {
  flags: TrainFlags;
  settings: TrainSettings;
  data: RunData;
  /** Told where the run goes on, and when the adapter is not the one it began on. */
  note: (line: string) => void;
}

/**
 * Gives a session the last checkpoint of a run, and takes back what was logged after it.
 *
 * @throws {CheckpointError} when the checkpoint is of another network
 */
export async function resumeFrom(
  record: RunRecord,
  session: Session,
  { run, checkpoint, progress }: BegunRun,
  { flags, settings, data, note }: ResumeOptions,
): Promise<Progress> {
  const { gpu, parameters, averages, table: tuning = null } = session;
  if (run.adapter.name !== gpu.name) {
    note(`note: the run began on ${run.adapter.name}; on ${gpu.name} its bits may differ`);
  }
  if (progress.loss_scale) session.lossScale?.write(progress.loss_scale);
  restore(gpu, parameters, checkpoint, settings.model, { momenta: true, averages });
  await record.resume(progress.epoch + 1);
  const changed = changedFlags(run.flags, flags);
  await record.describe({
    ...run,
    ...(changed.length
      ? { changes: [...run.changes ?? [], { step: progress.step, flags: changed }] }
      : {}),
    flags: { ...flags },
    settings: { ...settings },
    data: describeData(flags, data),
    tuning,
  });
  const { step, epoch } = progress;
  note(
    epoch === settings.epochs
      ? `the run is complete: ${epoch} of ${epoch} epochs`
      : `resuming after step ${step}, in epoch ${epoch + 1}`,
  );
  return progress;
}

/** How far a checkpoint of this very run is. */
function progressOf(
  checkpoint: Checkpoint,
  settings: TrainSettings,
  { train }: RunData,
  force: boolean,
): Progress {
  const { file, header } = checkpoint;
  if (!header) {
    throw new TrainError(`Cannot resume ${file}: it does not say how far training was`);
  }
  const made: Record<string, unknown> = {
    ...earlierSettings(settings.method),
    ...header.settings,
    model: header.model,
  };
  const other = Object.entries(settings).find(([name, value]) =>
    !isDeepStrictEqual(made[name], value)
  );
  if (!force && (other || header.dataset !== train.name)) {
    const what = other ? `${other[0]} ${JSON.stringify(other[1])}` : `data set ${train.name}`;
    throw new TrainError(
      `Cannot resume ${file}: expected ${what} but found a checkpoint of another run`,
    );
  }
  const progress = header.progress as unknown as Progress;
  const { step, epoch, sums, loss_scale } = progress;
  const isScaled = settings.precision === "f32" || force || isLossScale(loss_scale);
  const numbers = [step, epoch, sums?.count, sums?.loss, sums?.correct, sums?.correct5];
  const isSound = numbers.every(Number.isFinite) && isScaled;
  if (isSound && force && epoch > settings.epochs) {
    throw new TrainError(
      `Cannot resume ${file}: expected at least the ${epoch} epochs that are done but found ` +
        `--epochs ${settings.epochs}`,
    );
  }
  // The step of the epoch is known from its pictures, so that other batches or data are noticed.
  const expected = epoch * stepsPerEpoch(train.count, settings.batchSize) +
    Math.ceil(sums?.count / settings.batchSize);
  if (isSound && epoch <= settings.epochs && sums.count <= train.count) {
    if (step === expected) return progress;
    if (force && sums.count === 0) return { ...progress, step: expected };
  }
  throw new TrainError(
    isSound && force
      ? `Cannot resume ${file}: expected a checkpoint between two epochs, where batches or ` +
        `pictures are others, but found one after ${sums.count} pictures of epoch ${epoch + 1}; ` +
        "end that epoch with those it began with"
      : `Cannot resume ${file}: expected to read how far training was but found damage`,
  );
}

interface RunFile extends RunDescription {
  flags: TrainFlags & Record<string, unknown>;
  adapter: { name: string };
  /** What was changed by force when the run went on. */
  changes?: { step: number; flags: ChangedFlag[] }[];
  /** Absent in files that knew of no tuning yet. */
  tuning?: TuningTable | null;
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
    const run = parseJson(text) as RunFile;
    const { method } = run.flags;
    const isKnown = typeof method === "string" && Object.hasOwn(methods, method);
    if (isKnown) run.flags = { ...earlierSettings(method), ...run.flags };
    const flags = Object.entries(cifarDefaults);
    const isSound = flags.every(([name, value]) => typeof run.flags[name] === typeof value) &&
      modelNames.includes(run.flags.model) &&
      [...datasetNames, "imagenet"].includes(run.flags.dataset);
    if (!isKnown || !isSound || !run.data.train || !run.adapter.name) {
      throw new TypeError("a field is missing");
    }
    if (run.tuning && !(isTable(run.tuning.best) && typeof run.tuning.adapter === "string")) {
      throw new TypeError("the tuning is no table");
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

/** The flags a run began with. */
export async function readFlags(folder: string): Promise<TrainFlags> {
  return (await readRun(folder)).flags;
}
