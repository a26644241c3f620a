import { createHash } from "node:crypto";
import { join } from "node:path";
import { cannotRead, DataError, some } from "./error.ts";
import { NameTable, NameTableBuilder, sharedNumbers } from "./name_table.ts";
import type { PictureSource, SharedTree } from "./picture_source.ts";
import { readPicture, readPictureSize } from "./read_picture.ts";
import { readReason } from "./system_errors.ts";

/** What a file's name must end with to be taken for a picture; what it holds decides the format. */
const PICTURE = /\.(jpe?g|png|webp)$/i;
/** How many names an error shows. */
const SHOWN = 3;

/** Which part of a tree is read. */
export interface TreeOptions {
  /** The folders to read, as `readClassList()` gives them; all by default. */
  classes?: readonly string[];
}

/**
 * Finds the pictures of `<root>/<class>/…`: labels are those of torchvision's ImageFolder, classes
 * sorted by name (also those of `classes`), and so is the order of the pictures. Files lie at any
 * depth below a class; hidden ones and those with other endings than .jpg, .jpeg, .png and .webp are
 * passed over. Nothing is decoded, so that a file that holds no picture is found when it is read.
 *
 * @throws {DataError} when the folder or a class cannot be read, there is no class, a class of
 *   `classes` is not there, or a class has no picture
 */
export async function openPictureTree(
  root: string,
  options: TreeOptions = {},
): Promise<PictureSource> {
  const { classes, labels, names, fingerprint } = await listTree(root, options);
  return pictureTree({
    kind: "tree",
    path: root,
    classes,
    labels,
    names: names.memory,
    fingerprint,
  });
}

/** Files below the folders of classes, in the order of labels and names. */
export interface ClassFiles {
  /** The name of every class, in the order of their labels. */
  classes: string[];
  /** One for each file. */
  labels: Uint32Array<SharedArrayBuffer>;
  /** Paths below the root. */
  names: NameTable;
  /** SHA-256 of classes and names. */
  fingerprint: string;
}

/** Which files of a tree are listed. */
export interface ListOptions extends TreeOptions {
  /** What files are looked for: in words, and what their names must match. Pictures by default. */
  files?: { kind: string; pattern: RegExp };
}

/** Pictures that are read: what a file holds decides its format, not its name. */
const PICTURES = { kind: ".jpg, .jpeg, .png or .webp picture", pattern: PICTURE };

/**
 * Lists the files of `<root>/<class>/…`, as `openPictureTree()` does it.
 *
 * @throws as openPictureTree
 */
export async function listTree(
  root: string,
  { files = PICTURES, ...options }: ListOptions = {},
): Promise<ClassFiles> {
  const classes = await findClasses(root, options.classes);
  const names = new NameTableBuilder(), labels: number[] = [], empty: string[] = [];
  for (const [label, name] of classes.entries()) {
    const before = names.count;
    for (const folder of await foldersBelow(root, name, files.pattern)) {
      for (const file of folder.files) names.add(`${folder.name}/${file}`);
    }
    for (let i = before; i < names.count; i++) labels.push(label);
    if (names.count === before) empty.push(name);
  }
  if (empty.length) {
    throw cannotRead(
      root,
      `at least one ${files.kind} of each class`,
      `none in ${some(empty, SHOWN)}`,
    );
  }
  const table = names.finish();
  const hash = createHash("sha256").update(JSON.stringify(classes));
  const { bytes, offsets } = table.memory;
  hash.update(bytes).update(new Uint8Array(offsets.buffer));
  const fingerprint = hash.digest("hex");
  return { classes, labels: sharedNumbers(labels), names: table, fingerprint };
}

/** The source that was found before, in any worker. */
export function pictureTree(shared: SharedTree): PictureSource {
  const { path, classes, labels, fingerprint } = shared;
  const names = new NameTable(shared.names);
  return {
    ...{ path, classes, labels, fingerprint, shared, count: labels.length },
    name: (index) => names.at(index),
    size: (index) => readPictureSize(join(path, names.at(index))),
    async read(index) {
      const { width, height, rgba } = await readPicture(join(path, names.at(index)));
      return { width, height, channels: 4, data: rgba };
    },
    close() {},
  };
}

/**
 * The names of the folders in a folder, sorted as Python sorts strings; hidden ones are passed over.
 *
 * @param expected what the folder is, for errors
 * @param wanted others are not looked at
 * @throws {DataError} when it cannot be read
 */
export async function foldersIn(
  root: string,
  expected: string,
  wanted?: ReadonlySet<string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await entriesOf(root, expected)) {
    if (wanted && !wanted.has(entry.name)) continue;
    if (await isFolder(root, entry)) found.push(entry.name);
  }
  return found.sort(compareCodePoints);
}

async function findClasses(root: string, wanted?: readonly string[]): Promise<string[]> {
  const found = await foldersIn(root, "a folder of classes", wanted && new Set(wanted));
  const missing = wanted?.filter((name) => !found.includes(name)) ?? [];
  if (missing.length) {
    const expected = `a folder for each of ${wanted!.length} classes`;
    throw cannotRead(root, expected, `none for ${some(missing, SHOWN)}`);
  }
  if (found.length === 0) {
    throw cannotRead(root, "a folder for each class, with its pictures in it", "no folder");
  }
  return found;
}

/** The folders of a class, itself included, in the order of their names, with their pictures. */
async function foldersBelow(
  root: string,
  name: string,
  pattern: RegExp,
  above: readonly string[] = [],
): Promise<{ name: string; files: string[] }[]> {
  const path = join(root, name);
  const entries = await entriesOf(path, "a folder of pictures");
  const real = await Deno.realPath(path);
  // A link to a folder above would lead around for ever.
  if (above.includes(real)) return [];
  const folder = { name, files: [] as string[] }, folders = [folder];
  for (const entry of entries) {
    // Opening a pipe would wait for ever.
    if (!entry.isFile && !entry.isDirectory && !entry.isSymlink) continue;
    // A link to nothing is listed, so that reading it says so.
    const isBelow = await isFolder(path, entry).catch((error) => {
      if (error instanceof DataError) return false;
      throw error;
    });
    if (isBelow) {
      folders.push(
        ...await foldersBelow(root, `${name}/${entry.name}`, pattern, [...above, real]),
      );
    } else if (pattern.test(entry.name)) folder.files.push(entry.name);
  }
  folder.files.sort(compareCodePoints);
  return folders.sort((a, b) => compareCodePoints(a.name, b.name));
}

async function entriesOf(path: string, expected: string): Promise<Deno.DirEntry[]> {
  try {
    const entries = await Array.fromAsync(Deno.readDir(path));
    return entries.filter(({ name }) => !name.startsWith("."));
  } catch (error) {
    throw cannotRead(path, expected, readReason(error as Error));
  }
}

async function isFolder(folder: string, entry: Deno.DirEntry): Promise<boolean> {
  if (!entry.isSymlink) return entry.isDirectory;
  const path = join(folder, entry.name);
  const info = await Deno.stat(path).catch((error: Error) => {
    throw cannotRead(path, "a link to a folder or file", readReason(error));
  });
  return info.isDirectory;
}

/** The order of Python's strings; JavaScript's own differs beyond U+FFFF. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return rank(a.charCodeAt(i)) - rank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

/** Halves of characters beyond U+FFFF go behind all that are below. */
function rank(unit: number): number {
  return unit >= 0xD800 && unit < 0xE000 ? unit + 0x10000 : unit;
}
