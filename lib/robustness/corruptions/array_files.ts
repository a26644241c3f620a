import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { writeAtomic, writeAtomicBy } from "../../checkpoint/atomic_write.ts";
import type { Dataset } from "../../data/dataset.ts";
import { encodeNpyHeader } from "../../data/npy.ts";
import { rgbOf } from "./corrupt_batch.ts";
import type { Severity } from "./corruption.ts";
import { inParallel, type Made, type Target } from "./target.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** About how many bytes of pictures a worker takes at once. */
const JOB_BYTES = 2 ** 18;

/**
 * CIFAR-C's layout: `<corruption>.npy` of (severities × pictures, height, width, 3) bytes, the first
 * severity first, and `labels.npy` of as many labels. Of perturbations, CIFAR-P's: frames of a picture
 * are a dimension after the first. A file is there when it is whole.
 */
export class ArrayFiles implements Target {
  readonly total: number;

  constructor(
    readonly folder: string,
    readonly data: Dataset,
    readonly severities: readonly Severity[],
    /** How many frames a picture gets; nothing of a corruption. */
    readonly frames: (corruption: string) => number | undefined,
  ) {
    this.total = severities.length * data.count;
  }

  /** Writes the labels, once for each severity, unless they are there. */
  async prepare(): Promise<void> {
    const path = join(this.folder, "labels.npy");
    const header = encodeNpyHeader("|u1", [this.total]);
    const { labels, count } = this.data;
    const bytes = new Uint8Array(header.length + this.total);
    bytes.set(header);
    this.severities.forEach((_, i) => bytes.set(labels, header.length + i * count));
    if (await sizeOf(path) !== bytes.length) await writeAtomic(path, bytes);
  }

  async make(
    corruption: string,
    pool: WorkerPool,
    done: (pictures: number) => void,
    signal?: AbortSignal,
  ): Promise<Made> {
    const path = join(this.folder, `${corruption}.npy`);
    const { width, height, count } = this.data;
    const frames = this.frames(corruption) ?? [];
    const shape = [this.total, frames, height, width, 3].flat();
    const header = encodeNpyHeader("|u1", shape), start = header.length;
    const row = shape.slice(1).reduce((product, side) => product * side);
    if (await sizeOf(path) === start + this.total * row) return { made: 0, kept: this.total };
    done(0);
    const perJob = Math.max(Math.floor(JOB_BYTES / row), 1);
    const jobs = this.severities.flatMap((severity, block) =>
      Array.from({ length: Math.ceil(count / perJob) }, (_, i) => ({
        ...{ severity, first: i * perJob, block },
        count: Math.min(perJob, count - i * perJob),
      }))
    );
    const isWhole = await writeAtomicBy(path, async (file) => {
      await writeAt(file, header, 0);
      return await inParallel(jobs, pool.size, async ({ severity, first, block, count: some }) => {
        const batch = rgbOf(this.data, first, some);
        const { bytes } = await pool.run({ ...batch, corruption, severity, first });
        await writeAt(file, bytes!, start + (block * count + first) * row);
        done(some);
      }, signal);
    });
    return isWhole ? { made: this.total, kept: 0 } : { made: 0, kept: 0, interrupted: true };
  }
}

/** Writes all bytes at a place, since the system may take a part of them at a time. */
async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const left = bytes.length - done;
    done += (await file.write(bytes, done, left, position + done)).bytesWritten;
  }
}

async function sizeOf(path: string): Promise<number> {
  const file = await open(path, "r").catch(() => undefined);
  if (!file) return 0;
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}
