import { isDeepStrictEqual } from "node:util";
import { crc32 } from "node:zlib";
import { Stream } from "../../../lib/random/stream.ts";
import { command, ended, type Place, traces, trainArgs } from "../../train/fixture.ts";
import { trainOn } from "../../train/train_on.ts";
import { type Disturbed, every, type Fault, withHarm } from "./faults.ts";

/** An undisturbed run, with which others are compared. */
export interface Undisturbed extends Pick<Disturbed, "place" | "submits"> {
  traces: unknown;
}

/** What came of a run that was disturbed. */
export interface Round {
  /** How many faults there were, and how many of them ended it before it was done. */
  faults: number;
  cut: number;
  /** Why the fault cannot be here. */
  skipped?: string;
  /** What is wrong, if anything. */
  wrong?: string;
}

/** Trains without any fault. */
export async function undisturbed(place: Place): Promise<Undisturbed> {
  const whole = command(trainArgs(place, "straight", every), withHarm({ at: 0, after: 0 }));
  const { code, stderr } = ended(await whole.output());
  if (code !== 0) throw new Error(`Cannot train undisturbed: ${stderr}`);
  return {
    place,
    submits: Number(/submits (\d+)/.exec(stderr)![1]),
    traces: await traces(place.path("straight")),
  };
}

/**
 * Trains in a folder of its own with one fault after another, then lets the run go on to its end, and
 * compares what it left.
 *
 * @param times how many faults there may be, until it gets to its end between two
 */
export async function disturbed(
  fault: Fault,
  { traces: expected, ...whole }: Undisturbed,
  seed: number,
  number: number,
  times: number,
): Promise<Round> {
  const name = `${fault.name.replaceAll(" ", "-")}-${number}`;
  const run: Disturbed = { ...whole, name, random: new Stream(seed, crc32(fault.name), number) };
  const skipped = await fault.prepare?.(run);
  if (skipped) return { faults: 0, cut: 0, skipped };
  try {
    return await faultsAndEnd(fault, run, expected, times);
  } finally {
    await fault.cleanUp?.(run);
  }
}

async function faultsAndEnd(
  fault: Fault,
  run: Disturbed,
  expected: unknown,
  times: number,
): Promise<Round> {
  const { place, name } = run;
  const round: Round = { faults: 0, cut: 0 };
  for (let isDone = false; round.faults < times && !isDone; round.faults++) {
    const end = await fault.disturb(run);
    await fault.mend?.(run);
    if (!fault.allows(end)) {
      return { ...round, wrong: `ended with ${end.signal ?? `code ${end.code}`}: ${end.stderr}` };
    }
    isDone = end.code === 0;
    if (!isDone) round.cut++;
  }
  const { code, stderr } = ended(await (await trainOn(place, name, every)).output());
  if (code !== 0) return { ...round, wrong: `did not go on: ${stderr}` };
  const found = await traces(place.path(name));
  return isDeepStrictEqual(found, expected) ? round : { ...round, wrong: "other bits" };
}
