import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { DataError } from "./error.ts";

/** How a file is downloaded. */
export interface DownloadOptions {
  /** 32 hexadecimal digits that the whole file must have; without, it is not checked. */
  md5?: string;
  /** Times that a connection may fail in succession without getting further; 5 by default. */
  attempts?: number;
  /** Milliseconds before the second of these attempts, doubled before each further one; 1,000. */
  pause?: number;
  /** Bytes that are there, and of how many where the server says so. */
  progress?: (state: { done: number; total?: number }) => void;
  /** Told of what fails and is tried again. */
  note?: (line: string) => void;
  /** When it fires, what is there stays for the next time. */
  signal?: AbortSignal;
}

/** What is known of the file that a part belongs to; kept beside the part. */
interface Origin {
  url: string;
  /** The server's name for this very content: an ETag, or else when it was last changed. */
  validator?: string;
}

/** A server's answer that no further attempt would better. */
class Refusal extends DataError {}

/**
 * Downloads `url` to the file `path`, which appears when it is whole and its checksum is right. Until
 * then it grows as `<path>.part`, from which a later call goes on, by HTTP ranges, as long as the
 * server has the same content still.
 *
 * @throws {DataError} that names the address, what was expected and what was found
 */
export async function download(
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  const { attempts = 5, pause = 1000, note, signal } = options;
  const part = `${path}.part`;
  let most = await sizeOf(part);
  for (let failed = 0;;) {
    try {
      await fetchRest(url, part, options);
      break;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof Refusal) throw error;
      const after = await sizeOf(part);
      failed = after > most ? 0 : failed + 1;
      most = Math.max(most, after);
      const { message, cause } = error as Error;
      const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
      if (failed === attempts) {
        throw new DataError(
          `Cannot download ${url}: expected an answer but ${attempts} times found: ${reason}; ` +
            `${after} bytes are kept, and the same command goes on from there`,
          { cause: error },
        );
      }
      note?.(`note: at ${after} bytes: ${reason}; trying again`);
      await sleep(pause * 2 ** Math.max(0, failed - 1), undefined, { signal });
    }
  }
  await checkSum(url, part, options);
  await rename(part, path);
  await rm(originFile(part), { force: true });
}

const originFile = (part: string) => `${part}.json`;

/** Asks for what is missing of a part, and adds it; returns when the server says that is all. */
async function fetchRest(
  url: string,
  part: string,
  { progress, signal }: DownloadOptions,
): Promise<void> {
  const origin = await readOrigin(part);
  const size = await sizeOf(part);
  const known = origin?.url === url && size > 0 ? origin.validator : undefined;
  const headers = {
    "accept-encoding": "identity",
    ...(known ? { "range": `bytes=${size}-`, "if-range": known } : {}),
  };
  const response = await fetch(url, { headers, signal });
  try {
    if (response.status === 416 && totalOf(response) === size) return;
    const start = startOf(response, url);
    if (start !== 0 && start !== size) {
      throw new Error(`bytes from ${start} on, not from ${size} on`);
    }
    // Cut by a crash it is of no use, and the download begins anew.
    if (start === 0) await writeFile(originFile(part), JSON.stringify(originOf(url, response)));
    const total = start === 0 ? lengthOf(response) : totalOf(response);
    await append(response, part, { start, total, progress });
  } finally {
    await response.body?.cancel().catch(() => {});
  }
}

/** Where in the file a response begins. */
function startOf({ status, headers }: Response, url: string): number {
  if (status === 200) return 0;
  const range = /^bytes (\d+)-/.exec(headers.get("content-range") ?? "");
  if (status === 206 && range) return Number(range[1]);
  const message = `HTTP status ${status}`;
  if (status === 416 || status === 408 || status === 429 || status >= 500) throw new Error(message);
  throw new Refusal(`Cannot download ${url}: expected a file but found ${message}`);
}

function lengthOf({ headers }: Response): number | undefined {
  const length = Number(headers.get("content-length") ?? NaN);
  return Number.isSafeInteger(length) ? length : undefined;
}

/** The size of the whole file by `content-range`. */
function totalOf({ headers }: Response): number | undefined {
  const total = /\/(\d+)$/.exec(headers.get("content-range") ?? "");
  return total ? Number(total[1]) : undefined;
}

/** A weak ETag may be that of other bytes, so it is not one to go on by. */
function originOf(url: string, { headers }: Response): Origin {
  const tag = headers.get("etag");
  const validator = tag && !tag.startsWith("W/") ? tag : headers.get("last-modified");
  return { url, ...(validator ? { validator } : {}) };
}

async function readOrigin(part: string): Promise<Origin | undefined> {
  try {
    const origin = JSON.parse(await readFile(originFile(part), "utf8"));
    return typeof origin?.url === "string" ? origin : undefined;
  } catch {
    // Without it the download begins anew.
    return undefined;
  }
}

async function append(
  { body }: Response,
  part: string,
  { start, total, progress }: {
    start: number;
    total?: number;
    progress?: DownloadOptions["progress"];
  },
): Promise<void> {
  const file: FileHandle = await open(part, start === 0 ? "w" : "a");
  let done = start;
  try {
    for await (const chunk of body ?? []) {
      await file.writeFile(chunk);
      done += chunk.length;
      progress?.({ done, total });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (total !== undefined && done !== total) {
    throw new Error(`the connection ended after ${done} of ${total} bytes`);
  }
}

/** A part whose checksum is wrong is removed: going on from it would never be right. */
async function checkSum(url: string, part: string, { md5, signal }: DownloadOptions) {
  if (!md5) return;
  const hash = createHash("md5");
  for await (const chunk of createReadStream(part)) {
    signal?.throwIfAborted();
    hash.update(chunk);
  }
  const found = hash.digest("hex");
  if (found === md5) return;
  for (const file of [part, originFile(part)]) await rm(file, { force: true });
  throw new DataError(
    `Cannot use what ${url} sent: expected the MD5 ${md5} but found ${found}; it was removed`,
  );
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return 0;
    throw error;
  }
}
