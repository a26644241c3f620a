import { type CifarOptions, openCifarSubject } from "./cifar_subject.ts";
import { evaluate, evaluateShard, type RunOptions } from "./evaluate.ts";
import type { Results, ShardResults } from "./results.ts";
import type { Shard } from "./units.ts";

/** What to evaluate, and how. */
export interface EvaluateOptions extends CifarOptions, RunOptions {
  /** Told what people want to know before the evaluation begins. */
  note?: (line: string) => void;
}

/**
 * Evaluates a checkpoint on CIFAR-10, CIFAR-100 or the built-in shapes, and on corrupted, perturbed
 * and attacked versions of their test sets. Errors are fractions, losses are in nats.
 *
 * @throws {CheckpointError | DataError | GpuError} one line for the user
 * @throws {EvaluationInterrupted} when `signal` fires
 */
export async function evaluateCifar(options: EvaluateOptions): Promise<Results> {
  return await evaluate(() => openCifarSubject(options), options);
}

/**
 * Measures one of several parts of what `evaluateCifar` measures; `mergeShards` makes the same
 * results of all of them.
 *
 * @throws as evaluateCifar
 */
export async function evaluateCifarShard(
  options: EvaluateOptions,
  shard: Shard,
): Promise<ShardResults> {
  return await evaluateShard(() => openCifarSubject(options), options, shard);
}
