import { type CorruptPicture, CorruptPictures } from "../corrupt_pictures.ts";
import type { PictureSource } from "../picture_source.ts";
import type { View } from "../view.ts";
import { Control, type LoaderSettings, type ReplacedRow, type WorkerReport } from "./messages.ts";
import { RunReports } from "./run_reports.ts";

/** How pictures are loaded. */
export interface LoaderOptions {
  view: View;
  /** Pictures of a batch, at least 1; the last one of a run may have fewer. */
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
  /** The pictures that are shown: others where one could not be read. */
  shown: Uint32Array;
  /** Of the pictures that are shown, in {0, …, classes-1}. */
  labels: Uint32Array;
  /** (pictures × size × size × 4): red, green, blue and 255 for each pixel. */
  pictures: Uint8Array<SharedArrayBuffer>;
}

/**
 * Reads, decodes and cuts pictures on other threads, a few batches ahead, in memory that is taken
 * once: 4 · slots · batch · size² bytes, and one decoded picture for each thread.
 *
 * Batches depend on the order, the view and its seed, and not on the number of threads. A picture
 * that cannot be read is counted and named in `corrupt`; training and mixing views show one drawn by
 * seed and index instead, with its own label, an evaluation view a black one with the label of what
 * is missing.
 */
export class PictureLoader {
  readonly #settings: LoaderSettings;
  readonly #workers: Worker[];
  readonly #corrupt: CorruptPictures;
  #reports?: RunReports;
  #isRunning = false;
  #failure?: Error;

  /** @throws {RangeError} for counts that are no whole numbers, or too small */
  constructor(readonly source: PictureSource, options: LoaderOptions) {
    const { view, batch, workers = navigator.hardwareConcurrency, slots = 3 } = options;
    checkCounts({ batch, workers, slots: slots - 1, size: view.size });
    const bytes = 4 * slots * batch * view.size * view.size;
    this.#settings = {
      ...{ source: source.shared, view, batch, slots },
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
   * depend on it. Ends early where the loop over it does.
   *
   * @throws {DataError} that names the first few once more than 1 % of the source's pictures could
   *   not be read
   * @throws {RangeError} while another run goes on, or when a number is not the source's
   */
  async *run(order: ArrayLike<number>, epoch: number): AsyncGenerator<Batch, void, void> {
    if (this.#isRunning) throw new RangeError("Cannot load two runs at once: end the first");
    checkOrder(order, this.source.count);
    this.#isRunning = true;
    try {
      await this.#reports?.idle;
      if (this.#failure) throw this.#failure;
      const { control, batch } = this.#settings;
      const reports = this.#reports = new RunReports(order.length, batch, this.#workers.length);
      control.fill(0);
      const shared = new Uint32Array(new SharedArrayBuffer(4 * order.length));
      shared.set(order);
      for (const worker of this.#workers) worker.postMessage({ order: shared, epoch });
      for (let number = 0; number * batch < order.length; number++) {
        yield this.#batch(shared, number, await reports.complete(number));
        Atomics.store(control, Control.released, number + 1);
        Atomics.notify(control, Control.released);
      }
    } finally {
      this.#cancel();
      this.#isRunning = false;
    }
  }

  /** Ends all threads; a run that goes on fails. */
  close(): void {
    this.#cancel();
    this.#fail(new Error("The loader was closed"));
    for (const worker of this.#workers) worker.terminate();
  }

  [Symbol.dispose](): void {
    this.close();
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

  #batch(order: Uint32Array, number: number, replaced: readonly ReplacedRow[]): Batch {
    const { batch, slots, pictures, view } = this.#settings;
    const indices = order.slice(number * batch, (number + 1) * batch), shown = indices.slice();
    for (const { row, shown: other, unreadable } of replaced) {
      if (other !== undefined) shown[row] = other;
      for (const { index, reason } of unreadable) {
        this.#corrupt.add(index, { name: this.source.name(index), reason });
      }
    }
    const labels = shown.map((index) => this.source.labels[index]!);
    const bytes = 4 * view.size * view.size, from = number % slots * batch * bytes;
    const part = pictures.subarray(from, from + indices.length * bytes);
    return { number, indices, shown, labels, pictures: part };
  }

  #cancel(): void {
    const { control } = this.#settings;
    Atomics.store(control, Control.cancelled, 1);
    // Waiting threads look at it when what they wait for has changed.
    Atomics.sub(control, Control.released, 1);
    Atomics.notify(control, Control.released);
  }
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
