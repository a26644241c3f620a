import createModule from "@jsquash/jpeg/codec/dec/mozjpeg_dec.js";
import { type CodecModule, type Decoded, openCodec } from "./codec.ts";
import { cannotRead } from "./error.ts";
import { fullSize, toRgba } from "./jpeg/colors.ts";
import { blockCount, type Frame, isFrame, readFrame, segments } from "./jpeg/header.ts";
import { splitJpeg } from "./jpeg/planes.ts";

const decode = openCodec({
  async create(options) {
    const module = await createModule(options);
    return { decode: (bytes) => module.decode(bytes as BufferSource, false) } satisfies CodecModule;
  },
  wasm: "@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm",
  refused: "Premature end",
});

/**
 * The pixels of a baseline or progressive JPEG, grey, RGB, YCbCr, CMYK or YCCK, bit for bit as PIL's
 * `Image.open(file).convert("RGB")` gives them with libjpeg-turbo.
 *
 * Orientation tags are ignored, as PIL does. Throws a DataError with libjpeg's own message for a file
 * that is broken or cut, or of a kind that it does not know, such as arithmetic coding.
 */
export async function decodeJpeg(bytes: Uint8Array, name: string): Promise<Decoded> {
  try {
    const frame = readJpegFrame(bytes);
    // The library would fill in what is not there, up to 256 MiB for a file of some bytes.
    if (frame && blockCount(frame) > 8 * bytes.length) {
      throw new Error("too few bytes for its size");
    }
    return frame && needsPlanes(frame) ? await decodePlanes(bytes) : await decode(bytes);
  } catch (error) {
    const found = `that it is broken or cut (${(error as Error).message})`;
    throw cannotRead(name, "a JPEG picture", found);
  }
}

/** The frame header; nothing where there is none before the first scan, or it is broken. */
export function readJpegFrame(bytes: Uint8Array): Frame | undefined {
  try {
    for (const segment of segments(bytes)) {
      if (isFrame(segment.marker)) return readFrame(segment);
      if (segment.marker === 0xDA) return undefined;
    }
  } catch {
    return undefined;
  }
}

/**
 * Whether the codec would not do as PIL does: it refuses four components, and repeats lines where
 * there are half as many of a colour, as in a picture that was turned without loss.
 */
function needsPlanes({ components }: Frame): boolean {
  const [first, ...others] = components;
  const isTurned = others.some(({ across, down }) =>
    across === first!.across && 2 * down === first!.down
  );
  return components.length === 4 || components.length === 3 && isTurned;
}

async function decodePlanes(bytes: Uint8Array): Promise<Decoded> {
  const { frame, transform, planes } = splitJpeg(bytes);
  const full = [];
  for (const [i, { width, height, jpeg }] of planes.entries()) {
    const { data } = await decode(jpeg);
    const values = new Uint8Array(width * height);
    for (let at = 0; at < values.length; at++) values[at] = data[4 * at]!;
    full.push(fullSize({ width, height, values }, frame, i));
  }
  const { width, height } = frame;
  return { width, height, data: toRgba(full, frame, transform) };
}
