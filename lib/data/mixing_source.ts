import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { cannotRead, DataError } from "./error.ts";
import { NameTableBuilder, sharedNumbers } from "./name_table.ts";
import { openPack } from "./pack/open_pack.ts";
import { listFiles, type SkippedFile } from "./picture_folder.ts";
import type { PictureSource } from "./picture_source.ts";
import { pictureTree } from "./picture_tree.ts";
import { checkAspect, shorterSideSize } from "./resize.ts";
import { readReason } from "./system_errors.ts";

/** The pictures of a mixing set, none of which was read, and what cannot be one. */
export interface MixingSource {
  source: PictureSource;
  skipped: SkippedFile[];
}

/** What is known of a mixing set's pictures without their pixels. */
export interface MixingListing {
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
  /** Files that hold no picture that can be read. */
  skipped: SkippedFile[];
  /** SHA-256 over names, widths and heights. */
  listing: string;
}

/** A listing, and which pictures of a source it is of. */
export interface MeasuredMixing extends MixingListing {
  numbers: Uint32Array;
}

/**
 * Finds every file below a folder, in byte order, as `listFiles()` does; or opens what `layermix pack`
 * made, whose order is its own.
 *
 * @throws {DataError} when there is nothing, or the pack is damaged
 */
export async function openMixingSource(path: string): Promise<MixingSource> {
  const info = await stat(path).catch((error: Error) => {
    throw cannotRead(path, "a readable folder or a pack", readReason(error));
  });
  if (info.isFile()) return { source: openPack(path), skipped: [] };
  const { files, skipped } = await listFiles(path);
  return { source: sourceOf(path, files), skipped };
}

/**
 * The same of those files alone that hold a picture by their headers, such as for a pack.
 *
 * @throws {DataError} when there is none
 */
export async function openMixingPictures(path: string): Promise<MixingSource> {
  const found = await openMixingSource(path);
  if (found.source.shared.kind === "pack") return found;
  const { files, skipped } = await measureMixing(found, 1);
  return { source: sourceOf(path, files), skipped };
}

function sourceOf(path: string, files: readonly string[]): PictureSource {
  const names = new NameTableBuilder();
  for (const file of files) names.add(file);
  return pictureTree({
    kind: "tree",
    ...{ path, classes: ["mixing"], names: names.finish().memory },
    labels: sharedNumbers(new Uint32Array(files.length)),
    fingerprint: createHash("sha256").update(JSON.stringify(files)).digest("hex"),
  });
}

/**
 * Reads the size of every picture, and no pixels: what it has once its shorter side is `size` long.
 * What holds no picture by its header, or one that is too long, is skipped.
 *
 * @throws {DataError} when no picture is left
 */
export async function measureMixing(
  { source, skipped: before }: MixingSource,
  size: number,
): Promise<MeasuredMixing> {
  const numbers: number[] = [], files: string[] = [], skipped = [...before];
  const widths: number[] = [], heights: number[] = [];
  for (let number = 0; number < source.count; number++) {
    const file = source.name(number);
    try {
      const found = await source.size(number);
      checkAspect(found, file);
      const { width, height } = shorterSideSize(found, size);
      numbers.push(number);
      files.push(file);
      widths.push(width);
      heights.push(height);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      skipped.push({ file, reason: error.message });
    }
  }
  if (files.length === 0) throw noPicture(source.path, skipped);
  return {
    ...listingOf(files, Uint32Array.from(widths), Uint32Array.from(heights)),
    ...{ size, skipped, numbers: Uint32Array.from(numbers) },
  };
}

/** The part of a listing that follows from names and sizes. */
export function listingOf(
  files: string[],
  widths: Uint32Array,
  heights: Uint32Array,
): Omit<MixingListing, "size" | "skipped"> {
  const hash = createHash("sha256").update(JSON.stringify(files));
  for (const { buffer, byteOffset, byteLength } of [widths, heights]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return { files, widths, heights, count: files.length, listing: hash.digest("hex") };
}

/** Bytes of all pictures of a listing, four a pixel. */
export function bytesOf({ widths, heights }: MixingListing): number {
  return widths.reduce((sum, width, i) => sum + 4 * width * heights[i]!, 0);
}

/** The error for a mixing set in which there is no picture. */
export function noPicture(path: string, skipped: readonly SkippedFile[]): DataError {
  const [first] = skipped;
  const found = first ? `${skipped.length} other files (${first.reason})` : "no file";
  return cannotRead(path, "at least one PNG, JPEG or WebP picture in it", found);
}
