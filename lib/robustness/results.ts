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
  weights: "averaged" | "trained";
  checkpoint_sha256: string;
  /** The method of training, and what tells its variants apart. */
  method: string | null;
  ops: string | null;
  jsd: boolean | null;
  gray_mixing: boolean | null;
  epochs: number | null;
  /** Of training. */
  seed: number | null;
  /** What errors are divided by in `mce_alexnet`. */
  alexnet_errors: string;
}

/** What was chosen that changes numbers. */
export interface MeasureOptions {
  suites: SuiteName[];
  /** Of random starts of attacks and of resamples, unsigned 32-bit. */
  seed: number;
  /** Of sequences: frames from one to the next that is compared. */
  difficulty: number;
  pgd: PgdOptions;
}

/** The figures of one set of pictures. */
export interface EvaluationRow extends Evaluation {
  /** 95 %, of the error. */
  error_interval: Interval;
}

/** The figures of the test set as it is. */
export interface CleanRow extends EvaluationRow {
  reliability: ReliabilityBin[];
}

/** The figures of one corruption at one severity. */
export interface CorruptionRow extends EvaluationRow {
  corruption: string;
  severity: number;
}

/** The figures of one sequence. */
export interface SequenceRow extends PerturbationFigures {
  sequence: string;
  videos: number;
  frames: number;
}

/** What was not there of a suite. */
export interface MissingCorruption {
  corruption: string;
  severities: number[];
}

/** C or C-bar; means over a suite that is not complete are null, and have `partial` in their name. */
export interface CorruptionResult {
  complete: boolean;
  /** The plain mean error over corruptions and severities, in 0..1. */
  mce: number | null;
  mce_interval: Interval | null;
  /** C alone: divided by AlexNet's errors on ImageNet-C, 1 is as bad as AlexNet. */
  mce_alexnet: number | null;
  /** C alone, and only where clean pictures were measured too. */
  relative_mce_alexnet: number | null;
  /** Mean RMS calibration over corruptions and severities. */
  mean_rms: number | null;
  /** Over what is there; null where all is. */
  partial_mean_error: number | null;
  partial_mean_rms: number | null;
  /** Over all pictures, corruptions and severities that count; they are counted together. */
  reliability: ReliabilityBin[];
  /** The mean error over the severities that are there. */
  mean_errors: Record<string, number>;
  missing: MissingCorruption[];
  rows: CorruptionRow[];
  /** Corruptions meant for choosing settings by; never part of a mean. */
  validation_rows: CorruptionRow[];
}

/** P; means over a suite that is not complete are null, and have `partial` in their name. */
export interface SequenceResult {
  complete: boolean;
  /** Mean flip probability over the ten sequences, in 0..1. */
  mfp: number | null;
  /** Mean top-5 distance over them. */
  mt5d: number | null;
  mean_zipf_distance: number | null;
  partial_mfp: number | null;
  partial_mt5d: number | null;
  partial_mean_zipf_distance: number | null;
  missing: string[];
  rows: SequenceRow[];
  validation_rows: SequenceRow[];
}

/** A picture or video that could not be read. */
export interface UnreadablePicture {
  suite: SuiteName;
  /** The corruption or sequence; "" for suites of one list of pictures. */
  corruption: string;
  /** 1 … 5 for corruptions, else 0. */
  severity: number;
  file: string;
  reason: string;
}

/** The figures of each suite that was measured. */
export interface SuiteResults {
  clean?: CleanRow;
  c?: CorruptionResult;
  "c-bar"?: CorruptionResult;
  /** Among the classes that the network and R, or A, have in common. */
  r?: EvaluationRow;
  a?: EvaluationRow;
  p?: SequenceResult;
  pgd?: EvaluationRow;
}

/** What results, and shards of them, say of where they come from. */
export interface Provenance {
  schema: 2;
  layermix: string;
  measured: Measured;
  checkpoint: { file: string; sha256: string; header?: Checkpoint["header"] };
  model: ModelOptions;
  adapter: { name: string; software: boolean };
  /** The kernels that were chosen; null when all are the fixed defaults. */
  tuning: TuningTable | null;
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
  sources: SourceDescriptions;
  options: MeasureOptions;
  /** What a reader should know, such as that labels were not there. */
  notes: string[];
  date: string;
}

/** The content of `results.json`. */
export interface Results extends Provenance {
  kind: "results";
  suites: SuiteResults;
  /** (15 C + 10 C-bar) / 25, where both are complete. */
  c_and_c_bar: { mean_error: number; interval: Interval | null } | null;
  /** Pictures that counted black, and videos that did not count; absent where there are none. */
  unreadable?: UnreadablePicture[];
}

/** The content of a shard's file, from which `mergeShards` makes results. */
export interface ShardResults extends Provenance {
  kind: "shard";
  shard: Shard;
  /** By the name of the unit. */
  outcomes: Record<string, EncodedOutcome>;
}
