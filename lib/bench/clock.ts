import process from "node:process";
import type { Gpu } from "../gpu/device.ts";

/** What measured times are of. */
export interface Clock {
  readonly name: "cpu" | "wall";
  /** Milliseconds since some moment. */
  now(): number;
}

/**
 * The processor's time on a software adapter, in which other programs have no part, divided by the
 * number of cores: what the work would take on all of them, undisturbed. The clock on the wall on a
 * real GPU.
 */
export function clockOf({ software }: Gpu): Clock {
  if (!software) return { name: "wall", now: () => performance.now() };
  return {
    name: "cpu",
    now() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e3 / navigator.hardwareConcurrency;
    },
  };
}

/** Something that is timed. */
export interface Work {
  /** Submits it once. */
  call(): unknown;
  /** Waits until all that was submitted has ended. */
  idle(): Promise<unknown>;
  /** Frees what it holds. */
  release(): void;
}

/** How thoroughly is measured. */
export interface Effort {
  /** Measurements of which the median is taken. */
  rounds: number;
  /** Milliseconds of one measurement: shorter work is repeated, since waiting takes about 10. */
  span: number;
  /** Work whose first call takes more milliseconds is not called again. */
  patience?: number;
}

/** What is used where nothing else is asked for, and by `--quick`. */
export const thorough: Effort = { rounds: 5, span: 150 };
export const quick: Effort = { rounds: 1, span: 0 };

/** Submitted between two waits at the most: peers keep a result for each. */
const MOST_CALLS = 50;

/** Milliseconds of one call, the median; the first call, in which drivers compile, is left out. */
export async function medianTime(clock: Clock, work: Work, effort: Effort): Promise<number> {
  const { rounds, span, patience = Infinity } = effort;
  const time = async (calls: number) => {
    const began = clock.now();
    for (let call = 0; call < calls; call++) work.call();
    await work.idle();
    return (clock.now() - began) / calls;
  };
  const first = await time(1);
  if (first > patience) return first;
  const second = await time(1);
  if (rounds === 1 && second >= span) return second;
  const calls = Math.min(MOST_CALLS, Math.max(1, Math.round(span / second)));
  const found: number[] = [];
  for (let round = 0; round < rounds; round++) found.push(await time(calls));
  return found.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!;
}
