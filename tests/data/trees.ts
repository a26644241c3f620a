import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { encodePng } from "../../lib/data/picture_file.ts";
import { openPictureTree } from "../../lib/data/picture_tree.ts";
import type { PictureSource } from "../../lib/data/picture_source.ts";
import { withFolder } from "./folder.ts";
import { formula, goldenPicture, toRgba } from "./golden_pictures.ts";

/** A picture file of two white pixels. */
export const png = encodePng({ width: 2, height: 1, rgba: new Uint8Array(8).fill(255) });

/** Writes files below a folder, of which null is a folder. */
export async function write(
  folder: string,
  files: Record<string, Uint8Array | null>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await Deno.mkdir(content ? dirname(path) : path, { recursive: true });
    if (content) await Deno.writeFile(path, content);
  }
}

/** Asserts that something fails with a DataError of one line. */
export const refused = (promise: Promise<unknown>, message: RegExp) =>
  assert.rejects(promise, (error: Error) => {
    assert.equal(error.name, "DataError", String(error.stack));
    assert.match(error.message, /^Cannot read [^\n]+$/);
    assert.match(error.message, message);
    return true;
  });

/** Bytes that are no picture. */
export const broken = new TextEncoder().encode("a web page, where a picture should be");

/** Calls `test` with a tree of 23 pictures of many sizes and formats in 3 classes. */
export async function withTree(
  test: (source: PictureSource, folder: string) => Promise<void>,
): Promise<void> {
  const jpegs = ["baseline-420.jpg", "cmyk-420.jpg", "grey.jpg", "lossy.webp", "baseline-440.jpg"];
  const files: Record<string, Uint8Array> = {};
  for (let i = 0; i < 18; i++) {
    const [width, height] = [40 + 7 * (i % 5), 36 + 11 * (i % 4)];
    const rgba = toRgba(formula(width, height)).map((byte, at) => at % 4 < 3 ? byte ^ i : byte);
    files[`${"abc"[i % 3]}/${i}.png`] = encodePng({ width, height, rgba });
  }
  for (const name of jpegs) files[`b/${name}`] = goldenPicture(name);
  await withFiles(files, test);
}

/** Calls `test` with the tree of these files below a folder. */
export async function withFiles(
  files: Record<string, Uint8Array>,
  test: (source: PictureSource, folder: string) => Promise<void>,
): Promise<void> {
  await withFolder(async (folder) => {
    await write(join(folder, "tree"), files);
    await test(await openPictureTree(join(folder, "tree")), folder);
  });
}

/** So many pictures of two pixels in two classes, of which some are broken. */
export function manyFiles(count: number, isBroken: (i: number) => boolean) {
  const entries = Array.from({ length: count }, (_, i): [string, Uint8Array] => {
    const rgba = Uint8Array.of(i, 2 * i, 3 * i, 255, i, 9, 9, 255);
    const picture = encodePng({ width: 2, height: 1, rgba });
    const name = `${i < count / 2 ? "first" : "second"}/${String(i).padStart(4, "0")}.jpg`;
    return [name, isBroken(i) ? broken : picture];
  });
  return Object.fromEntries(entries);
}
