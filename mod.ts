/**
 * layermix: LayerMix (arXiv 2501.04861) augmentation, training and evaluation of robust image
 * classifiers, as native WebGPU compute shaders.
 *
 * Augment pictures, for a training loop of your own:
 *
 * ```ts run
 * import { createAugmenter } from "@layermix/layermix";
 *
 * using augmenter = await createAugmenter({
 *   method: "layermix",
 *   mixing: "fractals",
 *   ...{ width: 32, height: 32, batch: 2, seed: 1 },
 * });
 * const grey = new Uint8Array(2 * 32 * 32 * 3).fill(128);
 * const output = await augmenter.augment(grey, [0, 1], 0);
 * console.log((await output.read()).length); // 6144
 * ```
 *
 * Or train and evaluate a network with it:
 *
 * ```ts
 * import { evaluateCifar, trainCifar } from "@layermix/layermix";
 *
 * await trainCifar({
 *   flags: { dataset: "shapes", mixingSet: "fractals", layers: 10, widenFactor: 1, epochs: 3 },
 *   folder: "runs/first",
 * });
 * const results = await evaluateCifar({
 *   checkpoint: "runs/first/last.safetensors",
 *   suites: ["clean"],
 *   batchSize: 128,
 * });
 * console.log(results.suites.clean?.error);
 * ```
 *
 * @module
 */
export { type AdapterChoice, Gpu } from "./lib/gpu/device.ts";
export { GpuError } from "./lib/gpu/error.ts";
export { diagnose, type Diagnosis } from "./lib/gpu/doctor.ts";
export { createAugmenter } from "./lib/augment/create_augmenter.ts";
export type {
  AugmenterOptions,
  AugmixAugmenterOptions,
  BaselineAugmenterOptions,
  CommonAugmenterOptions,
  IpmixAugmenterOptions,
  LayermixAugmenterOptions,
  MixingSourceOptions,
  OpDrawOptions,
  PairMixingAugmenterOptions,
  PixmixAugmenterOptions,
  RandomErasingAugmenterOptions,
  ViewOptions,
} from "./lib/augment/augmenter_options.ts";
export type { AugmentedPictures, BatchAugmenter } from "./lib/augment/batch_augmenter.ts";
export { mixedLabels } from "./lib/augment/mixed_labels.ts";
export type { HostPictures } from "./lib/augment/picture_bytes.ts";
export type { Mixing, MixingPictures, StreamedMixing } from "./lib/augment/mixing.ts";
export { type MethodName, methodNames, type MethodSettings } from "./lib/augment/methods.ts";
export type { PicturePlan, Stage } from "./lib/augment/plan.ts";
export type { Dataset } from "./lib/data/dataset.ts";
export { DataError } from "./lib/data/error.ts";
export { checksums } from "./lib/data/checksums.ts";
export { checkData, type CheckDataOptions, type DataFinding } from "./lib/data/data_check.ts";
export { getData, type GetDataOptions, type GotData } from "./lib/data/get_data.ts";
export { type SourceName, sourceNames } from "./lib/data/sources.ts";
export { type MixingSet, mixingSetFromPictures, readMixingSet } from "./lib/data/mixing_set.ts";
export {
  makeMixingSet,
  type MixingSetOptions,
  type MixingSetResult,
} from "./lib/fractals/make_set.ts";
export { cifarModelNames, type ModelName } from "./lib/models/model.ts";
export type { Picture } from "./lib/data/pixels.ts";
export { imagenet200, readClassList } from "./lib/data/class_list.ts";
export type { CorruptPicture } from "./lib/data/corrupt_pictures.ts";
export { type Batch, type LoaderOptions, PictureLoader } from "./lib/data/loader/loader.ts";
export { openPack, type Pack } from "./lib/data/pack/open_pack.ts";
export type { PackHeader } from "./lib/data/pack/pack_format.ts";
export { type PackOptions, type PackResult, writePack } from "./lib/data/pack/write_pack.ts";
export { openPictureTree, type TreeOptions } from "./lib/data/picture_tree.ts";
export type { PictureSource } from "./lib/data/picture_source.ts";
export type { EvaluationView, MixingView, TrainingView, View } from "./lib/data/view.ts";
export {
  type DatasetName,
  type MixingMemory,
  openDataset,
  openMixing,
  openMixingSet,
} from "./lib/data/open.ts";
export type { CutPictures, MixingStream } from "./lib/data/mixing_stream.ts";
export { CheckpointError } from "./lib/checkpoint/error.ts";
export { type Checkpoint, readCheckpoint } from "./lib/checkpoint/checkpoint.ts";
export { type StoredTensor } from "./lib/checkpoint/safetensors.ts";
export {
  readWeights,
  type ReadWeightsOptions,
  type Weights,
} from "./lib/checkpoint/read_weights.ts";
export {
  type ConvertOptions,
  convertWeights,
  type WeightsSummary,
} from "./lib/checkpoint/convert.ts";
export {
  type MatchedWeights,
  type MatchOptions,
  matchWeights,
} from "./lib/checkpoint/match_weights.ts";
export {
  corruptBatch,
  type CorruptionSpec,
  corruptPictures,
  type RgbBatch,
} from "./lib/robustness/corruptions/corrupt_batch.ts";
export type { Corruption, Scale, Severity } from "./lib/robustness/corruptions/corruption.ts";
export {
  type CorruptOptions,
  type CorruptResult,
  makeCorruptions,
} from "./lib/robustness/corruptions/make_corruptions.ts";
export type {
  Difficulty,
  Perturbation,
  PerturbationSurroundings,
} from "./lib/robustness/corruptions/perturbation.ts";
export {
  corruptions,
  type CorruptionSelection,
  corruptionSuites,
  type SuiteName,
} from "./lib/robustness/corruptions/suites.ts";
export { type Evaluation } from "./lib/robustness/classification.ts";
export {
  evaluateCifar,
  evaluateCifarShard,
  type EvaluateOptions,
  EvaluationInterrupted,
  type EvaluationProgress,
} from "./lib/robustness/evaluate_cifar.ts";
export { MergeError, mergeShards, parseShard } from "./lib/robustness/merge.ts";
export type {
  CorruptionResult,
  EvaluationRow,
  Results,
  SequenceResult,
  ShardResults,
} from "./lib/robustness/results.ts";
export { resultsCsv } from "./lib/robustness/results_csv.ts";
export { compareRuns, type Comparison } from "./lib/report/comparison/compare.ts";
export { ReportError } from "./lib/report/comparison/error.ts";
export { renderReport, type ReportFormat } from "./lib/report/render.ts";
export { type ReportSummary, summarizeReport } from "./lib/report/report_summary.ts";
export { type DrawnSamples, type DrawOptions, drawSamples } from "./lib/report/samples.ts";
export { cifarDefaults, imageNetDefaults, type TrainFlags } from "./lib/train/flags.ts";
export {
  cifarRecipes,
  imageNetRecipes,
  type Recipe,
  type RecipeName,
} from "./lib/train/recipes.ts";
export { type RunOptions, type RunResult, trainCifar, trainImageNet } from "./lib/train/run.ts";
export { TrainError, type TrainObserver } from "./lib/train/train.ts";
export type { Preparation, TuneLimits } from "./lib/tune/record_tuned.ts";
export type { TuningTable } from "./lib/tune/table.ts";
export { layermixVersion } from "./lib/version.ts";
