import { fingerprint } from "../../data/dataset.ts";
import { cannotRead } from "../../data/error.ts";
import { type DatasetName, openDataset } from "../../data/open.ts";
import { withOutputFolder } from "../../data/output_folder.ts";
import { listFiles, type SkippedFile } from "../../data/picture_folder.ts";
import { layermixVersion } from "../../version.ts";
import { ArrayFiles } from "./array_files.ts";
import { scaleOf } from "./corrupt_batch.ts";
import type { Scale, Severity } from "./corruption.ts";
import { readFrost } from "./frost_folder.ts";
import { PictureTree } from "./picture_tree.ts";
import { type CorruptionRecord, openCorruptionFolder } from "./record.ts";
import { corruptions, framesOf, type SuiteName, suites } from "./suites.ts";
import type { Target } from "./target.ts";
import type { TreeFormat } from "./worker_messages.ts";
import { WorkerPool } from "./worker_pool.ts";

/** A set of corrupted pictures to make. */
export interface CorruptOptions {
  /** Which suite is made. */
  suite: SuiteName;
  /** The test pictures of a data set, or all pictures below a folder. */
  source:
    | { dataset: DatasetName; path?: string }
    | { images: string; format: "png" | "jpeg" } & Omit<TreeFormat, "format">;
  /** Made if absent; may hold an earlier part of the same set. */
  folder: string;
  /** Official names; those that are tested with by default. */
  names?: readonly string[];
  /** In this order in arrays; 1 … 5 by default. Of P one of 1, 2 and 3, by default 1. */
  severities?: readonly Severity[];
  /** The first so many pictures; all by default. */
  count?: number;
  /** An unsigned 32-bit number. */
  seed: number;
  /** Which table of settings is used; by default that of the pictures' size. */
  scale?: Scale;
  /** A folder of the published pictures of frost; our own are used where there is none. */
  frost?: string;
  /** Threads; as many as processor cores by default. */
  workers?: number;
  /** Told how many of the pictures of a corruption there are. */
  progress?: (state: { corruption: string; done: number; total: number }) => void;
  /** Where it is aborted, no more pictures are begun. */
  signal?: AbortSignal;
}

/** What was made. */
export interface CorruptResult {
  /** Where it is. */
  folder: string;
  /** Of each corruption: pictures made now, those that were there, and how long it took. */
  corruptions: { name: string; made: number; kept: number; seconds: number }[];
  /** Files that are no readable pictures, and so are in no corruption. */
  unreadable: SkippedFile[];
  /** Whether the signal ended it before its end. */
  interrupted: boolean;
}

/**
 * Writes the pictures of a data set or folder corrupted: CIFAR-C's arrays of a data set, ImageNet-C's
 * tree of a folder, with `corrupt.json`. What is there is kept, if it was begun in the same way.
 *
 * What becomes of a picture is a function of seed, corruption, severity and its index alone.
 *
 * @throws {RangeError} for a name or seed that there is not
 * @throws {DataError} where a folder holds something else, cannot be read, or another process writes to
 *   it
 * @throws {CheckpointError} where a file cannot be written
 */
export async function makeCorruptions(options: CorruptOptions): Promise<CorruptResult> {
  const opened = await openTarget(options);
  return await withOutputFolder(options.folder, () => makeInto(opened, options));
}

async function makeInto(
  { target, skipped, record, scale }: Opened,
  options: CorruptOptions,
): Promise<CorruptResult> {
  const { suite, folder, seed, frost, signal } = options;
  const names = options.names ?? corruptions(suite, "test", scale).map(({ name }) => name);
  const frosts = frost === undefined ? undefined : await readFrost(frost);
  await openCorruptionFolder(folder, {
    ...{ layermix: layermixVersion, suite, seed, scale: scale ?? "by size of each picture" },
    ...{ frost: frosts?.fingerprint ?? "built-in", ...record },
  });
  await target.prepare();
  const workers = options.workers ?? navigator.hardwareConcurrency;
  const result: CorruptResult = { folder, corruptions: [], unreadable: [], interrupted: false };
  for (const name of names) {
    const began = performance.now();
    const textures = name === "frost" ? frosts?.textures : undefined;
    // New ones for each corruption: what workers leave behind would grow to hundreds of megabytes.
    const pool = new WorkerPool(workers, { suite, seed, scale, frost: textures });
    let done = 0;
    const { interrupted, ...made } = await target.make(name, pool, (pictures) => {
      done += pictures;
      options.progress?.({ corruption: name, done, total: target.total });
    }, signal).finally(() => pool.close());
    const seconds = (performance.now() - began) / 1000;
    result.corruptions.push({ name, ...made, seconds });
    result.interrupted = interrupted === true;
    if (interrupted) break;
  }
  const unreadable = target instanceof PictureTree ? [...target.unreadable.values()] : [];
  return { ...result, unreadable: [...skipped, ...unreadable] };
}

/** What is read and where it goes, and what the record says of both. */
interface Opened {
  target: Target;
  skipped: SkippedFile[];
  record: CorruptionRecord;
  scale?: Scale;
}

async function openTarget(options: CorruptOptions): Promise<Opened> {
  const { suite, source } = options;
  const severities = options.severities ?? suites[suite].defaultSeverities;
  if (suite === "p" && severities.length !== 1) {
    throw new RangeError(`Cannot corrupt: expected one severity of p but found ${severities}`);
  }
  return await ("dataset" in source
    ? openArrays(source, severities, options)
    : openTree(source, severities, options));
}

async function openArrays(
  source: Extract<CorruptOptions["source"], { dataset: DatasetName }>,
  severities: readonly Severity[],
  { suite, folder, count = Infinity, scale }: CorruptOptions,
): Promise<Opened> {
  const all = await openDataset(source.dataset, source.path, "test");
  const data = { ...all, count: Math.min(count, all.count) };
  data.labels = all.labels.subarray(0, data.count);
  const { name, width, height, fingerprint } = data;
  return {
    target: new ArrayFiles(folder, data, severities, framesOf(suite, scale ?? scaleOf(data))),
    skipped: [],
    record: { severities, data: name, count: data.count, width, height, fingerprint },
    scale: scale ?? scaleOf(data),
  };
}

async function openTree(
  { images, ...sizes }: Extract<CorruptOptions["source"], { images: string }>,
  severities: readonly Severity[],
  { suite, folder, count = Infinity, scale }: CorruptOptions,
): Promise<Opened> {
  const format: TreeFormat = suite === "p" ? { ...sizes, format: "npy" } : sizes;
  const cut = format.crop === undefined ? undefined : { width: format.crop, height: format.crop };
  const found = scale ?? (cut && scaleOf(cut));
  if (suite === "c-bar" && found === undefined) {
    throw new RangeError("Cannot corrupt: expected a scale, whose names c-bar has, but found none");
  }
  const { files, skipped } = await listFiles(images);
  if (files.length === 0) throw cannotRead(images, "pictures in it", "no file");
  const first = files.slice(0, count);
  const print = fingerprint(new TextEncoder().encode(first.join("\n")));
  const { resize = "none", crop = "none" } = format;
  return {
    target: new PictureTree(folder, images, first, severities, format),
    skipped,
    record: {
      ...{ count: first.length, fingerprint: print, resize, crop, format: format.format },
      ...(suite === "p" ? { severities } : {}),
    },
    scale: found,
  };
}
