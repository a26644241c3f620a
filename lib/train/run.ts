import { resolve } from "node:path";
import { mixingRoom } from "../augment/mixing.ts";
import { checkpointFiles } from "../checkpoint/checkpoint.ts";
import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import { modelTitle } from "../models/model.ts";
import { loadWeights } from "../checkpoint/load_weights.ts";
import { readWeights } from "../checkpoint/read_weights.ts";
import { initialize } from "../nn/initialize.ts";
import type { TuneLimits, TuneOptions } from "../tune/record_tuned.ts";
import { layermixVersion } from "../version.ts";
import { completed, flagsOfResumed, settingsOf, type TrainFlags } from "./flags.ts";
import { readBegun, readFlags, resumeFrom, type ResumeOptions, tuneOfResumed } from "./resume.ts";
import { openImageNet } from "./imagenet_data.ts";
import { absolute, describeData, openCifar, type RunData } from "./run_data.ts";
import { inPartsThatFit } from "./parts.ts";
import { openRun, type RunRecord } from "./run_record.ts";
import { openSession, type Session } from "./session.ts";
import { noSums, type Progress, stepsPerEpoch } from "./settings.ts";
import { train, TrainError, type TrainObserver, type TrainResult } from "./train.ts";

/** What to train and where to keep it. */
export interface RunOptions {
  /** The flags that were given; the rest are the published recipe's, or the resumed run's. */
  flags: Partial<TrainFlags>;
  /** The run folder. */
  folder: string;
  /** Go on with the run in the folder instead of beginning one. */
  resume?: boolean;
  /** Go on even with other flags than the run began with; it cannot be repeated by its flags then. */
  force?: boolean;
  /** Steps between checkpoints within an epoch; 0: at epoch ends only. */
  saveEvery?: number;
  /** Threads that decode pictures of ImageNet; as many as there are processors by default. */
  workers?: number;
  /**
   * Bytes that mixing pictures may take on the GPU, 2³⁰ by default and no more than it binds; a larger
   * set is read when it is needed, with the same results.
   */
  mixingMemory?: number;
  /** Which adapter; by default the system's choice. */
  adapter?: AdapterChoice;
  /**
   * Time kernels before the first step, use the fastest and keep which they are; false by default:
   * fixed kernels. A resumed run goes on with the kernels it began with.
   */
  tune?: boolean | TuneLimits;
  /** Ends the run after the step in hand, with a checkpoint. */
  signal?: AbortSignal;
  /** Told what happens. */
  observer?: TrainObserver;
  /** Told what people want to know before training begins. */
  note?: (line: string) => void;
}

/** How a run ended. */
export interface RunResult extends TrainResult {
  /** The run folder. */
  folder: string;
  /** All flags, with those that were not given. */
  flags: TrainFlags;
}

/**
 * Trains on CIFAR-10, CIFAR-100 or the built-in shapes, into a run folder: `run.json`, `log.csv`,
 * `log.jsonl`, `last.safetensors` and `best.safetensors`.
 *
 * @throws {DataError | GpuError | CheckpointError | TrainError | RangeError} one line for the user
 */
export function trainCifar(options: RunOptions): Promise<RunResult> {
  return trainRun(options);
}

/**
 * Trains on ImageNet, or any folder with a folder of pictures for each class, into the same kind of
 * run folder as `trainCifar`.
 *
 * @throws as trainCifar
 */
export function trainImageNet(options: RunOptions): Promise<RunResult> {
  const { flags, resume } = options;
  return trainRun(resume ? options : { ...options, flags: { ...flags, dataset: "imagenet" } });
}

async function trainRun(options: RunOptions): Promise<RunResult> {
  const folder = resolve(options.folder);
  const flags = options.resume
    ? flagsOfResumed(await readFlags(folder), absolute(options.flags), folder, options.force)
    : absolute(completed(options.flags ?? {}));
  const { last } = checkpointFiles(folder);
  if (!options.resume && await exists(last)) {
    throw new TrainError(
      `Cannot train into ${folder}: it holds a run already; go on with --resume, or choose another --save`,
    );
  }
  // Before the pictures are read, which takes longer: what no number of classes could put right.
  settingsOf(flags, 1);
  const note = options.note ?? (() => {});
  const gpu = await Gpu.open(options.adapter);
  try {
    const { workers, mixingMemory } = options;
    const memory = { most: mixingRoom(gpu, mixingMemory), workers };
    const open = flags.dataset === "imagenet" ? openImageNet : openCifar;
    const data = await open(flags, memory, note);
    try {
      return await trainOn(gpu, data, flags, folder, options);
    } finally {
      data.close?.();
    }
  } finally {
    gpu.close();
  }
}

