import { rename } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { digestLike } from "./digest.ts";
import { fetchRest, Interruption } from "./download_part.ts";
import { discardPart, sizeOfPart } from "./part_file.ts";
import { cannotWrite, DataError } from "./error.ts";
import { syncFolder } from "./sync_folder.ts";

/** How a file is downloaded. */
export interface DownloadOptions {
  /** 32 hexadecimal digits that the whole file must have; without, it is not checked. */
  md5?: string;
  /** Bytes of the file at the most; without, as many as the disk takes. */
  most?: number;
  /** Times that a connection may fail in succession without getting further; 5 by default. */
  attempts?: number;
  /** Milliseconds before the second of these attempts, doubled before each further one; 1,000. */
  pause?: number;
  /** Milliseconds without a byte after which a connection is given up; 60,000 by default. */
  stall?: number;
  /** Bytes that are there or were checked, and of how many where the server says so. */
  progress?: (
    state: { task: "downloading" | "checking"; done: number; total?: number },
  ) => void;
  /** Told of what fails and is tried again. */
  note?: (line: string) => void;
  /** When it fires, what is there stays for the next time. */
  signal?: AbortSignal;
}

/**
 * Downloads `url` to the file `path`, which appears when it is whole and its checksum is right. Until
 * then it grows as `<path>.part`, from which a later call goes on, by HTTP ranges, as long as the
 * server has the same content still. What is known of that content is in `<path>.part.json`.
 *
 * @throws {DataError} that names the address, what was expected and what was found; a part whose
 * checksum is wrong is removed, any other stays
 */
export async function download(
  url: string,
  path: string,
  options: DownloadOptions = {},
): Promise<void> {
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) {
    throw new DataError(`Cannot download ${url}: expected an address that begins with https://`);
  }
  const part = `${path}.part`;
  await fetchAll(url, part, options);
  if (options.md5) await checkPart(url, part, options.md5, options);
  await rename(part, path).catch((cause) => {
    throw cannotWrite(path, cause);
  });
  await discardPart(part);
  await syncFolder(dirname(path));
}

/** Asks again and again for what is missing, until nothing is or the server gives nothing more. */
async function fetchAll(url: string, part: string, options: DownloadOptions): Promise<void> {
  const { attempts = 5, pause = 1000, note, signal } = options;
  let most = await sizeOfPart(part);
  for (let failed = 0;;) {
    try {
      return await fetchRest(url, part, options);
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof Interruption)) throw error;
      const kept = await sizeOfPart(part);
      failed = kept > most ? 0 : failed + 1;
      most = Math.max(most, kept);
      const { expected, found } = error;
      if (failed === attempts) {
        throw new DataError(
          `Cannot download ${url}: expected ${expected} but found, ${attempts} times without ` +
            `getting further, ${found}; ${kept} bytes are kept, and the same command goes on`,
          { cause: error },
        );
      }
      note?.(`note: expected ${expected} but found ${found}; trying again from byte ${kept} on`);
      await sleep(pause * 2 ** Math.max(0, failed - 1), undefined, { signal });
    }
  }
}

/** A part whose checksum is wrong is removed: going on from it would never be right. */
async function checkPart(
  url: string,
  part: string,
  md5: string,
  options: DownloadOptions,
): Promise<void> {
  const found = await digestLike(md5, part, options);
  if (found === md5) return;
  const size = await sizeOfPart(part);
  await discardPart(part);
  throw new DataError(
    `Cannot use the ${size} bytes that ${url} sent: expected the MD5 ${md5} but found ${found}; ` +
      `they were removed`,
  );
}
