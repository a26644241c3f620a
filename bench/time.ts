import type { Gpu } from "../lib/gpu/device.ts";

/** Milliseconds of one call of `work`, the best of `rounds` after a warm-up that builds pipelines. */
export async function milliseconds(gpu: Gpu, work: () => unknown, rounds = 7): Promise<number> {
  let best = Infinity;
  for (let round = -2; round < rounds; round++) {
    const start = performance.now();
    await work();
    await gpu.idle();
    if (round >= 0) best = Math.min(best, performance.now() - start);
  }
  return best;
}
