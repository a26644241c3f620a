import { setTimeout as sleep } from "node:timers/promises";
import { cannotWrite } from "./error.ts";

/** How long, and to whom, it is said that another process has the lock. */
export interface LockOptions {
  /** Told once when there is another process to wait for; what it throws ends waiting. */
  waiting?: () => void;
  /** When it fires, waiting ends with its reason. */
  signal?: AbortSignal;
}

/**
 * Calls `work` while no other process that asks for the lock of the same path does; the file `path`
 * is there for as long. Where a file system has no locks, nothing is waited for.
 *
 * @throws {WriteError} when the file cannot be made
 */
export async function withLock<Result>(
  path: string,
  work: () => Promise<Result>,
  { waiting, signal }: LockOptions = {},
): Promise<Result> {
  for (let isFirst = true;; isFirst = false) {
    const file = await Deno.open(path, { create: true, write: true }).catch((cause) => {
      throw cannotWrite(path, cause);
    });
    try {
      const isLocked = await file.tryLock(true).catch(() => true);
      if (isLocked && await isStillAt(path, file)) {
        return await work().finally(() => Deno.remove(path));
      }
    } finally {
      file.close();
    }
    if (isFirst) waiting?.();
    await sleep(500, undefined, { signal });
  }
}

/** Another process may have removed the file between its opening and its lock. */
async function isStillAt(path: string, file: Deno.FsFile): Promise<boolean> {
  const there = await Deno.stat(path).catch(() => undefined);
  return there !== undefined && there.ino === (await file.stat()).ino;
}
