import { contain } from "../gpu/contain.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Precision } from "../gpu/half.ts";
import { memoryOf } from "../gpu/memory.ts";
import type { Program } from "../gpu/program.ts";
import { Tape } from "../gpu/tape.ts";
import type { Timer } from "../gpu/timing.ts";
import type { Alternative, Question } from "../gpu/tuning.ts";

/** Differences below this share are noise: the earlier alternative wins, the default first of all. */
const NOISE = 0.03;
/** How many times slower than the fastest an alternative may be at first sight, and after a round. */
const GIVE_UP = { atSight: 1.5, inRace: 1.2 };
/** Timings of each alternative that is left, in turns, so that a clock that rises favours none. */
const ROUNDS = 4;
/** Runs of the shortest kernels in one pass at the most. */
const MOST_RUNS = 1000;

/** A compiled alternative that may be the fastest. */
interface Contender {
  readonly name: string;
  readonly program: Program;
  /** Runs in one pass that take long enough to be timed. */
  readonly times: number;
  /** Of one run, the least that was found. */
  milliseconds: number;
}

/**
 * The name of the fastest alternative. The default, which is the first, is kept where no other is
 * at least 3 % faster. Alternatives that do not build, do not fit or cannot be timed are left out.
 *
 * @param isOver asked before each alternative whether to give up
 * @returns nothing when it was given up, or no alternative can be timed
 */
export async function fastest(
  gpu: Gpu,
  { alternatives, precision = "f32" }: Pick<Question, "alternatives"> & Partial<Question>,
  timer: Timer,
  isOver: () => boolean = () => false,
): Promise<string | undefined> {
  const contenders: Contender[] = [];
  try {
    for (const alternative of alternatives) {
      if (isOver()) return undefined;
      const contender = await prepare(gpu, alternative, precision, timer);
      if (contender) contenders.push(contender);
      dropSlow(contenders, GIVE_UP.atSight);
    }
    for (let round = 0; round < ROUNDS && contenders.length > 1; round++) {
      const found = await timer.time(contenders);
      contenders.forEach((contender, i) => {
        if (found[i]! > 0) contender.milliseconds = Math.min(contender.milliseconds, found[i]!);
      });
      dropSlow(contenders, GIVE_UP.inRace);
    }
    const enough = leastOf(contenders) / (1 - NOISE);
    return contenders.find(({ milliseconds }) => milliseconds <= enough)?.name;
  } finally {
    for (const { program } of contenders) program.destroy();
  }
}

function leastOf(contenders: readonly Contender[]): number {
  return Math.min(...contenders.map(({ milliseconds }) => milliseconds));
}

/** Takes out, and frees, what is more than `factor` times slower than the fastest. */
function dropSlow(contenders: Contender[], factor: number): void {
  const limit = factor * leastOf(contenders);
  for (const [i, { milliseconds, program }] of [...contenders.entries()].reverse()) {
    if (milliseconds <= limit) continue;
    program.destroy();
    contenders.splice(i, 1);
  }
}

/** Compiles an alternative, runs it once to warm up, and takes a first time. */
async function prepare(
  gpu: Gpu,
  alternative: Alternative,
  precision: Precision,
  timer: Timer,
): Promise<Contender | undefined> {
  let program: Program | undefined;
  try {
    program = await compile(gpu, alternative, precision);
    if (program) return { name: alternative.name, program, ...await firstTime(program, timer) };
  } catch {
    // Whatever is wrong with it, it must not keep a run from going on with another one.
    program?.destroy();
  }
  return undefined;
}

async function compile(
  gpu: Gpu,
  alternative: Alternative,
  precision: Precision,
): Promise<Program | undefined> {
  const tape = new Tape(gpu, false, undefined, precision);
  alternative.record(tape);
  if (tape.bytes() > memoryOf(gpu)) return undefined;
  return await contain(gpu, `build ${alternative.name}`, () => tape.compile());
}

/** The time of one run, from as many in one pass as the timer needs. */
async function firstTime(
  program: Program,
  timer: Timer,
): Promise<Pick<Contender, "times" | "milliseconds">> {
  let times = 1;
  let [, milliseconds] = await timer.time([{ program, times }, { program, times }]) as [
    number,
    number,
  ];
  while (times < MOST_RUNS && times * milliseconds < timer.span) {
    // A clock too coarse for one run may say none, or less.
    const least = timer.span / MOST_RUNS;
    times = Math.min(MOST_RUNS, Math.ceil(1.1 * timer.span / Math.max(milliseconds, least)));
    [milliseconds] = await timer.time([{ program, times }]) as [number];
  }
  if (!(milliseconds > 0)) throw new RangeError(`Cannot use a time of ${milliseconds} ms`);
  return { times, milliseconds };
}
