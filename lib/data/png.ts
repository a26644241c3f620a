import { Buffer } from "node:buffer";
import { inflateSync } from "node:zlib";
import { PNG } from "pngjs";
import type { Decoded } from "./codec.ts";
import { cannotRead } from "./error.ts";
import type { Picture } from "./pixels.ts";
import type { Size } from "./resize.ts";

/** The picture as the bytes of an 8-bit RGB PNG file. */
export function encodePng({ width, height, rgba }: Picture): Uint8Array {
  const data = Buffer.from(rgba.buffer, rgba.byteOffset, rgba.length);
  const options = { width, height, colorType: 2, inputHasAlpha: true } as const;
  return new Uint8Array(PNG.sync.write({ data, width, height } as PNG, options));
}

/**
 * The pixels of a PNG of any colour type and depth (16 bits are scaled to 8). Throws a DataError for
 * a file that is broken or cut.
 */
export function decodePng(bytes: Uint8Array, name: string): Decoded {
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

/** Width and height from IHDR, which must be the first chunk; nothing where it is cut. */
export function pngSize(view: DataView): Size | undefined {
  if (view.byteLength < 33 || view.getUint32(12) !== 0x49484452) return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}
