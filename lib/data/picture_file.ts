import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
import { PNG } from "pngjs";
import { cannotRead } from "./error.ts";
import { type Decoded, decodeJpeg } from "./jpeg.ts";
import type { Picture } from "./pixels.ts";

/** The largest picture that is decoded, in pixels: 256 MiB as RGBA. */
export const MAX_PIXELS = 2 ** 26;

const PNG_MAGIC = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];
const JPEG_MAGIC = [0xFF, 0xD8, 0xFF];

/** What the first bytes of a file (8 are enough) say it is; its name plays no part. */
export function pictureFormat(bytes: Uint8Array): "png" | "jpeg" | null {
  if (PNG_MAGIC.every((byte, i) => bytes[i] === byte)) return "png";
  return JPEG_MAGIC.every((byte, i) => bytes[i] === byte) ? "jpeg" : null;
}

/**
 * The pixels of a PNG (every colour type and depth; 16 bits are scaled to 8) or JPEG (grey or colour)
 * file. Transparency is dropped and the colours below it stay, as PIL's `convert("RGB")` does.
 *
 * Throws a DataError that names `name` for a file that is neither, that is broken or cut, or whose
 * header asks for more than MAX_PIXELS; that is found before any memory is taken.
 */
export async function decodePicture(bytes: Uint8Array, name: string): Promise<Picture> {
  const format = pictureFormat(bytes);
  if (!format) {
    throw cannotRead(name, "a PNG or JPEG picture", bytes.length ? "another format" : "no bytes");
  }
  const kind = format === "png" ? "a PNG picture" : "a JPEG picture";
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = format === "png" ? pngSize(view) : jpegSize(view);
  if (!size) throw cannotRead(name, kind, "that its header is cut or broken");
  if (!(size.width * size.height > 0 && size.width * size.height <= MAX_PIXELS)) {
    const found = `${size.width}x${size.height}`;
    throw cannotRead(name, `a picture of 1 to ${MAX_PIXELS} pixels`, found);
  }
  if (size.channels === 4) throw cannotRead(name, "a grey or RGB JPEG picture", "a CMYK one");
  const decoded = format === "png" ? decodePng(bytes, name) : await decodeJpeg(bytes, name);
  const { width, height, data } = decoded;
  if (width !== size.width || height !== size.height || data.length !== width * height * 4) {
    throw cannotRead(name, `${kind} of ${size.width}x${size.height}`, `${width}x${height} pixels`);
  }
  const rgba = new Uint8Array(data.buffer, data.byteOffset, data.length);
  for (let i = 3; i < rgba.length; i += 4) rgba[i] = 255;
  return { width, height, rgba };
}

/** The picture as the bytes of an 8-bit RGB PNG file. */
export function encodePng({ width, height, rgba }: Picture): Uint8Array {
  const data = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.length);
  const options = { width, height, colorType: 2, inputHasAlpha: true } as const;
  return new Uint8Array(PNG.sync.write({ data, width, height } as PNG, options));
}

function decodePng(bytes: Uint8Array, name: string): Decoded {
  try {
    checkPixelBytes(bytes);
    return PNG.sync.read(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
  } catch (error) {
    const found = `that it is broken or cut (${(error as Error).message})`;
    throw cannotRead(name, "a PNG picture", found);
  }
}

/**
 * Throws an Error unless the pixels inflate to as many bytes as the header says: pngjs gives black
 * lines for too few, and takes any amount of memory when an interlaced picture has too many.
 */
function checkPixelBytes(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const isData = view.getUint32(at + 4) === 0x49444154;
    if (isData) parts.push(bytes.subarray(at + 8, at + 8 + view.getUint32(at)));
  }
  const expected = pixelBytes(view);
  const found = inflateSync(Buffer.concat(parts), { maxOutputLength: expected + 65536 }).length;
  if (found < expected) throw new Error(`${found} of ${expected} bytes of pixels`);
}

/** Where Adam7's passes start and how far their pixels are apart: x, y, dx, dy. */
const ADAM7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

/** How many bytes the lines of a PNG have in all, with the filter byte of each. */
function pixelBytes(view: DataView): number {
  const { width, height } = pngSize(view)!;
  const channels = [1, 0, 3, 1, 2, 0, 4][view.getUint8(25)] ?? 0;
  const bits = view.getUint8(24) * channels;
  const passes = view.getUint8(28) === 1 ? ADAM7 : [[0, 0, 1, 1] as const];
  return passes.reduce((sum, [x, y, dx, dy]) => {
    const [columns, lines] = [Math.ceil((width - x) / dx), Math.ceil((height - y) / dy)];
    return columns > 0 && lines > 0 ? sum + lines * (1 + Math.ceil(columns * bits / 8)) : sum;
  }, 0);
}

interface Size {
  width: number;
  height: number;
  /** Of a JPEG: 1 for grey, 3 for colour, 4 for CMYK. */
  channels?: number;
}

/** Width and height from IHDR, which must be the first chunk. */
function pngSize(view: DataView): Size | null {
  if (view.byteLength < 33 || view.getUint32(12) !== 0x49484452) return null;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Width, height and number of channels from the frame header (a marker C0 to CF). */
function jpegSize(view: DataView): Size | null {
  for (let at = 2; at + 10 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xFF) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xFF) at++;
    else if (marker === 0x01 || (marker >= 0xD0 && marker <= 0xD7)) at += 2;
    else if (marker >= 0xC0 && marker <= 0xCF && ![0xC4, 0xC8, 0xCC].includes(marker)) {
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { width, height, channels: view.getUint8(at + 9) };
    } else at += 2 + view.getUint16(at + 2);
  }
  return null;
}
