import { basename } from "node:path";
import type { Dataset } from "../data/dataset.ts";
import type { Picture } from "../data/pixels.ts";
import { readPicture } from "../data/read_picture.ts";
import { centerCrop, checkAspect, resizeShorterSide } from "../data/resize.ts";
import {
  cifarNormalization,
  imageNetNormalization,
  type Normalization,
} from "../robustness/predict.ts";

/** A picture to augment. */
export interface Subject {
  /** What draws depend on: the number in the data set, or the place among the files, from 0. */
  index: number;
  /** Its class, or its file's name without the folder. */
  name: string;
  /** As it is before augmentation. */
  picture: Picture;
}

/** Pictures to augment, and what training does to all pictures of their kind. */
export interface Subjects {
  /** What the pictures are, such as "cifar10". */
  title: string;
  /** At least one. */
  pictures: Subject[];
  /** Pixels of black around a picture before it is cropped to its own size. */
  padding: number;
  /** The color that it makes 0 is what erased parts show. */
  normalization: Normalization;
}

/** The shorter side of a picture file, in pixels, or "own" for files as they are. */
export type SubjectSize = number | "own";

/**
 * Pictures of a data set by their numbers, in the order given.
 *
 * @throws {RangeError} when there is no number, or one is not in the data set
 */
export function datasetSubjects(data: Dataset, indices: readonly number[]): Subjects {
  const range = `in 0 … ${data.count - 1} of ${data.name}`;
  if (indices.length === 0) throw new RangeError(`Cannot draw: expected an index ${range}`);
  const bytes = 4 * data.width * data.height;
  const pictures = indices.map((index) => {
    if (!(index < data.count)) {
      throw new RangeError(`Cannot draw picture ${index}: expected an index ${range}`);
    }
    const rgba = data.rgba.slice(index * bytes, (index + 1) * bytes);
    const name = data.classes[data.labels[index]!]!;
    return { index, name, picture: { width: data.width, height: data.height, rgba } };
  });
  return { title: data.name, pictures, padding: 4, normalization: cifarNormalization };
}

/**
 * Picture files, each resized to a shorter side of `size` pixels and cut to the `size` × `size` in
 * the middle, or as it is. They are mirrored, but not padded.
 *
 * @throws {DataError} when a file is missing or no picture that can be read, or more than 32 times as
 * long as it is short and `size` a number
 * @throws {RangeError} when there is no file
 */
export async function fileSubjects(
  files: readonly string[],
  size: SubjectSize,
): Promise<Subjects> {
  if (files.length === 0) throw new RangeError("Cannot draw: expected a picture file");
  const pictures: Subject[] = [];
  for (const [index, file] of files.entries()) {
    const picture = await readPicture(file);
    pictures.push({ index, name: basename(file), picture: sized(picture, size, file) });
  }
  const title = files.length === 1 ? pictures[0]!.name : `${files.length} pictures`;
  return { title, pictures, padding: 0, normalization: imageNetNormalization };
}

function sized(picture: Picture, size: SubjectSize, file: string): Picture {
  if (size === "own") return picture;
  checkAspect(picture, file);
  return centerCrop(resizeShorterSide(picture, size), size);
}
