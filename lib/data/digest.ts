import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** How a file is read for its checksum. */
export interface DigestOptions {
  /** Bytes that were read, and how many there are. */
  progress?: (state: { task: "checking"; done: number; total: number }) => void;
  /** When it fires, reading ends with its reason. */
  signal?: AbortSignal;
}

/**
 * The checksum of a file in hexadecimal digits, of the kind that has as many digits as `like`: MD5
 * for 32, SHA-1 for 40.
 *
 * @throws {RangeError} for other lengths; and what the file system throws
 */
export async function digestLike(
  like: string,
  path: string,
  { progress, signal }: DigestOptions = {},
): Promise<string> {
  const hash = createHash(digestName(like).replace("-", "").toLowerCase());
  const { size: total } = await stat(path);
  let done = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    signal?.throwIfAborted();
    hash.update(chunk);
    done += chunk.length;
    progress?.({ task: "checking", done, total });
  }
  return hash.digest("hex");
}

/** The name of a checksum's kind, for people. */
export function digestName(digest: string): "MD5" | "SHA-1" {
  if (digest.length === 32) return "MD5";
  if (digest.length === 40) return "SHA-1";
  throw new RangeError(`a checksum of ${digest.length} digits`);
}
