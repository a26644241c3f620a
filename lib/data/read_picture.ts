import { cannotRead, DataError } from "./error.ts";
import { decodePicture, MAGIC_BYTES, MAX_FILE_BYTES, pictureFormat } from "./picture_file.ts";
import type { Picture } from "./pixels.ts";
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

async function readBytes(path: string): Promise<Uint8Array> {
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
    const bytes = new Uint8Array(size);
    bytes.set(head.subarray(0, known));
    for (let done = known; done < size;) {
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
