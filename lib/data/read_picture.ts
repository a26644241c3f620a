import { cannotRead, DataError } from "./error.ts";
import {
  decodePicture,
  MAGIC_BYTES,
  MAX_FILE_BYTES,
  pictureFormat,
  pictureSize,
} from "./picture_file.ts";
import type { Picture } from "./pixels.ts";
import type { Size } from "./resize.ts";
import { readReason } from "./system_errors.ts";

/**
 * Reads and decodes one file, as `decodePicture()` does; of a file that is no picture, only the first
 * bytes are read.
 *
 * @throws {DataError} that names the path, where there is no such file, it cannot be read, is too
 *   large, or holds no picture
 */
export async function readPicture(path: string): Promise<Picture> {
  return await decodePicture(await readBytes(path), path);
}

/** Bytes in which nearly all files have their header. */
const HEADER_BYTES = 2 ** 16;

/**
 * What a file's header says of its picture's size, in pixels; little more than that is read.
 *
 * @throws {DataError} as `readPicture()`, but for what is wrong after the header
 */
export async function readPictureSize(path: string): Promise<Size> {
  const begin = await readBytes(path, HEADER_BYTES);
  try {
    return pictureSize(begin, path);
  } catch (error) {
    if (!(error instanceof DataError) || begin.length < HEADER_BYTES) throw error;
  }
  return pictureSize(await readBytes(path), path);
}

/** The bytes of a file, `most` at the most. */
async function readBytes(path: string, most = Infinity): Promise<Uint8Array> {
  try {
    using file = Deno.openSync(path);
    const { isFile, isDirectory, size } = file.statSync();
    if (!isFile) throw cannotRead(path, "a picture file", isDirectory ? "a folder" : "a device");
    const head = new Uint8Array(MAGIC_BYTES);
    const known = file.readSync(head) ?? 0;
    if (!pictureFormat(head.subarray(0, known))) return head.subarray(0, known);
    if (size > MAX_FILE_BYTES) {
      throw cannotRead(path, `at most ${MAX_FILE_BYTES} bytes`, String(size));
    }
    const bytes = new Uint8Array(Math.max(known, Math.min(size, most)));
    bytes.set(head.subarray(0, known));
    for (let done = known; done < bytes.length;) {
      // Not a call that blocks, so that a thread that reads many files still hears of signals.
      const count = await file.read(bytes.subarray(done));
      if (!count) return bytes.subarray(0, done);
      done += count;
    }
    return bytes;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw cannotRead(path, "a picture file", readReason(error as Error));
  }
}
