import { cannotRead, DataError } from "./error.ts";
import { decodePicture, MAGIC_BYTES, MAX_FILE_BYTES, pictureFormat } from "./picture_file.ts";
import type { Picture } from "./pixels.ts";

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
    using file = await Deno.open(path);
    const { isFile, isDirectory, size } = await file.stat();
    if (!isFile) throw cannotRead(path, "a picture file", isDirectory ? "a folder" : "a device");
    const head = await readAll(file, MAGIC_BYTES);
    if (!pictureFormat(head)) return head;
    if (size > MAX_FILE_BYTES) {
      throw cannotRead(path, `at most ${MAX_FILE_BYTES} bytes`, String(size));
    }
    const bytes = new Uint8Array(size);
    bytes.set(head);
    const rest = await readAll(file, size - head.length, bytes.subarray(head.length));
    return bytes.subarray(0, head.length + rest.length);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw cannotRead(path, "a picture file", reasonOf(error as Error));
  }
}

/** Up to `length` bytes: fewer at the end of the file. */
async function readAll(
  file: Deno.FsFile,
  length: number,
  bytes: Uint8Array = new Uint8Array(length),
): Promise<Uint8Array> {
  let done = 0;
  while (done < length) {
    const count = await file.read(bytes.subarray(done));
    if (!count) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** Why the system gave no file or folder, in a few words. */
export function reasonOf(error: Error): string {
  if (error instanceof Deno.errors.NotFound) return "nothing there";
  if (error instanceof Deno.errors.PermissionDenied) return "permission denied";
  return error.message;
}
