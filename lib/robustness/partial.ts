import { appendSynced, writeAtomic } from "../checkpoint/atomic_write.ts";
import { isTable, type TuningTable } from "../tune/table.ts";
import {
  decodeOutcome,
  type EncodedOutcome,
  encodeOutcome,
  isOutcomeOf,
  type Outcome,
} from "./outcome.ts";
import { keyOf, type Unit } from "./units.ts";

/** Fingerprints of all that an evaluation's numbers depend on, by what they are of. */
export type Fingerprints = Readonly<Record<"checkpoint" | "data" | "options" | "adapter", string>>;

/** What is measured so far, kept in a file until the evaluation has ended. */
export interface Partial {
  /** By the name of the unit. */
  readonly outcomes: Map<string, Outcome>;
  /** The kernels that were used, where the evaluation goes on; null for the fixed ones. */
  readonly table: TuningTable | null | undefined;
  /** Begins the file, where it does not go on. */
  begin(table: TuningTable | null): Promise<void>;
  /** Keeps a unit, on the disk before it returns. */
  add(unit: string, outcome: Outcome): Promise<void>;
}

/** The first line of the file. */
interface Head {
  of: Fingerprints;
  tuning: TuningTable | null;
}

/** Every other line. */
interface Line {
  /** The fingerprints in short: lines of another evaluation into the same file do not count. */
  of: string;
  unit: string;
  outcome: EncodedOutcome;
}

/**
 * Opens what an interrupted evaluation left: a file of JSON lines, one for each unit, of which a
 * half-written last one does not count. Where its fingerprints are others, or it is damaged, it is
 * begun anew.
 *
 * @param note told which fingerprint differs, or how many units are there
 * @throws {CheckpointError} when the file cannot be written, which is tried at once
 */
export async function openPartial(
  path: string,
  of: Fingerprints,
  note?: (line: string) => void,
): Promise<Partial> {
  const [first, ...lines] = (await textOf(path)).split("\n").slice(0, -1);
  const head = first === undefined ? undefined : parse<Head>(first);
  const differing = head && differences(head, of);
  const short = Object.values(of).join(" ");
  const outcomes = differing?.length === 0 ? outcomesOf(lines, short) : new Map<string, Outcome>();
  // Without a unit there is nothing to keep, not even kernels, which may not have been timed yet.
  const goesOn = outcomes.size > 0;
  if (goesOn) note?.(`going on with ${path}: ${outcomes.size} parts are measured already`);
  if (first !== undefined && differing?.length !== 0) {
    const why = differing
      ? `it is of another evaluation (${differing.join(", ")} differ)`
      : "it is damaged";
    note?.(`note: not going on with ${path}: ${why}; beginning anew`);
  }
  if (!goesOn) await writeAtomic(path, "");
  return {
    outcomes,
    table: goesOn ? head!.tuning : undefined,
    async begin(tuning) {
      if (!goesOn) await writeAtomic(path, `${JSON.stringify({ of, tuning } satisfies Head)}\n`);
      else await endLine(path);
    },
    async add(unit, outcome) {
      outcomes.set(unit, outcome);
      const line: Line = { of: short, unit, outcome: encodeOutcome(outcome) };
      await appendSynced(path, `${JSON.stringify(line)}\n`);
    },
  };
}

/** Takes away outcomes that cannot be of their units, which are measured again then. */
export function dropMisfits(outcomes: Map<string, Outcome>, units: readonly Unit[]): void {
  for (const unit of units) {
    const outcome = outcomes.get(keyOf(unit));
    if (outcome && !isOutcomeOf(unit, outcome)) outcomes.delete(keyOf(unit));
  }
}

/** A half-written last line must not swallow the next one. */
async function endLine(path: string): Promise<void> {
  if (!(await textOf(path)).endsWith("\n")) await appendSynced(path, "\n");
}

async function textOf(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    // A place where nothing can be is told by who writes there.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return "";
    }
    throw error;
  }
}

function differences({ of, tuning }: Head, wanted: Fingerprints): string[] | undefined {
  if (typeof of !== "object" || of === null) return undefined;
  if (tuning !== null && !isTable(tuning?.best)) return undefined;
  return Object.entries(wanted).flatMap(([name, value]) =>
    of[name as keyof Fingerprints] === value ? [] : [name]
  );
}

function outcomesOf(lines: readonly string[], short: string): Map<string, Outcome> {
  const outcomes = new Map<string, Outcome>();
  for (const text of lines) {
    const line = parse<Line>(text);
    if (line?.of !== short || typeof line.outcome !== "object") continue;
    try {
      outcomes.set(line.unit, decodeOutcome(line.outcome));
    } catch {
      // A damaged unit is measured again.
    }
  }
  return outcomes;
}

function parse<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}
