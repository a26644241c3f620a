import { type CorruptPicture, CorruptPictures } from "../corrupt_pictures.ts";
import { sharedNumbers } from "../name_table.ts";
import type { PictureSource } from "../picture_source.ts";
import type { View } from "../view.ts";
import {
  Control,
  type LoaderSettings,
  type ReplacedRow,
  type Run,
  type WorkerReport,
} from "./messages.ts";
import { RunReports } from "./run_reports.ts";

/** How pictures are loaded. */
export interface LoaderOptions {
  /** What is cut out of pictures. */
  view: View;
  /** Pictures of the largest batch, at least 1. */
  batch: number;
  /** Threads that read and decode, at least 1; as many as there are processors by default. */
  workers?: number;
  /** Batches that there is memory for, at least 2, the one in use among them; 3 by default. */
  slots?: number;
}

/** Pictures of one size with their labels; valid until the next batch is asked for. */
export interface Batch {
  /** Its place in the run, from 0. */
  number: number;
  /** The pictures that were asked for. */
  indices: Uint32Array;
  /** The pictures that are shown: others of the same class where one could not be read. */
  shown: Uint32Array;
  /** In {0, …, classes-1}. */
  labels: Uint32Array;
  /** (pictures × size × size × 4): red, green, blue and 255 for each pixel. */
  pictures: Uint8Array<SharedArrayBuffer>;
  /** Those that could not be read, in the order of rows. */
  unreadable: CorruptPicture[];
}

/**
 * Reads, decodes and cuts pictures on other threads, a few batches ahead, in memory that is taken
 * once: 4 · slots · batch · size² bytes, and one decoded picture for each thread.
 *
 * Batches depend on the order, the view and its seed, and not on the number of threads. A picture
 * that cannot be read is counted and named in `corrupt`; training and mixing views show another one
 * of its class, drawn by seed and index, evaluation views (and a class without any) a black one.
 */
export class PictureLoader {
  readonly #settings: LoaderSettings;
  readonly #workers: Worker[];
  readonly #corrupt: CorruptPictures;
  #reports?: RunReports;
  #failure?: Error;
  #turn = 0;

  /**
   * Starts its threads.
   *
   * @throws {RangeError} for counts that are no whole numbers, or too small
   */
  constructor(readonly source: PictureSource, private readonly options: LoaderOptions) {
    const { view, batch, workers = navigator.hardwareConcurrency, slots = 3 } = options;
    checkCounts({ batch, workers, slots: slots - 1, size: view.size });
    const bytes = 4 * slots * batch * view.size * view.size;
    this.#settings = {
      ...{ source: source.shared, view, slots },
      pictures: new Uint8Array(new SharedArrayBuffer(bytes)),
      control: new Int32Array(new SharedArrayBuffer(4 * Object.keys(Control).length)),
    };
    this.#corrupt = new CorruptPictures(source.path, source.count);
    this.#workers = Array.from({ length: workers }, () => this.#start());
  }

  /** The pictures that could not be read so far, in the order they were met. */
  get corrupt(): CorruptPicture[] {
    return this.#corrupt.found;
  }

  /**
   * Loads the pictures of `order`, which are numbers of the source's, in an epoch; random views
   * depend on it. Ends early where the loop over it does, or another run begins.
   *
   * @param batch pictures of each batch but the last, which may have fewer
   * @throws {DataError} that names the first few once more than 1 % of the source's pictures could
   *   not be read
   * @throws {RangeError} when a number is not the source's, the batch is larger than the largest, or
   *   another run has begun
   */
  async *run(
    order: ArrayLike<number>,
    epoch: number,
    batch = this.options.batch,
  ): AsyncGenerator<Batch, void, void> {
    checkOrder(order, this.source.count);
    checkCounts({ batch });
    if (batch > this.options.batch) {
      throw new RangeError(
        `Cannot load ${batch} pictures at once: expected at most ${this.options.batch}`,
      );
    }
    // A copy, since the caller's may change before a batch is asked for.
    const shared = sharedNumbers(order), { control } = this.#settings;
    const reports = await this.#begin({ order: shared, epoch, batch });
    try {
      for (let number = 0; number * batch < shared.length; number++) {
        const replaced = await reports.complete(number);
        yield this.#batch(shared, batch, number, replaced);
        reports.check();
        Atomics.store(control, Control.released, number + 1);
        Atomics.notify(control, Control.released);
      }
    } finally {
      if (this.#reports === reports) this.#cancel();
    }
  }

  /** Ends all threads; a run that goes on fails. */
  close(): void {
    this.#cancel();
    this.#fail(new Error("The loader was closed"));
    for (const worker of this.#workers) worker.terminate();
  }

  /** At the end of `using`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** Starts a run when all threads have ended the one before. */
  async #begin(run: Run): Promise<RunReports> {
    const turn = ++this.#turn;
    this.#cancel();
    this.#reports?.stop(anotherRun());
    await this.#reports?.idle;
    if (this.#failure) throw this.#failure;
    if (turn !== this.#turn) throw anotherRun();
    const reports = this.#reports = new RunReports(run, this.#workers.length);
    this.#settings.control.fill(0);
    for (const worker of this.#workers) worker.postMessage(run);
    return reports;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./decode_worker.ts", import.meta.url), { type: "module" });
    const fail = (why: string) => this.#fail(new Error(`Loading pictures failed: ${why}`));
    worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => {
      if ("failure" in data) fail(data.failure);
      else this.#reports?.hear(data);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      fail(event.message);
    };
    worker.postMessage(this.#settings);
    return worker;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#reports?.fail(error);
  }

  #batch(
    order: Uint32Array,
    batch: number,
    number: number,
    replaced: readonly ReplacedRow[],
  ): Batch {
    const { slots, pictures, view } = this.#settings, { labels } = this.source;
    const indices = new Uint32Array(order.subarray(number * batch, (number + 1) * batch));
    const shown = indices.slice(), corrupt: CorruptPicture[] = [];
    for (const { row, shown: other, unreadable } of replaced) {
      if (other !== undefined) shown[row] = other;
      for (const { index, reason } of unreadable) {
        const picture = { name: this.source.name(index), reason };
        corrupt.push(picture);
        this.#corrupt.add(index, picture);
      }
    }
    const bytes = 4 * view.size * view.size, from = number % slots * batch * bytes;
    const part = pictures.subarray(from, from + indices.length * bytes);
    const own = indices.map((i) => labels[i]!);
    return { number, indices, shown, labels: own, pictures: part, unreadable: corrupt };
  }

  #cancel(): void {
    const { control } = this.#settings;
    Atomics.store(control, Control.cancelled, 1);
    // Waiting threads look at it when what they wait for has changed.
    Atomics.sub(control, Control.released, 1);
    Atomics.notify(control, Control.released);
  }
}

function anotherRun(): RangeError {
  return new RangeError("Cannot go on loading: another run has begun");
}

function checkCounts(counts: Record<string, number>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (Number.isInteger(value) && value >= 1) continue;
    const least = name === "slots" ? 2 : 1, found = name === "slots" ? value + 1 : value;
    throw new RangeError(`Cannot load: expected ${name} of at least ${least} but found ${found}`);
  }
}

function checkOrder(order: ArrayLike<number>, count: number): void {
  for (let i = 0; i < order.length; i++) {
    const index = order[i]!;
    if (Number.isInteger(index) && index >= 0 && index < count) continue;
    throw new RangeError(`Cannot load picture ${index}: expected a number in 0 … ${count - 1}`);
  }
}
