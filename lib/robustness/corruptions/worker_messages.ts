import type { Scale, Severity } from "./corruption.ts";
import type { RgbBatch } from "./corrupt_batch.ts";
import type { SuiteName } from "./suites.ts";
import type { SharedSource } from "../../data/picture_source.ts";

/** What all jobs of a worker have in common; its first message. */
export interface WorkerSetup {
  suite: SuiteName;
  seed: number;
  /** By the size of each picture where there is none. */
  scale?: Scale;
  /** Pictures of frost, one each; the built-in ones where there are none. */
  frost?: RgbBatch[];
  /** What jobs that name pictures by their numbers are of. */
  pictures?: { source: SharedSource } & Pick<TreeFormat, "resize" | "crop">;
}

/** Pictures of one size to corrupt; the reply has their bytes. */
export interface BatchJob extends RgbBatch {
  corruption: string;
  severity: Severity;
  /** The index of the first picture in its set. */
  first: number;
}

/** How the pictures of a folder are made ready, and written. */
export interface TreeFormat {
  /** The shorter side is resized to so many pixels, … */
  resize?: number;
  /** … and so many of each side kept, in the middle. */
  crop?: number;
  /** npy for frames of perturbations, and only for these. */
  format: "png" | "jpeg" | "npy";
}

/** A file to corrupt to one or several others; the reply says where it is no picture. */
export interface FileJob extends TreeFormat {
  corruption: string;
  from: string;
  to: { severity: Severity; path: string }[];
  /** Its index in its set. */
  index: number;
}

/** A picture of the worker's source to corrupt; the reply has its bytes, or says that it is none. */
export interface NumberJob {
  corruption: string;
  severity: Severity;
  /** Its number in the source. */
  number: number;
  /** Its index in its set. */
  index: number;
}

/** What a thread is asked for. */
export type Job = BatchJob | FileJob | NumberJob;

/** What became of a job. */
export interface Reply {
  /** The corrupted pictures of a batch. */
  bytes?: Uint8Array<ArrayBuffer>;
  /** Why a file could not be read as a picture. */
  unreadable?: string;
  /** Any other error. */
  error?: string;
}
