import { join } from "node:path";
import { fingerprint } from "./dataset.ts";
import { cannotRead, DataError } from "./error.ts";
import type { Picture } from "./pixels.ts";
import { readPicture } from "./read_picture.ts";
import { checkAspect, resizeShorterSide } from "./resize.ts";

/** Pictures to mix into others, each with the same shorter side, packed one after another. */
export interface MixingSet {
  /** The shorter side of every picture, in pixels. */
  size: number;
  /** How many pictures there are, at least 1. */
  count: number;
  /** Their paths below the folder with "/" between the parts, in byte order; or their names. */
  files: string[];
  /** Of each picture, in pixels. */
  widths: Uint32Array;
  /** Of each picture, in pixels. */
  heights: Uint32Array;
  /** Where each picture starts in `rgba`, in pixels. */
  offsets: Uint32Array;
  /** Red, green, blue and 255 for each pixel of each picture. */
  rgba: Uint8Array;
  /** Files that hold no picture that can be read, and why. */
  skipped: { file: string; reason: string }[];
  /** SHA-256 over widths, heights and pixels. */
  fingerprint: string;
}

/**
 * Reads every PNG, JPEG and WebP below a folder and resizes it to a shorter side of `size` pixels.
 *
 * Hidden files and folders are passed over, links are followed (each folder is read once). Anything
 * else that is no readable picture is listed in `skipped`. One picture is decoded at a time. Throws a
 * DataError when the folder is missing or holds no picture.
 */
export async function readMixingSet(
  folder: string,
  { size = 36 }: { size?: number } = {},
): Promise<MixingSet> {
  const unreadable = (error: Error) => {
    const missing = error instanceof Deno.errors.NotFound;
    throw cannotRead(folder, "a readable folder", missing ? "nothing there" : error.message);
  };
  const info = await Deno.stat(folder).catch(unreadable);
  if (!info.isDirectory) throw cannotRead(folder, "a readable folder", "a file");
  const skipped: MixingSet["skipped"] = [];
  const pictures: { name: string; picture: Picture }[] = [];
  const encoder = new TextEncoder();
  const files = await walk(folder, "", new Set(), skipped).catch(unreadable);
  const sorted = files.map((name) => ({ name, key: encoder.encode(name) }))
    .sort((a, b) => compareBytes(a.key, b.key));
  for (const { name } of sorted) {
    try {
      pictures.push({ name, picture: shrink(await readPicture(join(folder, name)), size, name) });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      skipped.push({ file: name, reason: error.message });
    }
  }
  if (pictures.length === 0) {
    const [first] = skipped;
    const found = first ? `${skipped.length} other files (${first.reason})` : "no file";
    throw cannotRead(folder, "at least one PNG, JPEG or WebP picture in it", found);
  }
  return { ...pack(pictures, size), skipped };
}

/**
 * The same set from pictures in memory, in the order given. Throws a DataError for none, and for a
 * picture more than 32 times as long as it is short.
 */
export function mixingSetFromPictures(
  pictures: readonly { name: string; picture: Picture }[],
  size: number,
): MixingSet {
  if (pictures.length === 0) throw cannotRead("the mixing set", "at least one picture", "none");
  const resized = pictures.map(({ name, picture }) => ({
    name,
    picture: shrink(picture, size, name),
  }));
  return pack(resized, size);
}

/** The names of all files below a folder, relative to `root`; what cannot be followed is skipped. */
async function walk(
  root: string,
  below: string,
  visited: Set<string>,
  skipped: MixingSet["skipped"],
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

function shrink(picture: Picture, size: number, name: string): Picture {
  checkAspect(picture, name);
  return resizeShorterSide(picture, size);
}

function pack(
  pictures: readonly { name: string; picture: Picture }[],
  size: number,
): MixingSet {
  const widths = Uint32Array.from(pictures, ({ picture }) => picture.width);
  const heights = Uint32Array.from(pictures, ({ picture }) => picture.height);
  const offsets = new Uint32Array(pictures.length);
  const total = pictures.reduce((sum, { picture }, i) => {
    offsets[i] = sum;
    return sum + picture.width * picture.height;
  }, 0);
  const rgba = new Uint8Array(total * 4);
  pictures.forEach(({ picture }, i) => rgba.set(picture.rgba, offsets[i]! * 4));
  const sides = [widths, heights].map((array) => new Uint8Array(array.buffer));
  return {
    size,
    count: pictures.length,
    files: pictures.map(({ name }) => name),
    widths,
    heights,
    offsets,
    rgba,
    skipped: [],
    fingerprint: fingerprint(...sides, rgba),
  };
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}
