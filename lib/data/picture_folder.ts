import { join } from "node:path";
import { cannotRead } from "./error.ts";

/** A file that holds no picture that can be read, and why. */
export interface SkippedFile {
  /** Its path. */
  file: string;
  /** Why not, in a few words. */
  reason: string;
}

/**
 * The paths of all files below a folder, relative to it with "/" between the parts, in byte order.
 *
 * Hidden files and folders are passed over, links are followed (each folder is read once); what
 * cannot be followed is in `skipped`.
 *
 * @throws {DataError} when the folder is missing, or no folder
 */
export async function listFiles(
  folder: string,
): Promise<{ files: string[]; skipped: SkippedFile[] }> {
  const unreadable = (error: Error) => {
    const missing = error instanceof Deno.errors.NotFound;
    throw cannotRead(folder, "a readable folder", missing ? "nothing there" : error.message);
  };
  const info = await Deno.stat(folder).catch(unreadable);
  if (!info.isDirectory) throw cannotRead(folder, "a readable folder", "a file");
  const skipped: SkippedFile[] = [];
  const encoder = new TextEncoder();
  const files = await walk(folder, "", new Set(), skipped).catch(unreadable);
  const sorted = files.map((name) => ({ name, key: encoder.encode(name) }))
    .sort((a, b) => compareBytes(a.key, b.key));
  return { files: sorted.map(({ name }) => name), skipped };
}

/** The names of all files below a folder, relative to `root`; what cannot be followed is skipped. */
async function walk(
  root: string,
  below: string,
  visited: Set<string>,
  skipped: SkippedFile[],
): Promise<string[]> {
  const path = join(root, below);
  const real = await Deno.realPath(path);
  if (visited.has(real)) return [];
  visited.add(real);
  const entries = (await Array.fromAsync(Deno.readDir(path)))
    .filter(({ name }) => !name.startsWith("."))
    .sort((a, b) => a.name < b.name ? -1 : 1);
  const files: string[] = [];
  for (const entry of entries) {
    const name = below ? `${below}/${entry.name}` : entry.name;
    try {
      const info = entry.isSymlink ? await Deno.stat(join(root, name)) : entry;
      if (info.isDirectory) {
        for (const file of await walk(root, name, visited, skipped)) files.push(file);
      } else if (info.isFile) files.push(name);
      else throw new Error("neither a file nor a folder");
    } catch (error) {
      skipped.push({ file: name, reason: (error as Error).message });
    }
  }
  return files;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
