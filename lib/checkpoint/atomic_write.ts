import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { cannotWrite } from "../data/error.ts";
import { syncFolder } from "../data/sync_folder.ts";
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
  const temporary = `${path}.tmp-${process.pid}-${written++}`;
  try {
    await writeSynced(temporary, bytes, "w");
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw writeError(path, cause);
  }
  await syncFolder(dirname(path));
}

/**
 * Adds text as UTF-8 at the end of the file at `path`, made if absent, and fsyncs it.
 *
 * @throws {CheckpointError} that names the path and the reason
 */
export async function appendSynced(path: string, text: string): Promise<void> {
  try {
    await writeSynced(path, new TextEncoder().encode(text), "a");
  } catch (cause) {
    throw writeError(path, cause);
  }
}

function writeError(path: string, cause: unknown): CheckpointError {
  return new CheckpointError(cannotWrite(path, cause).message, { cause });
}

async function writeSynced(path: string, bytes: Uint8Array, flags: "w" | "a"): Promise<void> {
  const file: FileHandle = await open(path, flags);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
