import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { syncFolder } from "../data/sync_folder.ts";
import { writeReason } from "../data/system_errors.ts";
import { CheckpointError } from "./error.ts";

let written = 0;

/**
 * Replaces the file at `path` by `content` (a string as UTF-8) such that a reader, or a crash at
 * any moment, sees the old file or the new one, never a part: temporary file in the same folder,
 * fsync, rename, fsync of the folder where the system allows it. On failure the old file stays
 * and the temporary one is removed.
 *
 * @throws {CheckpointError} that names the path and the reason
 */
export async function writeAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  await writeAtomicBy(path, async (file) => {
    await file.writeFile(bytes);
    return true;
  });
}

/**
 * Like `writeAtomic()`, of a file that `write` fills bit by bit. Where that gives false or throws,
 * the old file stays. What it throws is thrown on, but for errors of the system.
 *
 * @throws {CheckpointError} that names the path and the reason
 */
export async function writeAtomicBy(
  path: string,
  write: (file: FileHandle) => Promise<boolean>,
): Promise<boolean> {
  const temporary = `${path}.tmp-${process.pid}-${written++}`;
  let isWhole = false;
  try {
    isWhole = await inSynced(temporary, "w", write);
    if (isWhole) await rename(temporary, path);
  } catch (cause) {
    isWhole = false;
    throw (cause as { code?: string }).code ? writeError(path, cause) : cause;
  } finally {
    if (!isWhole) await rm(temporary, { force: true }).catch(() => {});
  }
  if (isWhole) await syncFolder(dirname(path));
  return isWhole;
}

/**
 * Adds text as UTF-8 at the end of the file at `path`, made if absent, and fsyncs it.
 *
 * @throws {CheckpointError} that names the path and the reason
 */
export async function appendSynced(path: string, text: string): Promise<void> {
  try {
    await inSynced(path, "a", (file) => file.writeFile(text));
  } catch (cause) {
    throw writeError(path, cause);
  }
}

function writeError(path: string, cause: unknown): CheckpointError {
  return new CheckpointError(`Cannot write ${path}: ${writeReason(cause as Error)}`, { cause });
}

async function inSynced<Result>(
  path: string,
  flags: "w" | "a",
  write: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const file: FileHandle = await open(path, flags);
  try {
    const result = await write(file);
    await file.sync();
    return result;
  } finally {
    await file.close();
  }
}
