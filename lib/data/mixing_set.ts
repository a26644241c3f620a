import { fingerprint } from "./dataset.ts";
import { cannotRead, DataError } from "./error.ts";
import {
  listingOf,
  type MixingListing,
  type MixingSource,
  noPicture,
  openMixingSource,
} from "./mixing_source.ts";
import { packPictures, resizedPicture, resizedPixels } from "./packed_pictures.ts";
import type { Picture } from "./pixels.ts";

/** Pictures to mix into others, each with the same shorter side, packed one after another. */
export interface MixingSet extends MixingListing {
  /** Where each picture starts in `rgba`, in pixels. */
  offsets: Uint32Array;
  /** Red, green, blue and 255 for each pixel of each picture. */
  rgba: Uint8Array;
  /** SHA-256 over widths, heights and pixels. */
  fingerprint: string;
}

/**
 * Reads every PNG, JPEG and WebP file below a folder, or a pack, and resizes it to a shorter side of
 * `size` pixels.
 *
 * Hidden files and folders are passed over, links are followed (each folder is read once). Anything
 * else that is no readable picture is listed in `skipped`. One picture is decoded at a time. Throws a
 * DataError when the folder is missing or holds no picture.
 */
export async function readMixingSet(
  path: string,
  { size = 36 }: { size?: number } = {},
): Promise<MixingSet> {
  return await mixingSetFromSource(await openMixingSource(path), size);
}

/** The same of a source that is open; it is closed. */
export async function mixingSetFromSource(
  { source, skipped: before }: MixingSource,
  size: number,
): Promise<MixingSet> {
  const pictures: { name: string; picture: Picture }[] = [], skipped = [...before];
  for (let number = 0; number < source.count; number++) {
    const name = source.name(number);
    try {
      pictures.push({ name, picture: resizedPixels(await source.read(number), size, name) });
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      skipped.push({ file: name, reason: error.message });
    }
  }
  source.close();
  if (pictures.length === 0) throw noPicture(source.path, skipped);
  return { ...listed(pictures, size), skipped };
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
  return listed(resized, size);
}

/** With what tells the set from others. */
function listed(
  pictures: readonly { name: string; picture: Picture }[],
  size: number,
): MixingSet {
  const packed = packPictures(pictures.map(({ picture }) => picture));
  const { widths, heights, rgba } = packed;
  const sides = [widths, heights].map((array) => new Uint8Array(array.buffer));
  return {
    ...{ ...packed, size, skipped: [] },
    ...listingOf(pictures.map(({ name }) => name), widths, heights),
    fingerprint: fingerprint(...sides, rgba),
  };
}
