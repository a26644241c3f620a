import { writeAtomic } from "../lib/checkpoint/atomic_write.ts";
import { resultsCsv } from "../lib/robustness/results_csv.ts";
import type { Results, ShardResults } from "../lib/robustness/results.ts";

/**
 * Writes results as JSON, and whole ones as `.csv` beside it, all or nothing each.
 *
 * @throws {CheckpointError} when a file cannot be written
 */
export async function writeResults(file: string, results: Results | ShardResults): Promise<void> {
  await writeAtomic(file, `${JSON.stringify(results, null, 2)}\n`);
  if (results.kind === "results") {
    await writeAtomic(`${file.replace(/\.json$/, "")}.csv`, resultsCsv(results));
  }
}
