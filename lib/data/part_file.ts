import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { parseJson } from "../json.ts";
import { kind, mismatch, object } from "../shape.ts";
import { cannotWrite } from "./error.ts";

/** What is known of the content that a part is the beginning of; kept beside the part. */
export interface Origin {
  /** Where the content comes from. */
  url: string;
  /** The server's name of the content. */
  etag?: string;
  /** As the server tells it. */
  lastModified?: string;
  /** Bytes of the whole. */
  total?: number;
}

/** A part on the disk, from which a download can go on. */
export interface Part extends Origin {
  /** In bytes. */
  size: number;
  /** The server's name of the content, for `if-range`. */
  validator: string;
}

/** Bytes of what is known of a part: addresses and headers have a few hundred. */
const MOST_BYTES = 2 ** 16;

/** Other characters cannot be sent. */
const header = kind("a header", (value) => typeof value === "string" && /^[ -~]+$/.test(value));
const bytes = kind(
  "a number of bytes",
  (value) => Number.isSafeInteger(value) && value as number >= 0,
);
const shape = object({ url: kind("an address", (value) => typeof value === "string") }, {
  etag: header,
  lastModified: header,
  total: bytes,
});

/** The part that is there, unless it is of another address or the server cannot tell its content. */
export async function readPart(url: string, part: string): Promise<Part | undefined> {
  const size = await sizeOfPart(part);
  const known = size > 0 ? await readOrigin(originFile(part)) : undefined;
  // A weak ETag may be that of other bytes.
  const tag = known?.etag?.startsWith("W/") ? undefined : known?.etag;
  const validator = tag ?? known?.lastModified;
  return known?.url === url && validator ? { ...known, size, validator } : undefined;
}

/** What a file says of a part; undefined where it says nothing, for then the download begins anew. */
async function readOrigin(file: string): Promise<Origin | undefined> {
  try {
    if ((await stat(file)).size > MOST_BYTES) return undefined;
    const found = parseJson(await readFile(file, "utf8"));
    return mismatch(found, shape) ? undefined : found as Origin;
  } catch {
    return undefined;
  }
}

/**
 * Begins a part; the former one goes first, since with the new origin it would be wrong.
 *
 * @throws {DataError} when it cannot be written
 */
export async function writeOrigin(part: string, origin: Origin): Promise<void> {
  for (const [path, text] of [[part, ""], [originFile(part), JSON.stringify(origin)]] as const) {
    await writeFile(path, text).catch((cause) => {
      throw cannotWrite(path, cause);
    });
  }
}

const originFile = (part: string) => `${part}.json`;

/** Removes a part, and what is known of it. */
export async function discardPart(part: string): Promise<void> {
  for (const file of [part, originFile(part)]) await rm(file, { force: true });
}

/** Bytes of a part; 0 when there is none. */
export async function sizeOfPart(part: string): Promise<number> {
  try {
    return (await stat(part)).size;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return 0;
    throw cannotWrite(part, error);
  }
}
