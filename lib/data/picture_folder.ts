import { join } from "node:path";
import { cannotRead, DataError } from "./error.ts";
import { decodePicture, pictureFormat } from "./picture_file.ts";
import type { Picture } from "./pixels.ts";
import { resizeShorterSide } from "./resize.ts";

/** The longest side a resized picture may have, in shorter sides: a strip would fill the memory. */
const MAX_ASPECT = 32;
/** The largest picture file that is read, in bytes. */
const MAX_BYTES = 2 ** 28;

/** A file that holds no picture that can be read, and why. */
export interface SkippedFile {
  file: string;
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

/**
 * A picture with its shorter side `size` pixels long, as `resizeShorterSide()` makes it.
 *
 * @throws {DataError} that names it where its longer side is more than 32 times as long
 */
export function resizedPicture(picture: Picture, size: number, name: string): Picture {
  const { width, height } = picture;
  if (Math.max(width, height) > MAX_ASPECT * Math.min(width, height)) {
    throw cannotRead(name, `sides of at most ${MAX_ASPECT} to 1`, `${width}x${height}`);
  }
  return resizeShorterSide(picture, size);
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

/**
 * Decodes one file; of a file that is no picture, only the first bytes are read.
 *
 * @throws {DataError} that names it where it is no picture, broken, or cannot be read
 */
export async function readPicture(path: string): Promise<Picture> {
  let bytes: Uint8Array;
  try {
    using file = await Deno.open(path);
    const { size } = await file.stat();
    const head = new Uint8Array(8);
    const length = await file.read(head) ?? 0;
    if (!pictureFormat(head.subarray(0, length))) {
      return await decodePicture(head.subarray(0, length), path);
    }
    if (size > MAX_BYTES) throw cannotRead(path, `at most ${MAX_BYTES} bytes`, String(size));
    bytes = await Deno.readFile(path);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw cannotRead(path, "a readable file", (error as Error).message);
  }
  return await decodePicture(bytes, path);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
