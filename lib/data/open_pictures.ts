import { stat } from "node:fs/promises";
import { imagenet200 } from "./class_list.ts";
import { cannotRead } from "./error.ts";
import { openPack } from "./pack/open_pack.ts";
import type { PictureSource } from "./picture_source.ts";
import { openPictureTree } from "./picture_tree.ts";
import { readReason } from "./system_errors.ts";

/** Which classes are read, and how many there must be. */
export interface OpenPicturesOptions {
  /** The names of the classes, for pictures that belong to others; by default all that are there. */
  classes?: readonly string[];
  /** 200 takes ImageNet-R's classes out of a folder of more. */
  numClasses?: number;
}

/**
 * Opens a folder with a folder of pictures for each class, or a file that `layermix pack` made.
 *
 * @throws {DataError} when it is neither, or has other classes
 */
export async function openPictures(
  path: string,
  { classes, numClasses }: OpenPicturesOptions = {},
): Promise<PictureSource> {
  const info = await stat(path).catch((error: Error) => {
    throw cannotRead(path, "a folder of classes or a pack", readReason(error));
  });
  const source = info.isFile() ? openPack(path) : await openPictureTree(path, { classes });
  if (!info.isFile() && numClasses === imagenet200.length && source.classes.length > numClasses) {
    return await openPictureTree(path, { classes: imagenet200 });
  }
  const expected = classes?.length ?? numClasses;
  if (expected !== undefined && source.classes.length !== expected) {
    const way = info.isFile() && numClasses === imagenet200.length
      ? "; make a pack of them with layermix pack --classes imagenet-200, or give the folder"
      : "";
    throw cannotRead(path, `${expected} classes`, `${source.classes.length}${way}`);
  }
  const other = classes && source.classes.find((name, i) => name !== classes[i]);
  if (other !== undefined) throw cannotRead(path, `the same classes as of training`, other);
  return source;
}
