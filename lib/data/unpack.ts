import { createReadStream } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { extract, type Header } from "tar-stream";
import { cannotRead, cannotWrite, DataError } from "./error.ts";
import { syncFolder } from "./sync_folder.ts";

/** A file or folder of an archive; the bytes of a file must be read before the next entry. */
interface Entry {
  header: Header;
  bytes: AsyncIterable<Uint8Array>;
}

/** What may be unpacked. */
export interface UnpackOptions {
  /** The one folder that the archive must hold. */
  folder: string;
  /** Bytes of all files together at the most. */
  most: number;
  /** Looks at what was unpacked before it gets its name; when it throws, nothing stays. */
  accept?: (path: string) => Promise<void>;
  /** Bytes of the archive that were read, and how many it has. */
  progress?: (state: { done: number; total: number }) => void;
  /** When it fires, unpacking ends with its reason, and nothing stays. */
  signal?: AbortSignal;
}

/** Files and folders of an archive at the most. */
const MOST_ENTRIES = 10_000;
/** Bytes of headers of an archive at the most, beside its files. */
const MOST_HEADERS = 2 ** 24;
/** Archives end with blocks of so many zeros. */
const BLOCK = 512;
/** Bytes that are read at once. */
const CHUNK = 2 ** 18;
/** What the file system says of names that an archive should not have, such as a file in a file. */
const WRONG_NAMES = ["ENOTDIR", "EISDIR", "EEXIST", "ENAMETOOLONG", "EINVAL", "EILSEQ"];

/**
 * Unpacks one folder of a tar archive, compressed by gzip or not, into the folder `into`, where it
 * appears when it is whole and synced; until then it grows in a folder beside, whose name ends with
 * `.unpacking`. Only files and folders are made, none outside: an archive with anything else, such
 * as links, is refused as a whole. One call at a time may unpack a folder.
 *
 * @throws {DataError} that names the archive and the entry that is refused, or what cannot be written
 */
export async function unpack(
  archive: string,
  into: string,
  options: UnpackOptions,
): Promise<void> {
  const { folder, accept, signal } = options;
  const temporary = join(into, `.${folder}.unpacking`);
  const remove = () => rm(temporary, { recursive: true, force: true });
  // What a killed process left there goes first.
  await remove().then(() => mkdir(temporary, { recursive: true })).catch((cause) => {
    throw cannotWrite(temporary, cause);
  });
  try {
    for (const made of await writeEntries(archive, temporary, options)) await syncFolder(made);
    await accept?.(join(temporary, folder));
    await rename(join(temporary, folder), join(into, folder));
    await syncFolder(into);
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof DataError) throw cause;
    const { code = "", syscall, message } = cause as NodeJS.ErrnoException;
    const isArchive = !syscall || syscall === "read" || WRONG_NAMES.includes(code);
    if (!isArchive) throw cannotWrite(join(into, folder), cause);
    throw cannotRead(archive, `a tar archive of ${folder}`, message);
  } finally {
    await remove();
  }
}

/** Writes all that is in an archive below the folder `to`; the folders that were made. */
async function writeEntries(
  archive: string,
  to: string,
  { folder, most, progress, signal }: UnpackOptions,
): Promise<Set<string>> {
  const folders = new Set([to]);
  let entries = 0, left = most;
  const { size: total } = await stat(archive).catch(({ message }) => {
    throw cannotRead(archive, "an archive", message);
  });
  const read = (done: number) => progress?.({ done, total });
  for await (const entry of entriesOf(archive, most + MOST_HEADERS, read, signal)) {
    const path = join(to, checkedPath(archive, entry.header, folder));
    if (++entries > MOST_ENTRIES) {
      throw cannotRead(archive, `at most ${MOST_ENTRIES} files`, "more");
    }
    const isFile = entry.header.type === "file";
    const parent = isFile ? dirname(path) : path;
    if (!folders.has(parent)) await mkdir(parent, { recursive: true });
    folders.add(parent);
    if (!isFile) continue;
    left -= checkedSize(archive, entry.header, left);
    await writeEntry(archive, entry, path);
  }
  if (entries === 0) throw cannotRead(archive, `a tar archive of ${folder}`, "nothing in it");
  return folders;
}

