import type { LabelledPictures, PictureBatch, Split, StreamedDataset } from "./dataset.ts";
import { fingerprint, holdOutNumbers } from "./dataset.ts";
import type { CorruptPicture } from "./corrupt_pictures.ts";
import { PictureLoader } from "./loader/loader.ts";
import type { PictureSource } from "./picture_source.ts";
import type { View } from "./view.ts";

/** Pictures of a folder tree or a pack, as a network sees them. */
export interface StreamedPictures extends StreamedDataset {
  /** Pictures that could not be read so far. */
  readonly corrupt: readonly CorruptPicture[];
  /** Ends the threads that read. */
  close(): void;
}

/** How pictures are streamed. */
export interface StreamOptions {
  view: View;
  split: Split;
  /** Threads that read and decode; as many as there are processors by default. */
  workers?: number;
  /** Which of the source's pictures there are, in this order; all by default. */
  numbers?: Uint32Array;
}

/**
 * Streams the pictures of a source through a view. What is cut out of a picture depends on its number
 * in the source, whichever of them there are. Threads are started with the first batch.
 */
export function streamPictures(
  source: PictureSource,
  { view, split, workers, numbers }: StreamOptions,
): StreamedPictures {
  const all = numbers ?? Uint32Array.from({ length: source.count }, (_, i) => i);
  let loader: PictureLoader | undefined, size = 0;
  const ofSize = (batch: number) => {
    if (size === batch) return loader!;
    loader?.close();
    size = batch;
    return loader = new PictureLoader(source, { view, batch, workers });
  };
  return {
    ...describe(source, view, split, all),
    get corrupt() {
      return loader?.corrupt ?? [];
    },
    async *batches(order, batch, epoch): AsyncGenerator<PictureBatch, void> {
      const numbers = order.map((number) => all[number]!);
      for await (const { pictures: rgba, labels } of ofSize(batch).run(numbers, epoch)) {
        yield { rgba, labels };
      }
    },
    close: () => loader?.close(),
  };
}

function describe(
  source: PictureSource,
  { size }: View,
  split: Split,
  numbers: Uint32Array,
): LabelledPictures {
  const print = numbers.length === source.count ? source.fingerprint : fingerprint(
    new TextEncoder().encode(source.fingerprint),
    new Uint8Array(numbers.slice().buffer),
  );
  return {
    ...{ name: "imagenet", split, classes: [...source.classes], width: size, height: size },
    count: numbers.length,
    labels: Uint16Array.from(numbers, (number) => source.labels[number]!),
    fingerprint: print,
  };
}

/**
 * The numbers of a source's pictures in two parts, as `holdOut` parts those in memory.
 *
 * @throws {RangeError} when there would be no picture left
 */
export function holdOutOf(
  source: PictureSource,
  count: number,
  seed: number,
): { train?: Uint32Array; holdout?: Uint32Array } {
  if (count === 0) return {};
  return holdOutNumbers({ name: source.path, count: source.count }, count, seed);
}
