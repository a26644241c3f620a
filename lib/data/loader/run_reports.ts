import type { ReplacedRow, WorkerReport } from "./messages.ts";

/** What is known of a batch that is not complete. */
interface Part {
  /** Rows that no worker has reported. */
  missing: number;
  replaced: ReplacedRow[];
}

/** Gathers what workers report of a run: a batch is complete when all of its rows are. */
export class RunReports {
  readonly #parts = new Map<number, Part>();
  readonly #idle = Promise.withResolvers<void>();
  #waiting?: { number: number } & PromiseWithResolvers<ReplacedRow[]>;
  #failure?: Error;

  /** Of a run of so many pictures, on so many workers. */
  constructor(readonly pictures: number, readonly batch: number, private running: number) {
    // It is looked at when another run begins, if ever; until then it must not end the process.
    this.#idle.promise.catch(() => {});
  }

  /** Fulfilled when no worker has anything left to do. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  /** Takes a worker's report. */
  hear(report: Exclude<WorkerReport, { failure: string }>): void {
    if ("isIdle" in report) {
      if (--this.running === 0) this.#idle.resolve();
      return;
    }
    const { batch: number, rows, replaced } = report;
    const part = this.#part(number);
    part.missing -= rows;
    part.replaced.push(...replaced);
    if (this.#waiting?.number === number && part.missing === 0) {
      this.#waiting.resolve(this.#take(number));
    }
  }

  /** Makes all that is waited for fail. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.reject(error);
    this.#idle.reject(error);
  }

  /** What was replaced in a batch, in the order of its rows, once it is complete. */
  async complete(number: number): Promise<ReplacedRow[]> {
    if (this.#failure) throw this.#failure;
    if (this.#part(number).missing === 0) return this.#take(number);
    this.#waiting = { number, ...Promise.withResolvers<ReplacedRow[]>() };
    return await this.#waiting.promise;
  }

  #part(number: number): Part {
    const known = this.#parts.get(number);
    if (known) return known;
    const missing = Math.min(this.batch, this.pictures - number * this.batch);
    const part = { missing, replaced: [] };
    this.#parts.set(number, part);
    return part;
  }

  #take(number: number): ReplacedRow[] {
    const { replaced } = this.#part(number);
    this.#parts.delete(number);
    return replaced.sort((a, b) => a.row - b.row);
  }
}
