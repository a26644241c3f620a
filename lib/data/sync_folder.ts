import { type FileHandle, open } from "node:fs/promises";

/**
 * Makes names that were made, renamed or removed in a folder last through a power cut. Some systems
 * cannot sync a folder, and need not: then nothing is done.
 */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // Windows and some network file systems refuse; the files themselves are synced already.
  } finally {
    await handle?.close();
  }
}
