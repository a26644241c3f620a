import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/error.ts";
import { openTimer, type Timer } from "../gpu/timing.ts";
import { Tuning } from "../gpu/tuning.ts";
import { openCache } from "./cache.ts";
import { fastest } from "./fastest.ts";
import type { TuningTable } from "./table.ts";

/** What comes before the first step, and how far it is. */
export interface Preparation {
  /** What is done. */
  task: "tuning" | "building";
  /** Kernels. */
  done: number;
  /** How many there are in all. */
  total: number;
}

/** Where what tuning finds is kept, and how long it may take. */
export interface TuneLimits {
  /** By default the user's cache folder; "" for nowhere. */
  folder?: string;
  /** Milliseconds after which what is not timed yet stays as it is by default; 40,000 by default. */
  budget?: number;
  /** By default the GPU's own clock, where it has one. */
  timer?: Timer;
}

/** How the fastest kernels are found. */
export interface TuneOptions extends TuneLimits {
  /** Use these as they are: nothing is timed and no cache is read. */
  table?: TuningTable;
  /** When it fires, what is not timed yet stays as it is by default. */
  signal?: AbortSignal;
  progress?: (state: Preparation) => void;
  /** Told what people want to know, such as that a cache is damaged. */
  note?: (line: string) => void;
}

const BUDGET = 40_000;

/** A recording, and the tuning that it was made with. */
export interface Tuned<Recorded> {
  recorded: Recorded;
  tuning: Tuning;
}

type Recorder<Recorded> = (tuning: Tuning) => Recorded;

/**
 * Records with the fastest kernels: those in the cache, and those timed now, which it then keeps.
 *
 * @param record records tapes with a tuning, to their end, since only then all kernels are asked
 *   for; it is called again when kernels were timed, or when it throws a `GpuError` since the
 *   fastest need more memory than there is
 * @param options without them the fixed defaults are used
 */
export async function recordTuned<Recorded>(
  gpu: Gpu,
  record: Recorder<Recorded>,
  options?: TuneOptions,
): Promise<Tuned<Recorded>> {
  if (!options) return recordWith(record, new Map());
  const { table, folder, note } = options;
  if (table) return recordAgain(record, table, note);
  const cache = openCache(gpu.name, folder, note);
  const known = await cache.read();
  const first = recordBest(record, known, note);
  if (!first.fits || first.tuning.open.size === 0) return first;
  const found = await time(gpu, first.tuning, options);
  if (found.size === 0) return first;
  await cache.add(found);
  return recordBest(record, new Map([...known, ...found]), note);
}

function recordWith<Recorded>(
  record: Recorder<Recorded>,
  best: ReadonlyMap<string, string>,
): Tuned<Recorded> {
  const tuning = new Tuning(best);
  return { recorded: record(tuning), tuning };
}

/** With the best kernels, or where they do not fit with the defaults. */
function recordBest<Recorded>(
  record: Recorder<Recorded>,
  best: ReadonlyMap<string, string>,
  note: TuneOptions["note"],
): Tuned<Recorded> & { fits: boolean } {
  try {
    return { ...recordWith(record, best), fits: true };
  } catch (error) {
    if (!(error instanceof GpuError)) throw error;
    const fixed = recordWith(record, new Map());
    note?.("note: the fastest kernels need more memory than there is: fixed ones are used");
    return { ...fixed, fits: false };
  }
}

/** As before: whatever is not as it was is told. */
function recordAgain<Recorded>(
  record: Recorder<Recorded>,
  { best }: TuningTable,
  note: TuneOptions["note"],
): Tuned<Recorded> {
  const known = new Map(Object.entries(best));
  const tuned = recordWith(record, known);
  const gone = known.size - tuned.tuning.chosen.size;
  if (gone > 0) {
    note?.(
      `note: ${gone} of the kernels that were used are not in this version; the bits may differ`,
    );
  }
  return tuned;
}

/** Times what is open, until the budget is spent; the names of the fastest by key. */
async function time(
  gpu: Gpu,
  { open }: Tuning,
  { budget = BUDGET, timer = openTimer(gpu), signal, progress, note }: TuneOptions,
): Promise<Map<string, string>> {
  const end = performance.now() + budget;
  const isOver = () => signal?.aborted || performance.now() >= end;
  const found = new Map<string, string>();
  let done = 0;
  for (const [key, question] of open) {
    const name = await fastest(gpu, question, timer, isOver);
    if (name) found.set(key, name);
    else if (isOver()) break;
    done++;
    progress?.({ task: "tuning", done, total: open.size });
  }
  if (done < open.size && !signal?.aborted) {
    note?.(
      `note: after ${Math.round(budget / 1000)} s, ${open.size - done} of ${open.size} kernels ` +
        "are not tuned and stay as they are by default; the next start tunes them",
    );
  }
  return found;
}
