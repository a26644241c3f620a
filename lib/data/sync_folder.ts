import { type FileHandle, open } from "node:fs/promises";

/** Makes a rename last through a power cut; some systems cannot sync a folder, and need not. */
export async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, "r");
    await handle.sync();
  } catch {
    // Windows and some network file systems refuse; the file itself is already safe.
  } finally {
    await handle?.close();
  }
}
