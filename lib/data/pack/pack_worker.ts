import { crc32 } from "node:zlib";
import { DataError } from "../error.ts";
import { openShared } from "../loader/open_shared.ts";
import { resizedPixels } from "../packed_pictures.ts";
import type { PictureSource, SharedSource } from "../picture_source.ts";
import { type Answer, serve } from "../thread_worker.ts";

/** What a worker works on. */
export interface PackSetup {
  source: SharedSource;
  size: number;
}

/** A picture as it is stored, or why there is none. */
export type PackedPicture =
  | { index: number; width: number; height: number; sum: number; rgb: Uint8Array<ArrayBuffer> }
  | { index: number; reason: string };

let source: PictureSource, size: number;

serve({
  setUp(setup: PackSetup) {
    source = openShared(setup.source);
    size = setup.size;
  },
  async answer(index: number): Promise<Answer<PackedPicture>> {
    try {
      const picture = await shrunk(index);
      return { answer: picture, transfer: [picture.rgb.buffer] };
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      return { answer: { index, reason: error.message } };
    }
  },
});

/** Picture `index` with its shorter side `size` pixels long. */
async function shrunk(index: number): Promise<Extract<PackedPicture, { sum: number }>> {
  const { width, height, rgba } = resizedPixels(
    await source.read(index),
    size,
    source.name(index),
  );
  const rgb = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return { index, width, height, sum: crc32(rgb), rgb };
}
