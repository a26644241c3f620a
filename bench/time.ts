import type { Gpu } from "../lib/gpu/device.ts";

/** Milliseconds of work between two waits: a wait takes about 10, whatever it waits for. */
const SPAN = 300;

/**
 * Milliseconds of one call of `work`, the best of `rounds`, after two calls that build pipelines.
 * Short work is called several times before it is waited for.
 */
export async function milliseconds(gpu: Gpu, work: () => unknown, rounds = 5): Promise<number> {
  const time = async (calls: number) => {
    const start = performance.now();
    for (let call = 0; call < calls; call++) await work();
    await gpu.idle();
    return (performance.now() - start) / calls;
  };
  await time(1);
  const calls = Math.max(1, Math.round(SPAN / await time(1)));
  let best = Infinity;
  for (let round = 0; round < rounds; round++) best = Math.min(best, await time(calls));
  return best;
}
