import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { cannotRead, DataError } from "./error.ts";

/** A file or folder of an archive, and its bytes. */
type Entry = AsyncIterable<Uint8Array> & { header: Header; resume(): unknown };

/** What may be unpacked. */
export interface UnpackOptions {
  /** The one folder that the archive must hold. */
  folder: string;
  /** Bytes of all files together at the most. */
  most: number;
  /** Bytes of files that were written. */
  progress?: (done: number) => void;
  signal?: AbortSignal;
}

/** Files and folders of an archive at the most. */
const MOST_ENTRIES = 10_000;
/** Archives end with blocks of so many zeros. */
const BLOCK = 512;
/** Bytes of headers of an archive at the most, beside its files. */
const HEADERS = 2 ** 24;

/**
 * Unpacks one folder of a tar archive, compressed by gzip or not, into the folder `into`, where it
 * appears when it is whole. Only files and folders are made, none outside that folder: an archive
 * with anything else, such as links, is refused as a whole.
 *
 * @throws {DataError} that names the archive, and the entry that is refused
 */
export async function unpack(
  archive: string,
  into: string,
  { folder, most, progress, signal }: UnpackOptions,
): Promise<void> {
  await mkdir(into, { recursive: true });
  const temporary = await mkdtemp(join(into, `.${folder}-`));
  try {
    let entries = 0, done = 0;
    for await (const entry of entriesOf(archive, most + HEADERS, signal)) {
      const { name, type } = entry.header;
      const path = checkedPath(archive, entry.header, folder);
      if (++entries > MOST_ENTRIES) {
        throw cannotRead(archive, `at most ${MOST_ENTRIES} files`, "more");
      }
      if (type === "directory") {
        await mkdir(join(temporary, path), { recursive: true });
        entry.resume();
        continue;
      }
      await mkdir(dirname(join(temporary, path)), { recursive: true });
      const before = done;
      await writeEntry(archive, entry, join(temporary, path), (bytes) => {
        done += bytes;
        if (done > most) throw cannotRead(archive, `files of at most ${most} bytes`, "more");
        progress?.(done);
      });
      if (done - before !== entry.header.size) {
        throw cannotRead(archive, `${entry.header.size} bytes of ${name}`, `${done - before}`);
      }
    }
    if (entries === 0) throw cannotRead(archive, `a tar archive of ${folder}`, "nothing in it");
    await rename(join(temporary, folder), join(into, folder));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DataError) throw cause;
    throw cannotRead(archive, `a tar archive of ${folder}`, (cause as Error).message);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** The entries of an archive, of which no more than `most` bytes are read. */
async function* entriesOf(
  archive: string,
  most: number,
  signal?: AbortSignal,
): AsyncGenerator<Entry> {
  const file = createReadStream(archive);
  const [first] = await once(archive);
  const bytes = first === 0x1f ? file.pipe(createGunzip()) : file;
  file.on("error", (error) => bytes.destroy(error));
  const bounded = async function* () {
    let read = 0, tail = new Uint8Array();
    for await (const chunk of bytes as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      read += chunk.length;
      if (read > most) throw cannotRead(archive, `at most ${most} bytes once unpacked`, "more");
      tail = new Uint8Array([...tail, ...chunk.subarray(-BLOCK)]).subarray(-BLOCK);
      yield chunk;
    }
    if (tail.length < BLOCK || tail.some((byte) => byte !== 0)) {
      throw cannotRead(archive, "a whole tar archive", `one that is cut after ${read} bytes`);
    }
  };
  const tar = extract();
  const source = Readable.from(bounded());
  source.on("error", (error) => tar.destroy(error));
  source.pipe(tar);
  try {
    yield* tar as AsyncIterable<unknown> as AsyncIterable<Entry>;
  } finally {
    file.destroy();
    source.destroy();
  }
}

/** The first byte of a file. */
async function once(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, 0);
    return byte;
  } finally {
    await file.close();
  }
}

/** The path of an entry below the folder that is unpacked into. */
function checkedPath(
  archive: string,
  { name, type }: Header,
  folder: string,
): string {
  const shown = JSON.stringify(name);
  if (type !== "file" && type !== "directory") {
    throw cannotRead(archive, "files and folders only", `${shown}, a ${type}`);
  }
  const parts = name.replace(/\/$/, "").split("/").filter((part) => part !== ".");
  const isPlain = (part: string) => part !== "" && part !== ".." && !/[\\:\p{Cc}]/u.test(part);
  if (parts[0] !== folder || !parts.every(isPlain)) {
    throw cannotRead(archive, `only what lies in ${folder}`, shown);
  }
  if (type === "file" && parts.length === 1) {
    throw cannotRead(archive, `a folder ${folder}`, "a file");
  }
  return join(...parts);
}

async function writeEntry(
  archive: string,
  entry: Entry,
  path: string,
  written: (bytes: number) => void,
): Promise<void> {
  const file = await open(path, "wx").catch((cause) => {
    if (cause.code !== "EEXIST") throw cause;
    throw cannotRead(archive, "each file once", `${JSON.stringify(entry.header.name)} twice`);
  });
  try {
    for await (const chunk of entry) {
      written(chunk.length);
      await file.writeFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
