import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { ModelOptions } from "../models/model.ts";
import type { TuningTable } from "../tune/table.ts";
import type { Evaluation } from "./classification.ts";
import type { Interval } from "./interval.ts";
import type { EncodedOutcome } from "./outcome.ts";
import type { PerturbationFigures } from "./perturbation.ts";
import type { PgdOptions } from "./pgd.ts";
import type { ReliabilityBin } from "./reliability.ts";
import type { SourceDescriptions } from "./source.ts";
import type { SuiteName } from "./suites.ts";
import type { Shard } from "./units.ts";

/** What every row of a result is of; null where the file does not say it. */
export interface Measured {
  /** For example "WRN-40-4". */
  model: string;
  /** The moving average, or the weights that were trained. */
  weights: "averaged" | "trained";
  /** Of the file. */
  checkpoint_sha256: string;
  /** The method of training, and what tells its variants apart. */
  method: string | null;
  /** The op set that it was trained with. */
  ops: string | null;
  /** Whether it was trained with AugMix's loss. */
  jsd: boolean | null;
  /** Whether mixing pictures were grey. */
  gray_mixing: boolean | null;
  /** Of training, all of them. */
  epochs: number | null;
  /** Of training. */
  seed: number | null;
  /** What errors are divided by in `mce_alexnet`. */
  alexnet_errors: string;
}

/** What was chosen that changes numbers. */
export interface MeasureOptions {
  /** What was measured. */
  suites: SuiteName[];
  /** Of random starts of attacks and of resamples, unsigned 32-bit. */
  seed: number;
  /** Of sequences: frames from one to the next that is compared. */
  difficulty: number;
  /** The attack. */
  pgd: PgdOptions;
}

/** The figures of one set of pictures. */
export interface EvaluationRow extends Evaluation {
  /** 95 %, of the error. */
  error_interval: Interval;
}

/** The figures of the test set as it is. */
export interface CleanRow extends EvaluationRow {
  /** Bins of confidence. */
  reliability: ReliabilityBin[];
}

/** The figures of one corruption at one severity. */
export interface CorruptionRow extends EvaluationRow {
  /** Its official name. */
  corruption: string;
  /** 1 to 5. */
  severity: number;
}

/** The figures of one sequence. */
export interface SequenceRow extends PerturbationFigures {
  /** Its official name. */
  sequence: string;
  /** How many there are. */
  videos: number;
  /** Of each video. */
  frames: number;
}

/** What was not there of a suite. */
export interface MissingCorruption {
  /** Its official name. */
  corruption: string;
  /** Each of 1 to 5. */
  severities: number[];
}

/** C or C-bar; means over a suite that is not complete are null, and have `partial` in their name. */
export interface CorruptionResult {
  /** Whether all of the suite is there. */
  complete: boolean;
  /** The plain mean error over corruptions and severities, in 0..1. */
  mce: number | null;
  /** 95 %, of `mce`. */
  mce_interval: Interval | null;
  /** C alone: divided by AlexNet's errors on ImageNet-C, 1 is as bad as AlexNet. */
  mce_alexnet: number | null;
  /** C alone, and only where clean pictures were measured too. */
  relative_mce_alexnet: number | null;
  /** Mean RMS calibration over corruptions and severities. */
  mean_rms: number | null;
  /** Over what is there; null where all is. */
  partial_mean_error: number | null;
  /** Mean RMS calibration over what is there; null where all is. */
  partial_mean_rms: number | null;
  /** Over all pictures, corruptions and severities that count; they are counted together. */
  reliability: ReliabilityBin[];
  /** The mean error over the severities that are there. */
  mean_errors: Record<string, number>;
  /** What is not there. */
  missing: MissingCorruption[];
  /** Figures one by one. */
  rows: CorruptionRow[];
  /** Corruptions meant for choosing settings by; never part of a mean. */
  validation_rows: CorruptionRow[];
}

