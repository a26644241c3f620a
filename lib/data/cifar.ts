import { join } from "node:path";
import { type Dataset, fingerprint, type Split } from "./dataset.ts";
import { cannotRead } from "./error.ts";

interface Layout {
  /** The folder inside the official archive. */
  subfolder: string;
  files: Record<Split, string[]>;
  /** Bytes before the pixels of a record; the last of them is the label. */
  labelBytes: number;
  classes: number;
  /** The file with the name of one class on each line. */
  names: string;
}

const layouts: Record<"cifar10" | "cifar100", Layout> = {
  cifar10: {
    subfolder: "cifar-10-batches-bin",
    files: {
      train: [1, 2, 3, 4, 5].map((number) => `data_batch_${number}.bin`),
      test: ["test_batch.bin"],
    },
    labelBytes: 1,
    classes: 10,
    names: "batches.meta.txt",
  },
  cifar100: {
    subfolder: "cifar-100-binary",
    files: { train: ["train.bin"], test: ["test.bin"] },
    labelBytes: 2,
    classes: 100,
    names: "fine_label_names.txt",
  },
};

const SIDE = 32;
const PLANE = SIDE * SIDE;

/**
 * Reads CIFAR-10 or CIFAR-100 (fine labels) in the official binary layout.
 *
 * `folder` holds the batch files, or the official subfolder that holds them. Every batch file of the
 * split that is there is read, in order, however many records it has. Throws a DataError for a folder
 * or file that is missing, cut, empty or has a label out of range.
 */
export async function readCifar(
  folder: string,
  dataset: "cifar10" | "cifar100",
  split: Split,
): Promise<Dataset> {
  const layout = layouts[dataset];
  const root = await findRoot(folder, layout);
  const batches = await findBatches(root, layout, split);
  const count = batches.reduce((sum, batch) => sum + batch.records, 0);
  const labels = new Uint8Array(count);
  const rgba = new Uint8Array(count * PLANE * 4);
  let first = 0;
  for (const { path, records } of batches) {
    unpack(await readRecords(path, records, layout), path, layout, {
      labels: labels.subarray(first, first + records),
      rgba: rgba.subarray(first * PLANE * 4, (first + records) * PLANE * 4),
    });
    first += records;
  }
  const classes = await readClasses(join(root, layout.names), layout.classes);
  const pictures = { width: SIDE, height: SIDE, count, labels, rgba };
  const missing = layout.files[split].filter((name) =>
    !batches.some(({ path }) => path === join(root, name))
  );
  const print = fingerprint(labels, rgba);
  return { name: dataset, split, classes, ...pictures, missing, fingerprint: print };
}

/** The folder itself, or its official subfolder where there is one. */
async function findRoot(folder: string, layout: Layout): Promise<string> {
  const info = await inspect(folder);
  if (!info) throw cannotRead(folder, "a folder", "nothing there");
  if (!info.isDirectory) throw cannotRead(folder, "a folder", "a file");
  const inner = join(folder, layout.subfolder);
  return (await inspect(inner))?.isDirectory ? inner : folder;
}

async function findBatches(
  root: string,
  layout: Layout,
  split: Split,
): Promise<{ path: string; records: number }[]> {
  const size = layout.labelBytes + 3 * PLANE;
  const batches = [];
  for (const name of layout.files[split]) {
    const path = join(root, name);
    const info = await inspect(path);
    if (!info) continue;
    const expected = `a file of ${size}-byte records`;
    if (!info.isFile) throw cannotRead(path, expected, "no file");
    if (info.size === 0) throw cannotRead(path, expected, "an empty file");
    if (info.size % size !== 0) {
      throw cannotRead(path, expected, `that its size ${info.size} is not a multiple of ${size}`);
    }
    batches.push({ path, records: info.size / size });
  }
  if (batches.length === 0) {
    const names = layout.files[split].join(", ");
    throw cannotRead(root, `at least one of ${names} (or a folder ${layout.subfolder})`, "none");
  }
  return batches;
}

async function readRecords(path: string, records: number, layout: Layout): Promise<Uint8Array> {
  const expected = records * (layout.labelBytes + 3 * PLANE);
  const bytes = await Deno.readFile(path).catch((error: Error) => {
    throw cannotRead(path, `${expected} bytes`, error.message);
  });
  if (bytes.length !== expected) {
    throw cannotRead(path, `${expected} bytes`, `${bytes.length}: the file is being changed`);
  }
  return bytes;
}

/** Takes records (label bytes, then the red, green and blue plane) apart into labels and pixels. */
function unpack(
  bytes: Uint8Array,
  path: string,
  { labelBytes, classes }: Layout,
  { labels, rgba }: { labels: Uint8Array; rgba: Uint8Array },
): void {
  for (let record = 0, at = 0, to = 0; record < labels.length; record++) {
    const label = bytes[at + labelBytes - 1]!;
    if (label >= classes) {
      throw cannotRead(path, `labels from 0 to ${classes - 1}`, `${label} in record ${record}`);
    }
    labels[record] = label;
    at += labelBytes;
    for (const end = at + PLANE; at < end; at++, to += 4) {
      rgba[to] = bytes[at]!;
      rgba[to + 1] = bytes[at + PLANE]!;
      rgba[to + 2] = bytes[at + 2 * PLANE]!;
      rgba[to + 3] = 255;
    }
    at += 2 * PLANE;
  }
}

/** The names in the file, one on each line, or numbers where the file is not there. */
async function readClasses(path: string, count: number): Promise<string[]> {
  if (!await inspect(path)) return Array.from({ length: count }, (_, index) => String(index));
  const text = await Deno.readTextFile(path).catch((error: Error) => {
    throw cannotRead(path, `${count} class names`, error.message);
  });
  const names = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  if (names.length !== count) throw cannotRead(path, `${count} class names`, String(names.length));
  return names;
}

/** What there is at a path, or null for nothing. */
async function inspect(path: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return null;
    }
    throw cannotRead(path, "a readable file or folder", (error as Error).message);
  }
}
