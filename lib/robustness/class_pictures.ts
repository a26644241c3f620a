import { stat } from "node:fs/promises";
import { fingerprint } from "../data/dataset.ts";
import { cannotRead, some } from "../data/error.ts";
import { openPack } from "../data/pack/open_pack.ts";
import type { PictureSource } from "../data/picture_source.ts";
import { foldersIn, openPictureTree } from "../data/picture_tree.ts";
import { readReason } from "../data/system_errors.ts";

/** Which of a folder's classes are those of a network. */
export interface KnownClasses {
  /** Those of both, in the order of the folder. */
  known: string[];
  /** Folders of other classes. */
  unknown: string[];
  /** Classes without a folder. */
  missing: string[];
}

/** Pictures of a network's classes. */
export interface ClassPictures extends KnownClasses {
  source: PictureSource;
  /** Numbers of the pictures of the source that count; all where it is absent. */
  numbers?: Uint32Array;
  count: number;
  /** (count) places in the list of the network's classes. */
  labels: Uint16Array;
  /** SHA-256 of classes and names; of a pack of the pictures too. */
  fingerprint: string;
}

/** How a folder and a network have to agree. */
export interface AgreementOptions {
  /** Whose classes they are, for errors. */
  of?: string;
  /** Whether each may have classes that the other one lacks; false by default. */
  areApart?: boolean;
}

/**
 * Compares a folder's classes with those of a network: it may have more of them, or fewer, but not
 * both, which would be a folder of something else.
 *
 * @throws {DataError} that names the folder and the classes
 */
export function agreement(
  path: string,
  there: readonly string[],
  classes: readonly string[],
  { of = "the network", areApart = false }: AgreementOptions = {},
): KnownClasses {
  const wanted = new Set(classes), found = new Set(there);
  const known = there.filter((name) => wanted.has(name));
  const unknown = there.filter((name) => !wanted.has(name));
  const missing = classes.filter((name) => !found.has(name));
  const expected = `a folder for each class of ${of}, such as ${some(classes, 2)},`;
  if (known.length === 0) {
    throw cannotRead(path, expected, there.length ? `only ${some(there, 3)}` : "no folder");
  }
  if (unknown.length && missing.length && !areApart) {
    throw cannotRead(
      path,
      expected,
      `none for ${some(missing, 3)}, but one for ${some(unknown, 3)}`,
    );
  }
  return { known, unknown, missing };
}

/**
 * Opens the pictures of a network's classes in a folder of classes, or in a pack.
 *
 * @throws {DataError} when it is neither, has other classes, or a class has no picture
 */
export async function openClassPictures(
  path: string,
  classes: readonly string[],
  options: AgreementOptions = {},
): Promise<ClassPictures> {
  const info = await stat(path).catch((error: Error) => {
    throw cannotRead(path, "a folder of classes or a pack", readReason(error));
  });
  if (info.isFile()) return packPictures(path, classes, options);
  const agreed = agreement(path, await foldersIn(path, "a folder of classes"), classes, options);
  const source = await openPictureTree(path, { classes: agreed.known });
  const { count, fingerprint } = source;
  return { ...agreed, source, count, fingerprint, labels: labelsOf(source, classes) };
}

function packPictures(
  path: string,
  classes: readonly string[],
  options: AgreementOptions,
): ClassPictures {
  const source = openPack(path);
  const agreed = agreement(path, source.classes, classes, options);
  const labels = labelsOf(source, classes);
  if (agreed.unknown.length === 0) {
    return { ...agreed, source, labels, count: source.count, fingerprint: source.fingerprint };
  }
  const all = Uint32Array.from({ length: source.count }, (_, i) => i);
  const numbers = all.filter((i) => labels[i] !== NO_CLASS);
  return {
    ...agreed,
    ...{ source, numbers, count: numbers.length },
    labels: Uint16Array.from(numbers, (i) => labels[i]!),
    fingerprint: fingerprint(
      new TextEncoder().encode(source.fingerprint),
      new Uint8Array(numbers.slice().buffer),
    ),
  };
}

/** Stands for a class that the network does not have; labels are below it. */
const NO_CLASS = 0xFFFF;

function labelsOf({ path, labels, classes }: PictureSource, known: readonly string[]): Uint16Array {
  if (known.length > NO_CLASS) {
    const expected = `pictures for a network of at most ${NO_CLASS} classes`;
    throw cannotRead(path, expected, `one of ${known.length}`);
  }
  const places = new Map(known.map((name, place) => [name, place]));
  const own = classes.map((name) => places.get(name) ?? NO_CLASS);
  return Uint16Array.from(labels, (label) => own[label]!);
}