/** P; means over a suite that is not complete are null, and have `partial` in their name. */
export interface SequenceResult {
  /** Whether all of the suite is there. */
  complete: boolean;
  /** Mean flip probability over the ten sequences, in 0..1. */
  mfp: number | null;
  /** Mean top-5 distance over them. */
  mt5d: number | null;
  /** Over the ten sequences. */
  mean_zipf_distance: number | null;
  /** Mean flip probability over what is there; null where all is. */
  partial_mfp: number | null;
  /** Mean top-5 distance over what is there; null where all is. */
  partial_mt5d: number | null;
  /** Over what is there; null where all is. */
  partial_mean_zipf_distance: number | null;
  /** What is not there. */
  missing: string[];
  /** Figures one by one. */
  rows: SequenceRow[];
  /** Sequences meant for choosing settings by; never part of a mean. */
  validation_rows: SequenceRow[];
}

/** A picture or video that could not be read. */
export interface UnreadablePicture {
  /** Of which suite. */
  suite: SuiteName;
  /** The corruption or sequence; "" for suites of one list of pictures. */
  corruption: string;
  /** 1 … 5 for corruptions, else 0. */
  severity: number;
  /** Its path. */
  file: string;
  /** Why not, in a few words. */
  reason: string;
}

/** The figures of each suite that was measured. */
export interface SuiteResults {
  /** The test set as it is. */
  clean?: CleanRow;
  /** Corruptions, as ImageNet-C and CIFAR-C have them. */
  c?: CorruptionResult;
  /** Corruptions unlike those. */
  "c-bar"?: CorruptionResult;
  /** Among the classes that the network and R, or A, have in common. */
  r?: EvaluationRow;
  /** ImageNet-A. */
  a?: EvaluationRow;
  /** Sequences of pictures that change little. */
  p?: SequenceResult;
  /** The attack. */
  pgd?: EvaluationRow;
}

/** What results, and shards of them, say of where they come from. */
export interface Provenance {
  /** The version of the format. */
  schema: 2;
  /** Its version. */
  layermix: string;
  /** What the numbers are of, and how it was trained. */
  measured: Measured;
  /** The file that was evaluated. */
  checkpoint: { file: string; sha256: string; header?: Checkpoint["header"] };
  /** The network. */
  model: ModelOptions;
  /** What it was evaluated on. */
  adapter: { name: string; software: boolean };
  /** The kernels that were chosen; null when all are the fixed defaults. */
  tuning: TuningTable | null;
  /** The test set. */
  data: {
    dataset: string;
    path: string;
    count: number;
    fingerprint: string;
    /** Official files, or classes of the network, that are not there. */
    missing: string[];
    /** What the network sees of pictures of other sizes, such as "Resize(256), CenterCrop(224)". */
    view?: string;
    /** Folders in it that are no classes of the network. */
    unknown_classes?: string[];
  };
  /** Where the pictures of other suites are from. */
  sources: SourceDescriptions;
  /** What was chosen. */
  options: MeasureOptions;
  /** What a reader should know, such as that labels were not there. */
  notes: string[];
  /** When it ended, ISO 8601. */
  date: string;
}

/** The content of `results.json`. */
export interface Results extends Provenance {
  /** Results of a whole evaluation, or of a part of one. */
  kind: "results";
  /** What was measured. */
  suites: SuiteResults;
  /** (15 C + 10 C-bar) / 25, where both are complete. */
  c_and_c_bar: { mean_error: number; interval: Interval | null } | null;
  /** Pictures that counted black, and videos that did not count; absent where there are none. */
  unreadable?: UnreadablePicture[];
}

/** The content of a shard's file, from which `mergeShards` makes results. */
export interface ShardResults extends Provenance {
  /** Results of a whole evaluation, or of a part of one. */
  kind: "shard";
  /** Which part. */
  shard: Shard;
  /** By the name of the unit. */
  outcomes: Record<string, EncodedOutcome>;
}
