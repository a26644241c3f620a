import { cannotRead } from "./error.ts";
import { decodeJpeg, readJpegFrame } from "./jpeg.ts";
import type { Picture } from "./pixels.ts";
import { decodePng, pngSize } from "./png.ts";
import type { Size } from "./resize.ts";
import { decodeWebp, isWebp, webpSize } from "./webp.ts";

export { encodePng } from "./png.ts";

/** The largest picture that is decoded, in pixels: 256 MiB as RGBA. */
export const MAX_PIXELS = 2 ** 26;
/** The largest picture file that is read, in bytes. */
export const MAX_FILE_BYTES = 2 ** 28;

const PNG_MAGIC = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
const JPEG_MAGIC = [0xFF, 0xD8, 0xFF];

/** How many bytes of a file `pictureFormat()` looks at. */
export const MAGIC_BYTES = 12;

/** What the first bytes of a file say it is; its name plays no part. */
export function pictureFormat(bytes: Uint8Array): "png" | "jpeg" | "webp" | null {
  if (PNG_MAGIC.every((byte, i) => bytes[i] === byte)) return "png";
  if (isWebp(bytes)) return "webp";
  return JPEG_MAGIC.every((byte, i) => bytes[i] === byte) ? "jpeg" : null;
}

/** A kind of picture file: its name, what its header says of its size, and its pixels. */
const formats = {
  png: { kind: "a PNG picture", size: pngSize, decode: decodePng },
  jpeg: { kind: "a JPEG picture", size: jpegSize, decode: decodeJpeg },
  webp: { kind: "a WebP picture", size: webpSize, decode: decodeWebp },
};

/**
 * The pixels of a PNG (every colour type and depth; 16 bits are scaled to 8), JPEG (grey, colour or
 * CMYK) or WebP file, as PIL's `convert("RGB")` has them: transparency is dropped and the colours
 * below it stay.
 *
 * Throws a DataError that names `name` for a file that is none of them, that is broken or cut, or
 * whose header asks for more than MAX_PIXELS; that is found before any memory is taken.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  const { format, size } = readHeader(bytes, name), { kind, decode } = formats[format];
  const { width, height, data } = await decode(bytes, name);
  if (width !== size.width || height !== size.height || data.length !== width * height * 4) {
    throw cannotRead(name, `${kind} of ${size.width}x${size.height}`, `${width}x${height} pixels`);
  }
  const rgba = new Uint8Array(data.buffer, data.byteOffset, data.length);
  if (format !== "jpeg") { for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255; }
  return { width, height, rgba };
}

/**
 * What the header of a picture file says of its size, in pixels; enough of the file's beginning will do.
 *
 * @throws {DataError} as `decodePicture()`, but for what is wrong after the header
 */
export function pictureSize(bytes: Uint8Array, name: string): Size {
  const { width, height } = readHeader(bytes, name).size;
  return { width, height };
}

function readHeader(bytes: Uint8Array, name: string): { format: keyof typeof formats; size: Size } {
  const format = pictureFormat(bytes);
  if (!format) {
    const found = bytes.length ? "another format" : "no bytes";
    throw cannotRead(name, "a PNG, JPEG or WebP picture", found);
  }
  const { kind, size: readSize } = formats[format];
  const size = readSize(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (!size) throw cannotRead(name, kind, "that its header is cut or broken");
  if (!(size.width * size.height > 0 && size.width * size.height <= MAX_PIXELS)) {
    const found = `${size.width}x${size.height}`;
    throw cannotRead(name, `a picture of 1 to ${MAX_PIXELS} pixels`, found);
  }
  return { format, size };
}

function jpegSize(view: DataView): Size | undefined {
  return readJpegFrame(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
}
