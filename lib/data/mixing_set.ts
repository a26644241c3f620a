import { join } from "node:path";
import { fingerprint } from "./dataset.ts";
import { cannotRead, DataError } from "./error.ts";
import { listFiles, resizedPicture, type SkippedFile } from "./picture_folder.ts";
import type { Picture } from "./pixels.ts";
import { readPicture } from "./read_picture.ts";

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
  /** Files that hold no picture that can be read. */
  skipped: SkippedFile[];
  /** SHA-256 over widths, heights and pixels. */
  fingerprint: string;
}

/**
 * Reads every PNG and JPEG below a folder and resizes it to a shorter side of `size` pixels.
 *
 * Hidden files and folders are passed over, links are followed (each folder is read once). Anything
 * else that is no readable picture is listed in `skipped`. One picture is decoded at a time. Throws a
 * DataError when the folder is missing or holds no picture.
 */
export async function readMixingSet(
  folder: string,
  { size = 36 }: { size?: number } = {},
): Promise<MixingSet> {
  const { files, skipped } = await listFiles(folder);
  const pictures: { name: string; picture: Picture }[] = [];
  for (const name of files) {
    try {
      pictures.push({
        name,
        picture: resizedPicture(await readPicture(join(folder, name)), size, name),
      });
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
    picture: resizedPicture(picture, size, name),
  }));
  return pack(resized, size);
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
