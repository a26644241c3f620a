import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import process from "node:process";
import { layermixVersion } from "../../version.ts";
import { type CorruptPicture, CorruptPictures } from "../corrupt_pictures.ts";
import { DataError } from "../error.ts";
import { NameTableBuilder } from "../name_table.ts";
import type { PictureSource } from "../picture_source.ts";
import { syncFolder } from "../sync_folder.ts";
import { writeReason } from "../system_errors.ts";
import { openThread, type Thread } from "../thread.ts";
import {
  encodePreamble,
  encodeTables,
  packFingerprint,
  type PackHeader,
  type PackTables,
  PREAMBLE_BYTES,
} from "./pack_format.ts";
import type { PackedPicture, PackSetup } from "./pack_worker.ts";

/** How a pack is written. */
export interface PackOptions {
  /** The shorter side of every picture, in pixels. */
  size: number;
  /** Threads that decode, at least 1. */
  workers: number;
  /** Told of how many pictures are done, those skipped among them. */
  progress?: (done: number, skipped: number) => void;
  /** When it fires, what was written is removed. */
  signal?: AbortSignal;
}

/** What was written. */
export interface PackResult {
  /** What was written of the whole. */
  header: PackHeader;
  /** Of the file. */
  bytes: number;
  /** Files that held no picture that could be read; they are not in the pack. */
  skipped: CorruptPicture[];
}

/** Pictures that are decoded ahead, for each worker. */
const AHEAD = 4;

/**
 * Writes all pictures of a source, resized, to the file `path`, which appears when it is whole. The
 * bytes do not depend on the number of workers.
 *
 * @throws {DataError} when there is something at `path`, it cannot be written, or more than 1 % of
 *   the pictures cannot be read
 * @throws the signal's reason once that has fired
 */
export async function writePack(
  source: PictureSource,
  path: string,
  options: PackOptions,
): Promise<PackResult> {
  await checkNothingAt(path);
  // Containers that share a disk have the same process numbers.
  const temporary = `${path}.tmp-${process.pid}-${Date.now()}`;
  try {
    const result = await writeFile(source, temporary, options);
    options.signal?.throwIfAborted();
    await checkNothingAt(path);
    await rename(temporary, path);
    await syncFolder(dirname(path));
    return result;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    if (!(error as { code?: unknown }).code || options.signal?.aborted) throw error;
    throw new DataError(`Cannot write the pack ${path}: ${writeReason(error as Error)}`);
  }
}

async function checkNothingAt(path: string): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (!there) return;
  const found = there.isDirectory() ? "a folder" : "a file";
  throw new DataError(
    `Cannot write the pack ${path}: expected nothing there but found ${found}; remove it first`,
  );
}

async function writeFile(
  source: PictureSource,
  path: string,
  options: PackOptions,
): Promise<PackResult> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(new Uint8Array(PREAMBLE_BYTES));
    const { tables, skipped, pictures } = await writePictures(source, file, options);
    const { size } = options, { classes } = source;
    const header: PackHeader = {
      ...{ version: layermixVersion, size, count: tables.labels.length, classes: [...classes] },
      names: tables.names.bytes.length,
      skipped: skipped.length,
      fingerprint: "",
    };
    const bytes = encodeTables(tables);
    header.fingerprint = packFingerprint(size, classes, bytes);
    const json = new TextEncoder().encode(JSON.stringify(header));
    await file.writeFile(bytes);
    await file.writeFile(json);
    const lengths = { pictures, tables: bytes.length, header: json.length };
    await file.write(encodePreamble(lengths, json), 0, PREAMBLE_BYTES, 0);
    await file.sync();
    const length = PREAMBLE_BYTES + pictures + bytes.length + json.length;
    return { header, bytes: length, skipped };
  } finally {
    await file.close();
  }
}

async function writePictures(
  source: PictureSource,
  file: FileHandle,
  { size, workers, progress, signal }: PackOptions,
): Promise<{ tables: PackTables; skipped: CorruptPicture[]; pictures: number }> {
  const corrupt = new CorruptPictures(source.path, source.count);
  const index: number[] = [], labels: number[] = [], names = new NameTableBuilder();
  let pictures = 0, done = 0;
  for await (const reply of inOrder(source, size, workers)) {
    signal?.throwIfAborted();
    const name = source.name(reply.index);
    if ("reason" in reply) corrupt.add(reply.index, { name, reason: reply.reason });
    else {
      index.push(reply.width, reply.height, reply.sum);
      labels.push(source.labels[reply.index]!);
      names.add(name);
      await file.writeFile(reply.rgb);
      pictures += reply.rgb.length;
    }
    progress?.(++done, corrupt.found.length);
  }
  if (labels.length === 0) {
    throw new DataError(`Cannot pack ${source.path}: expected a readable picture but found none`);
  }
  const tables = { index, labels, names: names.finish().memory };
  return { tables, skipped: corrupt.found, pictures };
}

/** What workers make of every picture, in the order of the source; a few are made ahead. */
async function* inOrder(
  source: PictureSource,
  size: number,
  count: number,
): AsyncGenerator<PackedPicture> {
  const threads = Array.from(
    { length: Math.min(count, source.count) },
    () => openShrinker(source, size),
  );
  try {
    const ahead = threads.length * AHEAD, replies: Promise<PackedPicture>[] = [];
    for (let asked = 0, given = 0; given < source.count; given++) {
      for (; asked < Math.min(source.count, given + ahead); asked++) {
        const reply = threads[asked % threads.length]!.ask(asked);
        // It is awaited in its turn; until then a failure must not end the process.
        reply.catch(() => {});
        replies.push(reply);
      }
      yield await replies.shift()!;
    }
  } finally {
    for (const thread of threads) thread.end();
  }
}

/** A thread that shrinks pictures. */
function openShrinker(source: PictureSource, size: number): Thread<number, PackedPicture> {
  const worker = new Worker(new URL("./pack_worker.ts", import.meta.url), { type: "module" });
  const setup: PackSetup = { source: source.shared, size };
  return openThread(worker, "Packing", setup);
}
