import { join } from "node:path";
import { checkpointFiles, readCheckpoint, restore } from "../checkpoint/checkpoint.ts";
import type { Gpu } from "../gpu/device.ts";
import type { ModelOptions } from "../models/model.ts";
import type { CifarFlags } from "./flags.ts";
import type { RunData } from "./run_data.ts";
import type { RunRecord } from "./run_record.ts";
import type { Session } from "./session.ts";
import type { Progress } from "./settings.ts";
import { TrainError } from "./train.ts";

/**
 * Gives a session the last checkpoint of a run folder, and takes back what was logged after it.
 *
 * @param note told when the adapter is not the one the run began on
 * @throws {TrainError | CheckpointError} when the pictures are others, or a file is damaged
 */
export async function resumeFrom(
  record: RunRecord,
  session: Session,
  model: ModelOptions,
  data: RunData,
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
  const progress = progressOf(header.progress, checkpoint.file);
  await record.resume(progress.epoch + 1);
  note(`resuming after step ${progress.step}, in epoch ${progress.epoch + 1}`);
  return progress;
}

function progressOf(found: Record<string, unknown>, file: string): Progress {
  const { step, epoch, sums } = found as Partial<Progress>;
  const numbers = [step, epoch, sums?.count, sums?.loss, sums?.correct, sums?.correct5];
  if (numbers.every(Number.isFinite)) return found as unknown as Progress;
  throw new TrainError(
    `Cannot resume ${file}: expected to read how far training was but found damage`,
  );
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

/** The flags a run began with. */
export async function readFlags(folder: string): Promise<CifarFlags> {
  return (await readRun(folder)).flags;
}
