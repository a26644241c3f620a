/** Memory at a step. */
export interface Reading {
  step: number;
  /** Of the process, resident, in bytes. */
  rss: number;
  /** Of all GPU buffers that are not destroyed. */
  gpu: number;
}

/** Resident memory may grow by so much after the warm-up, in bytes: the driver's and V8's own reserves. */
export const BOUND = 2 ** 24;

let live = 0, isWatched = false;

/** Counts the bytes of all GPU buffers that are made and not destroyed, from now on. */
export function watchBuffers(): void {
  if (isWatched) return;
  isWatched = true;
  const alive = new WeakSet<GPUBuffer>();
  const { createBuffer } = GPUDevice.prototype, { destroy } = GPUBuffer.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    const buffer = createBuffer.call(this, descriptor);
    alive.add(buffer);
    live += buffer.size;
    return buffer;
  };
  GPUBuffer.prototype.destroy = function () {
    // A second call frees nothing more. One that is only forgotten counts for ever.
    if (alive.delete(this)) live -= this.size;
    return destroy.call(this);
  };
}

/** What is in use now, without garbage; needs `--v8-flags=--expose-gc` and `watchBuffers()`. */
export function read(step: number): Reading {
  (globalThis as unknown as { gc(): void }).gc();
  return { step, rss: Deno.memoryUsage().rss, gpu: live };
}

/**
 * What grew, in words: the buffers by any byte, or resident memory by more than `BOUND`, from the
 * first reading at or after `warm` steps to any later one.
 */
export function growth(readings: readonly Reading[], warm: number): string | undefined {
  const [first, ...later] = readings.filter(({ step }) => step >= warm);
  for (const { step, rss, gpu } of later) {
    if (gpu > first!.gpu) {
      return `buffers grew from ${first!.gpu} to ${gpu} bytes between steps ${
        first!.step
      } and ${step}`;
    }
    if (rss > first!.rss + BOUND) {
      return `resident memory grew from ${first!.rss} to ${rss} bytes, by more than ${BOUND}, ` +
        `between steps ${first!.step} and ${step}`;
    }
  }
}
