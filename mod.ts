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
export * from "./lib/augment/mod.ts";
export {
  type Checkpoint,
  type CheckpointHeader,
  readCheckpoint,
} from "./lib/checkpoint/checkpoint.ts";
export {
  type ConvertOptions,
  convertWeights,
  type WeightsSummary,
} from "./lib/checkpoint/convert.ts";
export { CheckpointError } from "./lib/checkpoint/error.ts";
export { type FloatType, floatTypes } from "./lib/checkpoint/floats.ts";
export {
  type MatchedWeights,
  type MatchOptions,
  matchWeights,
} from "./lib/checkpoint/match_weights.ts";
export {
  readWeights,
  type ReadWeightsOptions,
  type Weights,
} from "./lib/checkpoint/read_weights.ts";
export type {
  Dtype,
  StoredTensor,
  tensorArrays,
  TensorData,
} from "./lib/checkpoint/safetensors.ts";
export { checksums } from "./lib/data/checksums.ts";
export { imagenet200, readClassList } from "./lib/data/class_list.ts";
export type { CorruptPicture } from "./lib/data/corrupt_pictures.ts";
export { checkData, type CheckDataOptions, type DataFinding } from "./lib/data/data_check.ts";
export type { Dataset, LabelledPictures, Split } from "./lib/data/dataset.ts";
export type { DigestOptions } from "./lib/data/digest.ts";
export type { DownloadOptions } from "./lib/data/download.ts";
export { DataError } from "./lib/data/error.ts";
export { getData, type GetDataOptions, type GotData } from "./lib/data/get_data.ts";
export { type Batch, type LoaderOptions, PictureLoader } from "./lib/data/loader/loader.ts";
export { type MixingSet, mixingSetFromPictures, readMixingSet } from "./lib/data/mixing_set.ts";
export type { MixingListing } from "./lib/data/mixing_source.ts";
export type { CutPictures, MixingCorner, MixingStream } from "./lib/data/mixing_stream.ts";
export type { NameTableMemory } from "./lib/data/name_table.ts";
export {
  type DatasetName,
  datasetNames,
  type MixingMemory,
  openDataset,
  openMixing,
  openMixingSet,
} from "./lib/data/open.ts";
export { openPack, type Pack } from "./lib/data/pack/open_pack.ts";
export type { PackHeader } from "./lib/data/pack/pack_format.ts";
export { type PackOptions, type PackResult, writePack } from "./lib/data/pack/write_pack.ts";
export type { SkippedFile } from "./lib/data/picture_folder.ts";
export type {
  PictureSource,
  SharedPack,
  SharedSource,
  SharedTree,
} from "./lib/data/picture_source.ts";
export { openPictureTree, type TreeOptions } from "./lib/data/picture_tree.ts";
export type { Picture } from "./lib/data/pixels.ts";
export type { PixelBytes } from "./lib/data/resample.ts";
export type { Size } from "./lib/data/resize.ts";
export { type SourceName, sourceNames } from "./lib/data/sources.ts";
export type { EvaluationView, MixingView, TrainingView, View } from "./lib/data/view.ts";
export {
  makeMixingSet,
  type MixingSetOptions,
  type MixingSetResult,
} from "./lib/fractals/make_set.ts";
export { type AdapterChoice, Gpu } from "./lib/gpu/device.ts";
export { diagnose, type Diagnosis } from "./lib/gpu/doctor.ts";
export { GpuError } from "./lib/gpu/error.ts";
export {
  cifarModelNames,
  type ModelName,
  modelNames,
  type ModelOptions,
} from "./lib/models/model.ts";
export { OneLineError } from "./lib/one_line.ts";
export { Stream } from "./lib/random/stream.ts";
export type { Bases } from "./lib/report/comparison/basis.ts";
export type { Cell } from "./lib/report/comparison/cell.ts";
export type { Column, ColumnId, Reading } from "./lib/report/comparison/columns.ts";
export {
  compareRuns,
  type Comparison,
  type Table as ComparisonTable,
} from "./lib/report/comparison/compare.ts";
export type {
  Entry,
  Recipe as ComparedRecipe,
  SuiteSources,
} from "./lib/report/comparison/entry.ts";
export { ReportError } from "./lib/report/comparison/error.ts";
export type { Group } from "./lib/report/comparison/group.ts";
export type {
  LoggedEpoch,
  ResultsFile,
  Run as ComparedRun,
} from "./lib/report/comparison/read_run.ts";
export type {
  Draw as SampleDraw,
  DrawSettings,
  Frame as SampleFrame,
  FrameSink,
} from "./lib/report/draws.ts";
export { renderReport, type ReportFormat, reportFormats } from "./lib/report/render.ts";
export {
  type ReportSummary,
  summarizeReport,
  type SummaryFigure,
} from "./lib/report/report_summary.ts";
export {
  type DrawnSamples,
  type DrawOptions,
  drawSamples,
  type SampleOptions,
} from "./lib/report/samples.ts";
export type { Subject as SampleSubject, SubjectSize } from "./lib/report/subjects.ts";
export * from "./lib/robustness/mod.ts";
export { cifarDefaults, imageNetDefaults, type TrainFlags } from "./lib/train/flags.ts";
export {
  cifarRecipes,
  imageNetRecipes,
  type Recipe,
  type RecipeName,
  recipes,
} from "./lib/train/recipes.ts";
export { type RunOptions, type RunResult, trainCifar, trainImageNet } from "./lib/train/run.ts";
export type { EpochRecord } from "./lib/train/run_record.ts";
export type { Progress, TrainSettings, TrainSums } from "./lib/train/settings.ts";
export { TrainError, type TrainObserver, type TrainResult } from "./lib/train/train.ts";
export type { Preparation, TuneLimits } from "./lib/tune/record_tuned.ts";
export type { TuningTable } from "./lib/tune/table.ts";
export { layermixVersion } from "./lib/version.ts";
