import type { Gpu } from "../gpu/device.ts";
import type { Launch } from "../gpu/kernel.ts";
import { Program } from "../gpu/program.ts";
import { openTimer } from "../gpu/timing.ts";

/** All launches of one kernel in a step. */
export interface KernelTime {
  kernel: string;
  launches: number;
  ms: number;
  /** Of the sum over all kernels. */
  share: number;
  /** Bytes of the buffers bound, once for each launch, by the time. */
  gbs: number;
}

/** Where the time of a step goes. */
export interface Profile {
  /** The slowest first. */
  kernels: KernelTime[];
  /** Of the sum over all kernels, convolutions and the fully connected layer. */
  convolutionShare: number;
  convolutionMs: number;
}

/** Runs, of which each launch's least time is taken: others may disturb one. */
const RUNS = 3;

/** Passes in one submission: two timestamps each, of the 4,096 of a query set. */
const AT_ONCE = 1000;

/** Whether a kernel is a part of a convolution. */
function isConvolution(kernel: string): boolean {
  return /^(conv2d|winograd)_/.test(kernel);
}

/** Bytes of the buffers that a launch binds. */
export function boundBytes({ bindings }: Launch): number {
  return [...new Set(Object.values(bindings))].reduce((sum, { bytes }) => sum + bytes, 0);
}

/**
 * Runs a step a few times, each dispatch in a pass of its own that is timed on the GPU's clock
 * where it has one, and groups the times by kernel.
 *
 * @param total what the times are scaled to in sum; on a software adapter, whose clock others disturb
 */
export async function profile(
  gpu: Gpu,
  { dispatches }: Program,
  launches: readonly Launch[],
  total?: number,
): Promise<Profile> {
  const timer = openTimer(gpu);
  const passes = dispatches.map((dispatch) => ({
    program: new Program(gpu, [dispatch], { kept: [], shared: [] }),
    times: 1,
  }));
  const least = passes.map(() => Infinity);
  for (let run = 0; run < RUNS; run++) {
    for (let from = 0; from < passes.length; from += AT_ONCE) {
      const times = await timer.time(passes.slice(from, from + AT_ONCE));
      times.forEach((time, i) => least[from + i] = Math.min(least[from + i]!, time));
    }
  }
  const scale = total ? total / least.reduce((a, b) => a + b, 0) : 1;
  return summarize(launches, least.map((time) => scale * time));
}

/** Groups the milliseconds of each launch by kernel. */
export function summarize(launches: readonly Launch[], times: readonly number[]): Profile {
  const sums = new Map<string, { launches: number; ms: number; bytes: number }>();
  launches.forEach((launch, i) => {
    const sum = sums.get(launch.kernel) ?? { launches: 0, ms: 0, bytes: 0 };
    sum.launches++;
    sum.ms += times[i]!;
    sum.bytes += boundBytes(launch);
    sums.set(launch.kernel, sum);
  });
  const total = times.reduce((a, b) => a + b, 0);
  const kernels = [...sums].map(([kernel, { launches, ms, bytes }]) => ({
    kernel,
    launches,
    ms,
    share: ms / total,
    gbs: bytes / 1e6 / ms,
  })).sort((a, b) => b.ms - a.ms);
  const convolutions = kernels.filter(({ kernel }) => isConvolution(kernel));
  const convolutionMs = convolutions.reduce((sum, { ms }) => sum + ms, 0);
  return { kernels, convolutionMs, convolutionShare: convolutionMs / total };
}
