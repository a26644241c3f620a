import type { WorkerPool } from "./worker_pool.ts";

/** What was written of one corruption, in pictures. */
export interface Made {
  made: number;
  /** Those that were there. */
  kept: number;
  interrupted?: boolean;
}

/** Where the corrupted pictures of a set go. */
export interface Target {
  /** Pictures of each corruption, of all severities. */
  readonly total: number;
  /** What is written before the first corruption. */
  prepare(): Promise<void>;
  /**
   * Makes what is not there yet of one corruption. `done` is told of every few pictures more; where
   * the signal is aborted, no more are begun.
   */
  make(
    corruption: string,
    pool: WorkerPool,
    done: (pictures: number) => void,
    signal?: AbortSignal,
  ): Promise<Made>;
}

/**
 * Calls `run` with every item, with so many under way that `workers` are always busy; whether all
 * were begun before the signal was aborted. Throws the first error, after what is under way.
 */
export async function inParallel<Item>(
  items: readonly Item[],
  workers: number,
  run: (item: Item) => Promise<void>,
  signal?: AbortSignal,
): Promise<boolean> {
  let next = 0;
  const failures: unknown[] = [];
  const lane = async () => {
    while (next < items.length && !signal?.aborted && failures.length === 0) {
      await run(items[next++]!).catch((error) => void failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: 2 * workers }, lane));
  if (failures.length > 0) throw failures[0];
  return next >= items.length;
}
