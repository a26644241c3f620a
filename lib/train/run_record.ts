import { join } from "node:path";
import { appendSynced, writeAtomic } from "../checkpoint/atomic_write.ts";

/** The first line of `log.csv`; the columns of the published LayerMix and PixMix logs. */
const header = "epoch,time(s),train_loss,test_loss,test_error(%)\n";

/** One epoch's figures: one row of `log.csv`, and with every further field one of `log.jsonl`. */
export interface EpochRecord {
  /** Counted from 1. */
  epoch: number;
  /** Wall-clock time of the epoch. */
  seconds: number;
  /** Mean over the epoch, of augmented pictures, in nats. */
  train_loss: number;
  /** Mean over the test pictures, in nats. */
  test_loss: number;
  /** A fraction in 0..1; `log.csv` has it in percent. */
  test_error: number;
  /** Other figures of the epoch. */
  [field: string]: number | string | boolean | null;
}

/** What `run.json` says about a run, enough to repeat it. */
export interface RunDescription {
  /** The command's flags, given or default, by their names without dashes. */
  flags: Record<string, unknown>;
  settings: Record<string, unknown>;
  /** Version by program, such as layermix and deno. */
  versions: Record<string, string>;
  /** The GPU adapter as the driver names it. */
  adapter: string | Record<string, unknown>;
  /** Where each data set was read, how many pictures it has, and its fingerprint. */
  data: Record<string, Record<string, unknown>>;
  /** When the run began, ISO 8601. */
  started: string;
  [field: string]: unknown;
}

/** A run folder held by this process alone, until `close()`. */
export interface RunRecord {
  readonly folder: string;
  /** Replaces `run.json`. */
  describe(description: RunDescription): Promise<void>;
  /** Adds one epoch to `log.csv` and `log.jsonl`, on the disk before it returns. */
  append(record: EpochRecord): Promise<void>;
  /**
   * Drops the rows of `epoch` and later ones, and any half-written row, as if they had never
   * been; `resume(0)` begins both logs anew.
   */
  resume(epoch: number): Promise<void>;
  /** Gives the folder free for another run. */
  close(): Promise<void>;
}

/**
 * Makes the folder where absent and takes it for one run: `run.lock` is locked by the system as
 * long as this process lives, and holds its process id for people and for the error. A lock left
 * by a run that was killed is taken over, and its half-written files are removed. Other files are
 * left as they are.
 *
 * @throws {Error} when another run, in this process or another one, is using the folder
 */
export async function openRun(folder: string): Promise<RunRecord> {
  const lock = await lockFolder(folder);
  await removeTemporaries(folder);
  const [csv, jsonl] = [join(folder, "log.csv"), join(folder, "log.jsonl")];
  return {
    folder,
    describe: (description) =>
      writeAtomic(join(folder, "run.json"), `${JSON.stringify(description, null, 2)}\n`),
    append: async (record) => {
      if (await readText(csv) === "") await writeAtomic(csv, header);
      await appendSynced(csv, csvRow(record));
      await appendSynced(jsonl, `${JSON.stringify(record)}\n`);
    },
    resume: async (epoch) => {
      const isKept = (found: number) => Number.isInteger(found) && found < epoch;
      const rows = wholeLines(await readText(csv)).filter((line) => isKept(csvEpoch(line)));
      const records = wholeLines(await readText(jsonl)).filter((line) => isKept(jsonEpoch(line)));
      await writeAtomic(csv, header + rows.join(""));
      await writeAtomic(jsonl, records.join(""));
    },
    close: async () => {
      await Deno.remove(join(folder, "run.lock")).catch(() => {});
      lock.close();
    },
  };
}

/** Files that a run was writing when it was killed. */
async function removeTemporaries(folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (/^(run|log|last|best)\.\w+\.tmp-\d+-\d+$/.test(name)) await Deno.remove(join(folder, name));
  }
}

async function lockFolder(folder: string): Promise<Deno.FsFile> {
  const path = join(folder, "run.lock");
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (;;) {
      const file = await Deno.open(path, { read: true, write: true, create: true });
      // A file system without locks cannot tell, and must not keep anybody from training.
      const isOurs = await file.tryLock(true).catch(() => true);
      if (!isOurs) {
        file.close();
        break;
      }
      if (await isFileAt(path, file)) {
        await file.truncate();
        await file.write(new TextEncoder().encode(`${Deno.pid}\n`));
        return file;
      }
      file.close();
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Cannot train into ${folder}: ${reason}`, { cause });
  }
  const pid = (await readText(path).catch(() => "")).trim();
  const who = pid === "" ? "another run" : `another run (pid ${pid})`;
  throw new Error(`Cannot train into ${folder}: ${who} is using it`);
}

/** Whether `path` still leads to the open file; a run that ends removes it. */
async function isFileAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const ours = await file.stat();
  try {
    return (await Deno.stat(path)).ino === ours.ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The file's text, empty when there is none. */
async function readText(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}

/** Lines with their line ends; a last one without is half-written and left out. */
function wholeLines(text: string): string[] {
  return text.split("\n").slice(0, -1).map((line) => `${line}\n`);
}

function csvRow({ epoch, seconds, train_loss, test_loss, test_error }: EpochRecord): string {
  const figures = [seconds.toFixed(1), train_loss.toFixed(6), test_loss.toFixed(6)];
  return `${epoch},${figures.join(",")},${(100 * test_error).toFixed(3)}\n`;
}

/** The epoch of a row of `log.csv`, NaN for the header and for damaged rows. */
function csvEpoch(line: string): number {
  return /^\d+(,[^,\n]+){4}\n$/.test(line) ? parseInt(line, 10) : NaN;
}

/** The epoch of a row of `log.jsonl`, NaN for damaged rows. */
function jsonEpoch(line: string): number {
  try {
    const { epoch } = JSON.parse(line) as { epoch?: unknown };
    return typeof epoch === "number" ? epoch : NaN;
  } catch {
    return NaN;
  }
}
