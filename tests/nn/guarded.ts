import assert from "node:assert/strict";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Launch, Region } from "../../lib/gpu/kernel.ts";
import { readFloats, write } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { poison, poisons } from "../memory.ts";

/** Numbers as the GPU stores them. */
export type Stored = Float32Array<ArrayBuffer>;

/** One result that launches make of operands which several share. */
export interface Job<Name extends string> {
  /** How many f32 the result has. */
  size: number;
  /** What its buffer holds before; NaN by default. */
  before?: Stored;
  launches(tape: Tape, operands: Record<Name, Region>, result: Region): Launch[];
}

/** Bytes after every buffer that hold NaN and must neither be used nor written. */
const GUARD = 512;

/**
 * Runs the jobs one after another, `runs` times over, and reads what each left in its buffer and in
 * the guard behind it. All memory holds NaN before, unless it is an operand.
 */
export async function runGuarded<Name extends string>(
  gpu: Gpu,
  operands: Record<Name, Stored>,
  jobs: readonly Job<Name>[],
  runs = 1,
): Promise<Stored[]> {
  const tape = new Tape(gpu);
  const written: [Region, Stored][] = [];
  const declare = (name: string, size: number, data?: Stored) => {
    const region = tape.region(name, 4 * size + GUARD);
    if (data) written.push([region, data]);
    return region;
  };
  const regions = {} as Record<Name, Region>;
  for (const name in operands) {
    regions[name] = declare(name, operands[name].length, operands[name]);
  }
  const results = jobs.map(({ size, before, launches }) => {
    const result = declare("result", size, before);
    tape.record(launches(tape, regions, result));
    return result;
  });
  const program = await tape.compile();
  poison(program, poisons[0]!);
  for (let run = 0; run < runs; run++) {
    for (const [region, data] of written) write(gpu, region, data);
    program.run();
  }
  const read = await Promise.all(results.map((result) => readFloats(gpu, result)));
  program.destroy();
  return read;
}

/** What a result has to be. */
export interface Expectation {
  expected: ArrayLike<number>;
  /** Not zero where the result has a number; elsewhere it has padding, which must be zero. */
  exists: ArrayLike<number>;
  /** Largest error allowed, as a part of the largest number. */
  tolerance: number;
}

/** Asserts that a result is what it has to be, and that nothing was written behind it. */
export function assertResult(
  name: string,
  actual: Stored,
  { expected, exists, tolerance }: Expectation,
): void {
  const scale = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  actual.forEach((value, i) => {
    if (i >= expected.length) assert.ok(Number.isNaN(value), `${name}: wrote ${value} at ${i}`);
    else if (!exists[i]) assert.equal(value, 0, `${name}: padding at ${i}`);
    else {
      const error = Math.abs(value - expected[i]!);
      assert.ok(error <= tolerance * scale, `${name}: off by ${error} of ${scale} at ${i}`);
    }
  });
}
