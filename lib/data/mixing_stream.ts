import { type CorruptPicture, CorruptPictures } from "./corrupt_pictures.ts";
import type { MeasuredMixing, MixingListing } from "./mixing_source.ts";
import type { MixingRequest, MixingSetup } from "./mixing_worker.ts";
import { sharedNumbers } from "./name_table.ts";
import type { PictureSource } from "./picture_source.ts";
import type { Size } from "./resize.ts";
import type { Unreadable } from "./loader/messages.ts";
import { openThread, type Thread } from "./thread.ts";

/** What is cut out of a mixing picture: its number in the set, and a corner in pixels. */
export interface MixingCorner {
  /** Its number in the set. */
  picture: number;
  /** Rows of pixels above it. */
  top: number;
  /** Columns of pixels to the left of it. */
  left: number;
}

/** What was cut out of mixing pictures, in memory that is used again. */
export interface CutPictures {
  /** (crops × height × width × 4): red, green, blue and 255 for each pixel. */
  readonly rgba: Uint8Array<SharedArrayBuffer>;
  /** Gives the memory back, for crops that are asked for later. */
  release(): void;
}

/**
 * A mixing set of any size, of which nothing is in memory but names and sizes: what is wanted of it is
 * read, decoded, resized and cut on other threads. The pixels are those of the same set in memory, bit
 * for bit, whatever the number of threads.
 *
 * A file whose header is that of a picture, but which cannot be decoded, is named in `corrupt`, and
 * another one, drawn by its number, is shown in its place.
 */
export class MixingStream implements MixingListing, Disposable {
  readonly size: number;
  readonly count: number;
  readonly files: string[];
  readonly widths: Uint32Array;
  readonly heights: Uint32Array;
  readonly skipped: MixingListing["skipped"];
  readonly listing: string;
  readonly #source: PictureSource;
  readonly #numbers: Uint32Array;
  readonly #workers: number;
  readonly #corrupt: CorruptPictures;
  readonly #free: Uint8Array<SharedArrayBuffer>[] = [];
  #threads?: Thread<MixingRequest, Unreadable[]>[];
  #isClosed = false;

  /**
   * Starts its threads when pictures are first asked for.
   *
   * @param workers threads that decode, at least 1; as many as there are processors by default
   */
  constructor(
    source: PictureSource,
    { size, count, files, widths, heights, skipped, listing, numbers }: MeasuredMixing,
    workers: number = navigator.hardwareConcurrency,
  ) {
    [this.size, this.count, this.files] = [size, count, files];
    [this.widths, this.heights] = [widths, heights];
    [this.skipped, this.listing] = [skipped, listing];
    [this.#source, this.#numbers, this.#workers] = [source, numbers, workers];
    this.#corrupt = new CorruptPictures(source.path, count);
  }

  /** Of what tells this set from others: names and sizes. */
  get fingerprint(): string {
    return this.listing;
  }

  /** The pictures that could not be decoded so far, in the order they were met. */
  get corrupt(): CorruptPicture[] {
    return this.#corrupt.found;
  }

  /**
   * Cuts `height` × `width` pixels out of each picture, at the corner given; several calls may be
   * under way.
   *
   * @throws {DataError} that names the first few once more than 1 % of the set cannot be decoded
   */
  async cut(crops: readonly MixingCorner[], { width, height }: Size): Promise<CutPictures> {
    const bytes = 4 * width * height, memory = this.#take(crops.length * bytes);
    const threads = this.#threads ??= this.#start();
    const rgba = memory.subarray(0, crops.length * bytes);
    await Promise.all(crops.map(async ({ picture, top, left }, i) => {
      const output = rgba.subarray(i * bytes, (i + 1) * bytes);
      const thread = threads.reduce((a, b) => b.waiting < a.waiting ? b : a);
      const unreadable = await thread.ask({ picture, top, left, width, height, output });
      for (const { index, reason } of unreadable) {
        this.#corrupt.add(index, { name: this.files[index]!, reason });
      }
    }));
    return { rgba, release: () => void this.#free.push(memory) };
  }

  /** Ends all threads; what is under way fails. */
  close(): void {
    this.#isClosed = true;
    for (const thread of this.#threads ?? []) thread.end();
    this.#source.close();
  }

  /** At the end of `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Memory that was given back, or new; there is as much as calls were under way at a time. */
  #take(bytes: number): Uint8Array<SharedArrayBuffer> {
    const known = this.#free.findIndex(({ length }) => length >= bytes);
    if (known >= 0) return this.#free.splice(known, 1)[0]!;
    // One that is too small is not kept beside a larger one.
    this.#free.pop();
    return new Uint8Array(new SharedArrayBuffer(bytes));
  }

  #start(): Thread<MixingRequest, Unreadable[]>[] {
    if (this.#isClosed) throw new Error("The mixing set was closed");
    const setup: MixingSetup = {
      ...{ source: this.#source.shared, size: this.size, numbers: sharedNumbers(this.#numbers) },
      ...{ widths: sharedNumbers(this.widths), heights: sharedNumbers(this.heights) },
    };
    return Array.from({ length: this.#workers }, () => {
      const worker = new Worker(new URL("./mixing_worker.ts", import.meta.url), { type: "module" });
      return openThread(worker, "Reading the mixing set", setup);
    });
  }
}
