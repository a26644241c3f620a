import { join } from "node:path";
import { writeAtomic } from "../checkpoint/atomic_write.ts";
import { DataError } from "../data/error.ts";
import { encodePng } from "../data/picture_file.ts";
import type { Frame } from "./draws.ts";

/** Writes frames, and counts them. */
export interface FrameFolder {
  write(frame: Frame): Promise<void>;
  /** Files written so far. */
  readonly count: number;
}

/**
 * Makes a folder for frames: PNG files whose names sort by picture, then method, then epoch, then
 * stage, such as "00003-frog_layermix_epoch-0001_002-rotate-12-degrees.png".
 *
 * @throws {DataError} when the folder cannot be made or has anything in it
 */
export async function frameFolder(folder: string): Promise<FrameFolder> {
  let entries: Deno.DirEntry[];
  try {
    await Deno.mkdir(folder, { recursive: true });
    entries = await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    const isFile = error instanceof Deno.errors.AlreadyExists;
    const reason = isFile ? "expected a folder but found a file" : (error as Error).message;
    throw new DataError(`Cannot write frames to ${folder}: ${reason}`);
  }
  if (entries.length > 0) {
    throw new DataError(
      `Cannot write frames to ${folder}: expected a new or empty folder but found files in it`,
    );
  }
  let count = 0;
  return {
    async write(frame) {
      await writeAtomic(join(folder, `${frameName(frame)}.png`), encodePng(frame.picture));
      count++;
    },
    get count() {
      return count;
    },
  };
}

function frameName({ subject, method, epoch, number, what }: Frame): string {
  const padded = (value: number, digits: number) => String(value).padStart(digits, "0");
  return [
    `${padded(subject.index, 5)}-${subject.name.replace(/[^\w.-]+/g, "-").slice(0, 40)}`,
    method,
    `epoch-${padded(epoch, 4)}`,
    `${padded(number, 3)}-${safe(what)}`,
  ].join("_");
}

/** The words in characters that every file system takes, and not too many of them. */
function safe(words: string): string {
  return words.replace(/-(?=\d)/g, "minus ").replace(/[^\w.-]+/g, "-").slice(0, 60);
}
