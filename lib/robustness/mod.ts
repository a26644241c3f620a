/**
 * Robustness: C, C-bar and P made from any pictures, evaluation of checkpoints on them, and under
 * attack, with calibration and 95 % intervals.
 *
 * ```ts run
 * import { corruptPictures } from "@layermix/layermix/robustness";
 *
 * const grey = { width: 32, height: 32, rgb: new Uint8Array(32 * 32 * 3).fill(128) };
 * const spec = { suite: "c", corruption: "brightness", severity: 3, seed: 1 } as const;
 * console.log(corruptPictures(grey, spec, 0)[0]); // 166
 * ```
 *
 * @module
 */
export type { Calibration } from "./calibration.ts";
export type { CifarOptions } from "./cifar_subject.ts";
export type { Evaluation } from "./classification.ts";
export {
  corruptBatch,
  type CorruptionSpec,
  corruptPictures,
  type RgbBatch,
} from "./corruptions/corrupt_batch.ts";
export type {
  Corruption,
  Picture as FloatPicture,
  Scale,
  Severity,
  Surroundings,
} from "./corruptions/corruption.ts";
export {
  type CorruptOptions,
  type CorruptResult,
  makeCorruptions,
} from "./corruptions/make_corruptions.ts";
export type {
  Difficulty,
  Perturbation,
  PerturbationSurroundings,
} from "./corruptions/perturbation.ts";
export {
  corruptions,
  type CorruptionSelection,
  corruptionSuites,
  type SuiteName,
  type suites as suiteTables,
} from "./corruptions/suites.ts";
export type { TreeFormat } from "./corruptions/worker_messages.ts";
export {
  EvaluationInterrupted,
  type EvaluationProgress,
  type RunOptions as EvaluationRunOptions,
} from "./evaluate.ts";
export { evaluateCifar, evaluateCifarShard, type EvaluateOptions } from "./evaluate_cifar.ts";
export {
  evaluateImageNet,
  type EvaluateImageNetOptions,
  evaluateImageNetShard,
} from "./evaluate_imagenet.ts";
export type { ImageNetOptions } from "./imagenet_subject.ts";
export type { Interval } from "./interval.ts";
export { mergeShards } from "./merge.ts";
export type { NetworkOptions } from "./network.ts";
export type { ClassesOptions } from "./network_classes.ts";
export type { EncodedOutcome } from "./outcome.ts";
export type { PerturbationFigures } from "./perturbation.ts";
export type { PgdOptions } from "./pgd.ts";
export type { ReliabilityBin } from "./reliability.ts";
export type {
  CleanRow,
  CorruptionResult,
  CorruptionRow,
  EvaluationRow,
  Measured,
  MeasureOptions,
  MissingCorruption,
  Provenance,
  Results,
  SequenceResult,
  SequenceRow,
  ShardResults,
  SuiteResults,
  UnreadablePicture,
} from "./results.ts";
export { resultsCsv } from "./results_csv.ts";
export { MergeError, parseShard, type ShardFile } from "./shard_file.ts";
export type {
  CorruptionDescription,
  FoundCorruption,
  FoundSequence,
  ListDescription,
  SequenceDescription,
  SourceDescription,
  SourceDescriptions,
} from "./source.ts";
export type { SubjectOptions } from "./subject.ts";
export {
  type CorruptionSuiteName,
  type ListSuiteName,
  type SuiteName as EvaluationSuiteName,
  suiteNames,
} from "./suites.ts";
export type { Shard } from "./units.ts";
