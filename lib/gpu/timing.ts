import { contain } from "./contain.ts";
import type { Gpu } from "./device.ts";
import type { Program } from "./program.ts";

/** A program to be run several times in one compute pass. */
export interface TimedPass {
  /** What is timed. */
  readonly program: Program;
  /** How often it is run. */
  readonly times: number;
}

/** Times programs on the GPU. */
export interface Timer {
  /** Milliseconds that a pass should take at least: the time of a shorter one is too coarse. */
  readonly span: number;
  /**
   * Runs the passes one after the other; milliseconds of one run of each. A program's first pass
   * is no measure: drivers compile in it.
   *
   * @throws {GpuError} when a pass is not valid; the device stays usable
   */
  time(passes: readonly TimedPass[]): Promise<number[]>;
}

/**
 * Times by the GPU's own clock where it offers one, else by the processor's, from the submission
 * to the end.
 */
export function openTimer(
  gpu: Gpu,
  hasClock: boolean = gpu.device.features.has("timestamp-query"),
): Timer {
  return hasClock
    ? { span: 0.5, time: (passes) => timeByTimestamps(gpu, passes) }
    // A wait takes about 10 ms, whatever it waits for.
    : { span: 100, time: (passes) => timeByWaiting(gpu, passes) };
}

/** Some drivers count in ticks that are no nanoseconds: good to compare, not to report. */
async function timeByTimestamps(gpu: Gpu, passes: readonly TimedPass[]): Promise<number[]> {
  const { device } = gpu;
  const count = 2 * passes.length;
  const querySet = device.createQuerySet({ type: "timestamp", count });
  const usage = GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC;
  const buffer = device.createBuffer({ label: "timestamps", size: 8 * count, usage });
  try {
    await submit(gpu, (encoder) => {
      passes.forEach((pass, i) => {
        const [beginningOfPassWriteIndex, endOfPassWriteIndex] = [2 * i, 2 * i + 1];
        encode(encoder, pass, { querySet, beginningOfPassWriteIndex, endOfPassWriteIndex });
      });
      encoder.resolveQuerySet(querySet, 0, count, buffer, 0);
    });
    const stamps = new BigUint64Array(await gpu.read(buffer));
    return passes.map(({ times }, i) => Number(stamps[2 * i + 1]! - stamps[2 * i]!) / 1e6 / times);
  } finally {
    querySet.destroy();
    buffer.destroy();
  }
}

async function timeByWaiting(gpu: Gpu, passes: readonly TimedPass[]): Promise<number[]> {
  const found: number[] = [];
  for (const pass of passes) {
    const began = performance.now();
    await submit(gpu, (encoder) => encode(encoder, pass));
    await gpu.idle();
    found.push((performance.now() - began) / pass.times);
  }
  return found;
}

function encode(
  encoder: GPUCommandEncoder,
  { program, times }: TimedPass,
  timestampWrites?: GPUComputePassTimestampWrites,
): void {
  const pass = encoder.beginComputePass({ timestampWrites });
  for (let time = 0; time < times; time++) {
    for (const { pipeline, group, groups } of program.dispatches) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(...groups);
    }
  }
  pass.end();
}

function submit(gpu: Gpu, record: (encoder: GPUCommandEncoder) => void): Promise<void> {
  return contain(gpu, "time a kernel", () => {
    const encoder = gpu.device.createCommandEncoder();
    record(encoder);
    gpu.submit(encoder);
  });
}
