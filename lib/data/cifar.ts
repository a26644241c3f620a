import { join } from "node:path";
import { type Batch, type Layout, layouts, PLANE, type Records, SIDE } from "./cifar_layouts.ts";
import { type Dataset, fingerprint, type Split } from "./dataset.ts";
import { cannotRead } from "./error.ts";

/**
 * Reads CIFAR-10 or CIFAR-100 (fine labels) in the official binary version, or in the python one
 * (pickles, of which nothing is run).
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
  const { root, layout } = await findLayout(folder, layouts[dataset], split);
  const batches = await openBatches(root, layout, split);
  const count = batches.reduce((sum, { records }) => sum + records, 0);
  const labels = new Uint8Array(count);
  const rgba = new Uint8Array(count * PLANE * 4);
  let first = 0;
  for (const { path, records, load } of batches) {
    unpack(await load(), path, layout.classes, {
      labels: labels.subarray(first, first + records),
      rgba: rgba.subarray(first * PLANE * 4, (first + records) * PLANE * 4),
    });
    first += records;
  }
  const classes = await readClasses(join(root, layout.names), layout);
  const pictures = { width: SIDE, height: SIDE, count, labels, rgba };
  const missing = layout.files[split].filter((name) =>
    !batches.some(({ path }) => path === join(root, name))
  );
  const print = fingerprint(labels, rgba);
  return { name: dataset, split, classes, ...pictures, missing, fingerprint: print };
}

/** Where a version's files are: in its official subfolder, or in the folder itself. */
async function findLayout(
  folder: string,
  versions: readonly [Layout, Layout],
  split: Split,
): Promise<{ root: string; layout: Layout }> {
  const info = await inspect(folder);
  if (!info) throw cannotRead(folder, "a folder", "nothing there");
  if (!info.isDirectory) throw cannotRead(folder, "a folder", "a file");
  for (const layout of versions) {
    const inner = join(folder, layout.subfolder);
    if ((await inspect(inner))?.isDirectory) return { root: inner, layout };
  }
  for (const layout of versions) {
    for (const name of layout.files[split]) {
      if (await inspect(join(folder, name))) return { root: folder, layout };
    }
  }
  const places = versions.map(({ files, subfolder }) =>
    `${files[split].join(", ")} (or a folder ${subfolder})`
  );
  throw cannotRead(folder, `at least one of ${places.join(", or of ")}`, "none");
}

async function openBatches(
  root: string,
  layout: Layout,
  split: Split,
): Promise<({ path: string } & Batch)[]> {
  const batches = [];
  for (const name of layout.files[split]) {
    const path = join(root, name);
    const info = await inspect(path);
    if (!info) continue;
    if (!info.isFile) throw cannotRead(path, layout.content, "no file");
    batches.push({ path, ...await layout.open(path, info.size) });
  }
  if (batches.length === 0) {
    throw cannotRead(root, `at least one of ${layout.files[split].join(", ")}`, "none");
  }
  return batches;
}

/** Takes records apart into labels and interleaved pixels. */
function unpack(
  records: Records,
  path: string,
  classes: number,
  { labels, rgba }: { labels: Uint8Array; rgba: Uint8Array },
): void {
  const { bytes } = records;
  for (let record = 0, to = 0; record < labels.length; record++) {
    const label = records.labels[record]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw cannotRead(path, `labels from 0 to ${classes - 1}`, `${label} in record ${record}`);
    }
    labels[record] = label;
    let at = records.first + record * records.stride;
    for (const end = at + PLANE; at < end; at++, to += 4) {
      rgba[to] = bytes[at]!;
      rgba[to + 1] = bytes[at + PLANE]!;
      rgba[to + 2] = bytes[at + 2 * PLANE]!;
      rgba[to + 3] = 255;
    }
  }
}

/** The names of the classes, or numbers where their file is not there. */
async function readClasses(path: string, { classes, readNames }: Layout): Promise<string[]> {
  if (await inspect(path)) return await readNames(path);
  return Array.from({ length: classes }, (_, index) => String(index));
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
