import { appendSynced, writeAtomic } from "../checkpoint/atomic_write.ts";
import type { Gpu } from "../gpu/device.ts";
import type { TuneOptions } from "../tune/record_tuned.ts";
import { clockOf, quick, thorough } from "./clock.ts";
import { commitOf } from "./commit.ts";
import type { Peer } from "./peer.ts";
import type { BenchRecord } from "./record.ts";
import type { StepResult, Suite } from "./suite.ts";
import { titleLines } from "./table.ts";

/** How a run of measurements is made. */
export interface BenchOptions {
  tune?: TuneOptions;
  peers?: readonly Peer[];
  /** Each measurement once. */
  isQuick?: boolean;
  /** Told each line of the report when it is known. */
  print(line: string): void;
}

/** Measurements that are collected into one record. */
export interface BenchRun {
  readonly suite: Suite;
  readonly record: BenchRecord;
  /** Adds a step, where it was measured. */
  add(step: StepResult | undefined): void;
}

/** Prints the head of the report, below which rows are printed as they are measured. */
export async function openBench(
  gpu: Gpu,
  { tune, peers = [], isQuick, print }: BenchOptions,
): Promise<BenchRun> {
  const clock = clockOf(gpu);
  const record: BenchRecord = {
    adapter: gpu.name,
    commit: await commitOf(),
    date: new Date().toISOString().slice(0, 10),
    clock: clock.name,
    cores: navigator.hardwareConcurrency,
    tuned: tune !== undefined,
    rows: [],
    profiles: {},
  };
  for (const line of titleLines(record)) print(line);
  return {
    suite: { gpu, clock, effort: isQuick ? quick : thorough, tune, peers, print },
    record,
    add(step) {
      if (!step) return;
      record.rows.push(step.row);
      if (step.profile) record.profiles[step.row.name] = step.profile;
    },
  };
}

/**
 * Makes sure that a record can be written, before minutes are spent on measuring; leaves all as it is.
 *
 * @throws {CheckpointError} that names the path and the reason
 */
export async function checkWritable(path: string): Promise<void> {
  const isThere = await Deno.stat(path).then(() => true, () => false);
  await appendSynced(path, "");
  if (!isThere) await Deno.remove(path);
}

/**
 * Writes a record as JSON, all or nothing.
 *
 * @throws {CheckpointError} that names the path and the reason
 */
export async function writeRecord(path: string, record: BenchRecord): Promise<void> {
  await writeAtomic(path, `${JSON.stringify(record, null, 1)}\n`);
}
