import { readFile } from "node:fs/promises";
import { decodePicture } from "../data/picture_file.ts";
import type { Picture } from "../data/pixels.ts";
import { resizeShorterSide } from "../data/resize.ts";
import { grid } from "../report/grid.ts";

/** The most pictures of a sheet, and of one of its rows. */
export const SHEET_PICTURES = 64;
const COLUMNS = 8;
/** The longest side of a thumbnail, in pixels. */
const THUMBNAIL = 96;

/**
 * One picture with thumbnails of the first 64 of the given PNG files, eight a row. Throws a DataError
 * for a file that is no PNG, a RangeError for no files.
 */
export async function contactSheet(files: readonly string[]): Promise<Picture> {
  const thumbnails: Picture[] = [];
  for (const file of files.slice(0, SHEET_PICTURES)) {
    const picture = await decodePicture(await readFile(file), file);
    thumbnails.push(resizeShorterSide(picture, Math.min(THUMBNAIL, picture.width)));
  }
  const [first] = thumbnails;
  if (!first) throw new RangeError("Cannot draw a contact sheet: expected pictures but found none");
  const columns = Math.min(COLUMNS, thumbnails.length);
  const rows = Math.ceil(thumbnails.length / columns);
  const blank = { ...first, rgba: new Uint8Array(first.rgba.length).fill(255) };
  const cells = Array.from({ length: rows }, (_, row) => {
    const line = thumbnails.slice(row * columns, (row + 1) * columns);
    return [...line, ...Array<Picture>(columns - line.length).fill(blank)];
  });
  const none = (count: number) => Array<string>(count).fill("");
  return grid({ columns: none(columns), rows: none(rows), cells, scale: 1 });
}
