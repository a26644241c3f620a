import { join } from "node:path";
import { type Dataset, fingerprint } from "../data/dataset.ts";
import { cannotRead } from "../data/error.ts";
import { type NpyFile, readNpyIntegers } from "../data/npy.ts";
import { type NpyFolder, openNpyFolder } from "./npy_folder.ts";
import { type Blocks, readBlocks } from "./made_record.ts";
import type { CorruptionSource } from "./source.ts";
import {
  corruptionNames,
  type CorruptionSuiteName,
  severities as allSeverities,
} from "./suites.ts";

/** The classes of the pictures, and how the file gives them. */
interface Labels {
  /** Of one severity. */
  count: number;
  /** (count), the same for all severities; or (5 · count). */
  values: ArrayLike<number>;
  note?: string;
}

/**
 * Opens the official layout of CIFAR-10-C, CIFAR-100-C or their C-bar: `<corruption>.npy`, bytes
 * (5 · n × height × width × 3) with severity 1 first, and `labels.npy` of 5 · n labels (or n). A file
 * of fewer whole severities has the first ones. Without `labels.npy` the test set's labels are used.
 * Where `layermix corrupt` wrote the folder, its `corrupt.json` says which severities there are.
 *
 * @param note told when labels are not there
 * @throws {DataError} that names the file, when it has another type, order, size or number of rows,
 * or labels that are not those of a test set of as many pictures
 */
export async function openCorruptionFiles(
  folder: string,
  suite: CorruptionSuiteName,
  test: Dataset,
  note?: (line: string) => void,
): Promise<CorruptionSource> {
  const { test: counted, validation } = corruptionNames[suite];
  const shape = [test.height, test.width, 3];
  const names = [...counted, ...validation];
  const opened = await openNpyFolder(folder, names, ["labels"], shape, `--${suite}-dir`);
  try {
    const blocks = await readBlocks(folder);
    const labels = await readLabels(folder, test, blocks.severities.length);
    if (labels.note) note?.(labels.note);
    const found = [...opened.files].map(([name, file]) => {
      return { name, severities: severitiesOf(file, labels.count, blocks) };
    });
    return source(folder, opened, found, labels, blocks);
  } catch (error) {
    await opened.close();
    throw error;
  }
}

function source(
  folder: string,
  { files, unknown, stamp, close }: NpyFolder,
  found: CorruptionSource["description"]["found"],
  { count, values }: Labels,
  { severities, pictures }: Blocks,
): CorruptionSource {
  const told = JSON.stringify([found, count, pictures, Array.from(values)]);
  return {
    description: {
      from: folder,
      ...{ pictures, found, count },
      unknown_files: unknown,
      fingerprint: fingerprint(new TextEncoder().encode(told)),
    },
    ...{ stamp, close },
    labels(severity) {
      const first = values.length === count ? 0 : severities.indexOf(severity) * count;
      return Array.prototype.slice.call(values, first, first + count);
    },
    read: (name, severity, first, some) =>
      files.get(name)!.read(severities.indexOf(severity) * count + first, some),
  };
}

/** The severities in a file of `count` pictures each. */
function severitiesOf(
  { path, shape }: NpyFile,
  count: number,
  { severities }: Blocks,
): number[] {
  const rows = shape[0]!, most = severities.length;
  if (rows === 0 || rows % count || rows > most * count) {
    throw cannotRead(
      path,
      `${most * count} pictures, ${most} severities of ${count} as the labels say`,
      `${rows}`,
    );
  }
  return severities.slice(0, rows / count);
}

async function readLabels(folder: string, test: Dataset, blocks: number): Promise<Labels> {
  const path = join(folder, "labels.npy");
  const isThere = await Deno.stat(path).then(() => true, () => false);
  if (!isThere) {
    const note = `note: ${path} is not there: the labels of the test set are used`;
    return { count: test.count, values: test.labels, note };
  }
  const values = await readNpyIntegers(path);
  const most = test.classes.length - 1;
  const stray = values.findIndex((label) => label > most);
  if (stray >= 0) {
    throw cannotRead(path, `labels from 0 to ${most}, of ${test.name}`, `${values[stray]}`);
  }
  const { length } = values;
  const isRepeated = length % blocks === 0 &&
    values.every((label, i) => label === values[i % (length / blocks)]);
  // As many labels as test pictures can be those of fewer pictures, once for each severity.
  const isOneEach = length === test.count &&
    (!isRepeated || values.every((label, i) => label === test.labels[i]));
  if (isOneEach) return checked(path, values, test, 1);
  if (length === 0 || length % blocks) {
    throw cannotRead(path, `${blocks} labels for each picture`, `${length}`);
  }
  const count = length / blocks;
  return count === test.count ? checked(path, values, test, blocks) : { count, values };
}

/** Labels for as many pictures as the test set has must be its labels. */
function checked(path: string, values: Int32Array, test: Dataset, times: number): Labels {
  for (let i = 0; i < test.count * times; i++) {
    const expected = test.labels[i % test.count]!;
    if (values[i] === expected) continue;
    throw cannotRead(
      path,
      `the labels of the ${test.count} test pictures of ${test.name}`,
      `${values[i]} for ${expected} in row ${i}; they are of other pictures, or in another order`,
    );
  }
  return { count: test.count, values };
}
