import type { Job, Reply, WorkerSetup } from "./worker_messages.ts";

/** A job under way. */
interface Pending {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** Several workers that corrupt pictures, each one job at a time. */
export class WorkerPool {
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #pending = new Map<Worker, Pending>();
  #failure?: Error;

  /** Whether pictures become several frames each. */
  get makesFrames(): boolean {
    return this.setup.suite === "p";
  }

  /** Up to `size` ≥ 1 workers are started as jobs come in; they end with `close()`. */
  constructor(readonly size: number, private readonly setup: WorkerSetup) {}

  /**
   * Has a job done by the next worker that is free.
   *
   * @throws {Error} with the message of what the worker threw
   */
  async run(job: Job): Promise<Reply> {
    if (this.#idle.length === 0 && this.#workers.length < this.size) this.#start();
    while (this.#idle.length === 0 && !this.#failure) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#failure) throw this.#failure;
    const worker = this.#idle.pop()!;
    try {
      const reply = await new Promise<Reply>((resolve, reject) => {
        this.#pending.set(worker, { resolve, reject });
        worker.postMessage(job);
      });
      if (reply.error !== undefined) throw new Error(reply.error);
      return reply;
    } finally {
      this.#pending.delete(worker);
      this.#idle.push(worker);
      this.#waiting.shift()?.();
    }
  }

  /** Ends all workers, whatever they do. */
  close(): void {
    for (const worker of this.#workers) worker.terminate();
  }

  #start(): void {
    // A literal, so that compiling and bundling find the file.
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#pending.get(worker)?.resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#failure = new Error(`A worker that corrupts pictures failed: ${event.message}`);
      for (const { reject } of this.#pending.values()) reject(this.#failure);
      for (const wake of this.#waiting.splice(0)) wake();
    };
    worker.postMessage(this.setup);
    this.#workers.push(worker);
    this.#idle.push(worker);
  }
}
