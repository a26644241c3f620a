import { mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { cannotRead, DataError } from "./error.ts";
import { withLock } from "./lock.ts";

/** The file in a folder that is there while a process writes to it; a killed one leaves it, unlocked. */
export const FOLDER_LOCK = "writing.lock";

/**
 * Makes a folder where it is absent, and calls `work` while no other process does the same with it:
 * each would take the other's half-written files for those that a killed one left.
 *
 * @throws {DataError} where a file is in its place, it cannot be made, or another process writes to it
 * @throws {WriteError} where it cannot be written to
 */
export async function withOutputFolder<Result>(
  folder: string,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const isFile = await stat(folder).then((found) => !found.isDirectory(), () => false);
    throw isFile
      ? cannotRead(folder, "a folder", "a file")
      : new DataError(`Cannot make the folder ${folder}: ${(error as Error).message}`);
  }
  const waiting = () => {
    throw new DataError(
      `Cannot write to ${folder}: another process is writing to it; wait for its end, or give ` +
        "another folder",
    );
  };
  return await withLock(join(folder, FOLDER_LOCK), work, { waiting });
}