/** The entries of an archive, of which no more than `most` bytes are read. */
async function* entriesOf(
  archive: string,
  most: number,
  progress: (done: number) => void,
  signal?: AbortSignal,
): AsyncGenerator<Entry> {
  const file = createReadStream(archive, { highWaterMark: CHUNK });
  const bytes = await firstByte(archive) === 0x1f
    ? file.pipe(createGunzip({ chunkSize: CHUNK }))
    : file;
  file.on("error", (error) => bytes.destroy(error));
  const source = Readable.from(bounded(archive, bytes, most, () => {
    signal?.throwIfAborted();
    progress(file.bytesRead);
  }));
  const tar = extract();
  let failure: unknown;
  source.on("error", (error) => {
    failure = error;
    tar.destroy(error);
  });
  source.pipe(tar);
  try {
    for await (const entry of tar) {
      const { header } = entry;
      if (header.type !== "file") entry.resume();
      yield {
        header,
        bytes: contentOf(archive, header, entry as AsyncIterable<never>, () => failure),
      };
    }
  } finally {
    file.destroy();
    source.destroy();
  }
}

/** Passes on the bytes of a tar archive, as long as there are not too many; it must end as one. */
async function* bounded(
  archive: string,
  bytes: AsyncIterable<Uint8Array>,
  most: number,
  stir: () => void,
): AsyncGenerator<Uint8Array> {
  let read = 0, tail = new Uint8Array();
  for await (const chunk of bytes) {
    stir();
    read += chunk.length;
    if (read > most) throw cannotRead(archive, `at most ${most} bytes once unpacked`, "more");
    tail = new Uint8Array([...tail, ...chunk.subarray(-BLOCK)]).subarray(-BLOCK);
    yield chunk;
  }
  if (tail.length < BLOCK || tail.some((byte) => byte !== 0)) {
    throw cannotRead(archive, "a whole tar archive", `one that is cut after ${read} bytes`);
  }
}

/** The bytes of a file, all of them. */
async function* contentOf(
  archive: string,
  { name, size }: Header,
  entry: AsyncIterable<Uint8Array>,
  failure: () => unknown,
): AsyncGenerator<Uint8Array> {
  let read = 0;
  try {
    for await (const chunk of entry) {
      read += chunk.length;
      yield chunk;
    }
  } catch {
    // A stream that is destroyed does not always say what for.
    if (failure()) throw failure();
  }
  if (read !== size) {
    throw cannotRead(archive, `${size} bytes of ${name}`, "the end of the archive");
  }
}

/** The first byte of a file; 0 for an empty one. */
async function firstByte(path: string): Promise<number> {
  const file = await open(path, "r");
  try {
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, 0);
    return byte[0]!;
  } finally {
    await file.close();
  }
}

/** The path of an entry below the folder that is unpacked into. */
function checkedPath(archive: string, { name, type }: Header, folder: string): string {
  const shown = JSON.stringify(name);
  if (type !== "file" && type !== "directory") {
    throw cannotRead(archive, "files and folders only", `${shown}, a ${type ?? "thing unknown"}`);
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

/** The size that a header says, refused before a byte of it is read. */
function checkedSize(archive: string, { name, size = 0 }: Header, most: number): number {
  if (Number.isInteger(size) && size >= 0 && size <= most) return size;
  throw cannotRead(
    archive,
    `files of at most ${most} bytes more`,
    `${size} of ${JSON.stringify(name)}`,
  );
}

async function writeEntry(archive: string, { header, bytes }: Entry, path: string): Promise<void> {
  const file = await open(path, "wx").catch((cause) => {
    if (cause.code !== "EEXIST") throw cause;
    throw cannotRead(archive, "each file once", `${JSON.stringify(header.name)} twice`);
  });
  try {
    for await (const chunk of bytes) await file.writeFile(chunk);
    await file.sync();
  } finally {
    await file.close();
  }
}
