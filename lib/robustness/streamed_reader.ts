import type { View } from "../data/view.ts";
import { type LoadedPictures, streamedPictures } from "../data/loader/streamed_pictures.ts";
import type { ClassPictures } from "./class_pictures.ts";
import { STREAMED } from "./predict.ts";
import type { Unreadable } from "./source.ts";

/** What is read: some pictures, as a network sees them. */
export interface Reading {
  pictures: Pick<ClassPictures, "source" | "numbers">;
  view: View;
}

/**
 * Reads pictures of several lists by threads of one loader at a time: those of a list end when
 * another one is read.
 */
export class StreamedReader {
  #current?: { key: string; loaded: LoadedPictures };

  /** @param workers threads that decode; as many as there are processors by default */
  constructor(private readonly workers?: number) {}

  /**
   * Bytes r, g, b (count × size × size × 3) of pictures `first` … `first + count - 1`. What cannot be
   * read is black, and told of.
   *
   * @param key tells lists apart
   * @throws {DataError} when more than 1 % of a list cannot be read
   */
  async read(
    key: string,
    { pictures: { source, numbers }, view }: Reading,
    first: number,
    count: number,
    unreadable?: Unreadable,
  ): Promise<Uint8Array> {
    if (this.#current?.key !== key) {
      this.close();
      const options = { view, batch: STREAMED, workers: this.workers, numbers };
      this.#current = { key, loaded: streamedPictures(source, "imagenet", "test", options) };
    }
    const { loaded } = this.#current!;
    const order = Uint32Array.from({ length: count }, (_, i) => first + i);
    const rgb = new Uint8Array(3 * count * view.size * view.size);
    let filled = 0;
    for await (const batch of loaded.batches(order, STREAMED, 0)) {
      filled = copyRgb(batch.rgba, rgb, filled);
      for (const picture of batch.unreadable ?? []) unreadable?.(picture);
    }
    return rgb;
  }

  /** Ends the threads. */
  close(): void {
    this.#current?.loaded.close();
    this.#current = undefined;
  }
}

/** Copies r, g, b, ignored as r, g, b to where `to` begins; returns where it ends. */
function copyRgb(rgba: Uint8Array, rgb: Uint8Array, to: number): number {
  for (let from = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return to;
}
