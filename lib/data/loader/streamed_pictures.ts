import type { CorruptPicture } from "../corrupt_pictures.ts";
import { fingerprint, type Split, type StreamedDataset } from "../dataset.ts";
import { DataError } from "../error.ts";
import type { PictureSource } from "../picture_source.ts";
import { type LoaderOptions, PictureLoader } from "./loader.ts";

/** A data set whose pictures are loaded by threads, which `close()` ends. */
export interface LoadedPictures extends StreamedDataset, Disposable {
  /** The pictures that could not be read so far; see `PictureLoader`. */
  readonly corrupt: CorruptPicture[];
  close(): void;
}

/** How pictures are loaded, and which of them. */
export interface StreamOptions extends LoaderOptions {
  /** Numbers of the pictures of the source that there are, in this order; all by default. */
  numbers?: Uint32Array;
}

/** The most classes that labels of 16 bits tell apart. */
const MOST_CLASSES = 2 ** 16;

/**
 * The pictures of a source as a data set for training and evaluation. Batches may have as many
 * pictures as `options.batch`. One run of batches goes on at a time: the next ends it. What is cut
 * out of a picture depends on its number in the source, whichever of them there are.
 *
 * @param name such as "imagenet"
 * @throws {DataError} for more than 65,536 classes
 */
export function streamedPictures(
  source: PictureSource,
  name: string,
  split: Split,
  { numbers, ...options }: StreamOptions,
): LoadedPictures {
  const { path, classes } = source, { size } = options.view;
  if (classes.length > MOST_CLASSES) {
    throw new DataError(
      `Cannot load ${path}: expected at most ${MOST_CLASSES} classes but found ${classes.length}`,
    );
  }
  const loader = new PictureLoader(source, options);
  const Labels = classes.length <= 256 ? Uint8Array : Uint16Array;
  return {
    ...{ name, split, width: size, height: size, classes: [...classes] },
    count: numbers?.length ?? source.count,
    fingerprint: numbers ? ofPart(source, numbers) : source.fingerprint,
    labels: Labels.from(numbers ? numbers.map((number) => source.labels[number]!) : source.labels),
    get corrupt() {
      return loader.corrupt;
    },
    async *batches(order, batch, epoch) {
      for await (
        const { pictures, labels, unreadable } of loader.run(
          numbers ? order.map((number) => numbers[number]!) : order,
          epoch,
          batch,
        )
      ) {
        yield { rgba: pictures, labels, unreadable };
      }
    },
    close: () => loader.close(),
    [Symbol.dispose]: () => loader.close(),
  };
}

function ofPart({ fingerprint: whole }: PictureSource, numbers: Uint32Array): string {
  return fingerprint(new TextEncoder().encode(whole), new Uint8Array(numbers.slice().buffer));
}
