import { readdir, stat } from "node:fs/promises";
import { join, sep } from "node:path";
import { readCifar } from "./cifar.ts";
import { type Layout, layouts } from "./cifar_layouts.ts";
import { corruptionsOfC, sequencesOfP } from "./corruption_names.ts";
import { digestLike, digestName, type DigestOptions } from "./digest.ts";
import { cannotRead, DataError } from "./error.ts";
import { openNpy, readNpyIntegers } from "./npy.ts";
import { type Source, type SourceName, sources } from "./sources.ts";

/** What was found of one file, or of files that belong together. */
export interface DataFinding {
  /** The file, or what the files are together. */
  name: string;
  /** What is in it, for people; or what was expected and what was found. */
  found: string;
  /** Whether it is as published. */
  isRight: boolean;
}

/** How a folder is checked; progress is that of reading files for their checksums. */
export interface CheckDataOptions extends DigestOptions {
  /** MD5 or SHA-1 of files, by their names; those that have none are not read through. */
  checksums?: Readonly<Record<string, string>>;
}

/** Of CIFAR-10 and CIFAR-100; C has as many test pictures in each of five severities. */
const PICTURES = { train: 50_000, test: 10_000 };
const SIDE = 32;

/** Those without which a figure cannot be computed. */
const required = { c: corruptionsOfC, p: sequencesOfP };

/**
 * Compares a folder with what a data set must hold: each file that is needed is there, and has the
 * right size, type, shape, labels and checksum. Files that are there beside them are looked at too.
 *
 * @param folder the one that the official archive holds, such as `data/CIFAR-10-C`, or what it is in
 * @throws {DataError} when there is no such folder
 */
export async function checkData(
  name: SourceName,
  folder: string,
  options: CheckDataOptions = {},
): Promise<DataFinding[]> {
  const { folder: own, content } = sources[name];
  const versions = content.kind === "binary" ? layouts[content.dataset] : [];
  const inner = [own, ...versions.map(({ subfolder }) => subfolder)];
  const { path, names } = await findFolder(name, folder, inner);
  const findings = content.kind === "binary"
    ? await checkCifar(path, names, content.dataset)
    : await checkArrays(path, names, content);
  return await checkChecksums(path, names, findings, options);
}

/** The folder itself, or the one of the given names that is in it, and what it holds. */
async function findFolder(name: string, folder: string, inner: readonly string[]) {
  for (const path of [...inner.map((name) => join(folder, name)), folder]) {
    const names = await readdir(path).catch(() => undefined);
    if (names) return { path, names };
  }
  throw cannotRead(folder, `a folder of ${name}`, "none");
}

/** CIFAR itself: each file of the version that is there, then the labels of both splits. */
async function checkCifar(
  root: string,
  names: readonly string[],
  dataset: "cifar10" | "cifar100",
): Promise<DataFinding[]> {
  const isThere = ({ files }: Layout) => [...files.train, ...files.test].some(has);
  const has = (file: string) => names.includes(file);
  const layout = layouts[dataset].find(isThere) ?? layouts[dataset][0];
  const findings: DataFinding[] = [];
  const find = async (...args: [string, (path: string) => Promise<string>]) =>
    void findings.push(await finding(root, ...args));
  for (const split of ["train", "test"] as const) {
    const files = layout.files[split];
    const count = PICTURES[split] / files.length;
    for (const name of files) await find(name, (path) => checkBatch(path, layout, count));
    await find(`${split} labels`, async () => {
      const { count, classes } = await readCifar(root, dataset, split);
      return `${count} of ${classes.length} classes`;
    });
  }
  await find(layout.names, async (path) => `${(await layout.readNames(path)).length} names`);
  return findings;
}

async function checkBatch(path: string, layout: Layout, count: number): Promise<string> {
  const { size } = await stat(path).catch(() => {
    throw cannotRead(path, layout.content, "nothing there");
  });
  const { records } = await layout.open(path, size);
  if (records === count) return `${count} pictures`;
  throw cannotRead(path, `${count} pictures`, `${records}`);
}

/** The arrays of C or P that are required, those that are there beside them, and the labels. */
async function checkArrays(
  root: string,
  names: readonly string[],
  { kind, classes }: Source["content"] & { kind: "c" | "p" },
): Promise<DataFinding[]> {
  const beside = names.filter((name) => name.endsWith(".npy") && name !== "labels.npy").sort();
  const arrays = new Set([...required[kind].map((name) => `${name}.npy`), ...beside]);
  const findings = [];
  for (const name of arrays) {
    findings.push(await finding(root, name, (path) => checkPictures(path, kind)));
  }
  if (kind === "c" || names.includes("labels.npy")) {
    findings.push(await finding(root, "labels.npy", (path) => checkLabels(path, kind, classes)));
  }
  return findings;
}

/** What `look` finds in a file of the folder; what it throws is told without the folder's path. */
async function finding(
  root: string,
  name: string,
  look: (path: string) => Promise<string>,
): Promise<DataFinding> {
  try {
    return { name, found: await look(join(root, name)), isRight: true };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const message = error.message.replaceAll(join(root, sep), "");
    const found = message.replace(`Cannot read ${name}: `, "").replace(`Cannot read ${root}: `, "");
    return { name, found, isRight: false };
  }
}

async function checkPictures(path: string, kind: "c" | "p"): Promise<string> {
  const picture = [SIDE, SIDE, 3];
  const shape = kind === "c" ? [5 * PICTURES.test, ...picture] : [PICTURES.test, null, ...picture];
  const file = await openNpy(path, { types: ["|u1"], shape });
  await file.close();
  if (kind === "c") return `5 severities of ${PICTURES.test} pictures`;
  const length = file.shape[1]!;
  if (length < 2) throw cannotRead(path, "sequences of 2 pictures or more", `${length}`);
  return `${PICTURES.test} sequences of ${length} pictures`;
}

async function checkLabels(path: string, kind: "c" | "p", classes: number): Promise<string> {
  const labels = await readNpyIntegers(path);
  const count = (kind === "c" ? 5 : 1) * PICTURES.test;
  if (labels.length !== count) throw cannotRead(path, `${count} labels`, `${labels.length}`);
  const at = labels.findIndex((label) => label >= classes);
  if (at >= 0) throw cannotRead(path, `labels of 0 … ${classes - 1}`, `${labels[at]} at ${at}`);
  return `${count} labels of ${classes} classes`;
}

/** Adds what the checksums of files say to what was found of them, where that was right. */
async function checkChecksums(
  root: string,
  names: readonly string[],
  findings: readonly DataFinding[],
  { checksums = {}, progress, signal }: CheckDataOptions,
): Promise<DataFinding[]> {
  const all = new Map(findings.map((finding) => [finding.name, finding]));
  const files = [];
  for (const name of names.toSorted()) {
    if (!Object.hasOwn(checksums, name) || all.get(name)?.isRight === false) continue;
    const path = join(root, name), info = await stat(path);
    if (info.isFile()) files.push({ name, path, size: info.size });
  }
  const total = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const { name, path, size } of files) {
    const expected = checksums[name]!, kind = digestName(expected);
    const report = ({ task, done }: { task: "checking"; done: number }) =>
      progress?.({ task, done: before + done, total });
    const digest = await digestLike(expected, path, { progress: report, signal });
    const isRight = digest === expected;
    const content = all.get(name)?.found ?? `${size} bytes`;
    const found = isRight
      ? `${content}, of the published ${kind}`
      : `expected the ${kind} ${expected} but found ${digest}`;
    all.set(name, { name, found, isRight });
    before += size;
  }
  return [...all.values()];
}
