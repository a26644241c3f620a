import { join } from "node:path";
import { cannotRead, DataError } from "../data/error.ts";
import { type NpyFile, openNpy } from "../data/npy.ts";

/** The `.npy` files of a folder that were looked for, opened, and the others by name. */
export interface NpyFolder {
  /** In the order of the names that were looked for. */
  files: Map<string, NpyFile>;
  /** Other `.npy` files, by their names with the ending. */
  unknown: string[];
  /** Names and times of change of all files opened. */
  stamp: string;
  close(): Promise<void>;
}

/**
 * Opens `<name>.npy` of bytes (rows × shape) for each name that is there.
 *
 * @param names what is looked for
 * @param known further files that are no surprise
 * @param flag the flag that gives the folder, for errors
 * @throws {DataError} when the folder is missing, no name is there, or a file is not as it should be
 */
export async function openNpyFolder(
  folder: string,
  names: readonly string[],
  known: readonly string[],
  shape: readonly (number | null)[],
  flag: string,
): Promise<NpyFolder> {
  const there = await listNpy(folder, flag);
  const files = new Map<string, NpyFile>();
  const close = async () => {
    for (const file of files.values()) await file.close();
  };
  const stamps: string[] = [];
  try {
    for (const name of names) {
      if (!there.includes(name)) continue;
      const path = join(folder, `${name}.npy`);
      files.set(name, await openNpy(path, { types: ["|u1"], shape: [null, ...shape] }));
      stamps.push(`${name} ${(await Deno.stat(path)).mtime?.getTime()}`);
    }
    if (files.size === 0) {
      const shown = names.slice(0, 3).map((name) => `${name}.npy`).join(", ");
      throw cannotRead(folder, `at least one of ${shown}, …`, "none; is it the right folder?");
    }
  } catch (error) {
    await close();
    throw error;
  }
  const unknown = there.filter((name) => !names.includes(name) && !known.includes(name));
  return { files, unknown: unknown.map((name) => `${name}.npy`), stamp: stamps.join(), close };
}

/** The names of a folder's `.npy` files without the ending, sorted. */
async function listNpy(folder: string, flag: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) {
      if (name.endsWith(".npy")) names.push(name.slice(0, -".npy".length));
    }
  } catch (cause) {
    const { NotFound, NotADirectory } = Deno.errors;
    if (cause instanceof NotFound) throw cannotRead(folder, `a folder (${flag})`, "nothing there");
    if (cause instanceof NotADirectory) throw cannotRead(folder, `a folder (${flag})`, "a file");
    throw new DataError(`Cannot read ${folder}: ${(cause as Error).message}`, { cause });
  }
  return names.sort();
}
