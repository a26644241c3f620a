import { evaluate, evaluateShard, type RunOptions } from "./evaluate.ts";
import { type ImageNetOptions, openImageNetSubject } from "./imagenet_subject.ts";
import type { Results, ShardResults } from "./results.ts";
import type { Shard } from "./units.ts";

/** What to evaluate, and how. */
export interface EvaluateImageNetOptions extends ImageNetOptions, RunOptions {
  /** Told what people want to know before the evaluation begins. */
  note?: (line: string) => void;
}

/**
 * Evaluates a checkpoint on ImageNet's validation set, or any folder with a folder of pictures for
 * each class, on corrupted, perturbed and attacked versions of it, and on ImageNet-R and ImageNet-A.
 * Pictures are decoded while they are needed. Errors are fractions, losses are in nats.
 *
 * @throws {CheckpointError | DataError | GpuError | RangeError} one line for the user
 * @throws {EvaluationInterrupted} when `signal` fires
 */
export async function evaluateImageNet(options: EvaluateImageNetOptions): Promise<Results> {
  return await evaluate(() => openImageNetSubject(options), options);
}

/**
 * Measures one of several parts of what `evaluateImageNet` measures; `mergeShards` makes the same
 * results of all of them.
 *
 * @throws as evaluateImageNet
 */
export async function evaluateImageNetShard(
  options: EvaluateImageNetOptions,
  shard: Shard,
): Promise<ShardResults> {
  return await evaluateShard(() => openImageNetSubject(options), options, shard);
}