async function trainOn(
  gpu: Gpu,
  data: RunData,
  flags: TrainFlags,
  folder: string,
  options: RunOptions,
): Promise<RunResult> {
  const record = await openRun(folder);
  try {
    const fitted = fitting(gpu, flags, data, options);
    return { ...await trainInto(record, gpu, fitted, data, options), folder, flags: fitted };
  } finally {
    await record.close();
  }
}

/** The flags of a run that begins, with as many parts of a batch as it takes, unless they were given. */
function fitting(gpu: Gpu, flags: TrainFlags, data: RunData, options: RunOptions): TrainFlags {
  if (options.resume || options.flags.accumulate !== undefined) return flags;
  const settings = settingsOf(flags, data.train.classes.length);
  const pictures = { data: data.train, mixing: data.mixing };
  const { accumulate } = inPartsThatFit(gpu, settings, pictures, options.note ?? (() => {}));
  return { ...flags, accumulate };
}

async function trainInto(
  record: RunRecord,
  gpu: Gpu,
  flags: TrainFlags,
  data: RunData,
  options: RunOptions,
): Promise<TrainResult> {
  const note = options.note ?? (() => {});
  const settings = settingsOf(flags, data.train.classes.length);
  const begun = options.resume
    ? await readBegun(record.folder, settings, data, note, options.force)
    : undefined;
  const tune = tuneOptions(options);
  const session = await openSession(gpu, settings, data.train, data.mixing, {
    tune: begun ? tuneOfResumed(begun, gpu, note, tune) : tune,
    building: options.observer?.preparing,
  });
  try {
    const { parameters, bytes } = session;
    note(
      `${modelTitle(settings.model)}: ${parameters.count} parameters, ${
        Math.ceil(bytes / 2 ** 20)
      } MiB on ${gpu.name}`,
    );
    const progress = begun
      ? await resumeFrom(record, session, begun, { flags, settings, data, note })
      : await begin(record, session, { flags, settings, data, note });
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

function tuneOptions(
  { tune, signal, note, observer }: RunOptions,
): TuneOptions | undefined {
  if (!tune) return undefined;
  return { ...(tune === true ? {} : tune), signal, note, progress: observer?.preparing };
}

async function begin(
  record: RunRecord,
  session: Session,
  { flags, settings, data, note }: ResumeOptions,
): Promise<Progress> {
  const { gpu, parameters, bytes, table: tuning = null } = session;
  const pretrained = await beginWeights(session, flags.pretrained, settings.seed, note);
  await record.resume(0);
  await record.describe({
    flags: { ...flags },
    settings: { ...settings },
    versions: { layermix: layermixVersion, deno: Deno.version.deno },
    adapter: { name: gpu.name, software: gpu.software },
    tuning,
    ...(pretrained ? { pretrained } : {}),
    data: describeData(flags, data),
    parameters: parameters.count,
    gpu_bytes: bytes,
    steps_per_epoch: stepsPerEpoch(data.train.count, settings.batchSize),
    best_chosen_on: data.holdout ? "holdout" : "test",
    started: new Date().toISOString(),
  });
  return { step: 0, epoch: 0, sums: noSums() };
}

/** The weights of a file, or drawn ones; what `run.json` says of the file. */
async function beginWeights(
  { gpu, parameters, averages }: Session,
  file: string | undefined,
  seed: number,
  note: (line: string) => void,
): Promise<Record<string, unknown> | undefined> {
  const all = averages ? [parameters, averages] : [parameters];
  if (!file) {
    for (const one of all) initialize(gpu, one, seed);
    return undefined;
  }
  const { tensors, sha256, format, foundAt: found_at } = await readWeights(file);
  const [drawn = []] = all.map((one) => loadWeights(gpu, one, tensors, { file, seed }));
  note(
    `beginning with the weights of ${file}` +
      (drawn.length ? `; for other classes, drawn anew: ${drawn.join(", ")}` : ""),
  );
  return { file, sha256, format, found_at, drawn };
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (error instanceof NotFound || error instanceof NotADirectory) return false;
    throw error;
  }
}
