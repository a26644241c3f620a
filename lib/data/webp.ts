import createModule from "@jsquash/webp/codec/dec/webp_dec.js";
import { type CodecModule, type Decoded, openCodec } from "./codec.ts";
import { cannotRead } from "./error.ts";
import type { Size } from "./resize.ts";

const decode = openCodec({
  async create(options) {
    const module = await createModule(options);
    return { decode: (bytes) => module.decode(bytes as BufferSource) } satisfies CodecModule;
  },
  wasm: "@jsquash/webp/codec/dec/webp_dec.wasm",
});

/** Whether the bytes, of which 12 are enough, begin a WebP file. */
export function isWebp(bytes: Uint8Array): boolean {
  return ascii(bytes, 0) === "RIFF" && ascii(bytes, 8) === "WEBP";
}

/**
 * The pixels of a WebP picture, lossy or lossless, as libwebp decodes them; colours below full
 * transparency stay. Throws a DataError for a file that is broken, cut or animated.
 */
export async function decodeWebp(bytes: Uint8Array, name: string): Promise<Decoded> {
  if (ascii(bytes, 12) === "VP8X" && bytes[20]! & 2) {
    throw cannotRead(name, "a still WebP picture", "an animated one");
  }
  try {
    return await decode(bytes);
  } catch (error) {
    const found = `that it is broken or cut (${(error as Error).message})`;
    throw cannotRead(name, "a WebP picture", found);
  }
}

/** Width and height from the first chunk; nothing where it is cut or unknown. */
export function webpSize(view: DataView): Size | undefined {
  if (view.byteLength < 30) return undefined;
  const kind = ascii(new Uint8Array(view.buffer, view.byteOffset, view.byteLength), 12);
  if (kind === "VP8 ") {
    return { width: view.getUint16(26, true) & 0x3FFF, height: view.getUint16(28, true) & 0x3FFF };
  }
  if (kind === "VP8L") {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3FFF) + 1, height: (bits >> 14 & 0x3FFF) + 1 };
  }
  if (kind !== "VP8X") return undefined;
  const side = (at: number) => (view.getUint32(at, true) & 0xFFFFFF) + 1;
  return { width: side(24), height: (view.getUint32(26, true) >>> 8) + 1 };
}

function ascii(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
