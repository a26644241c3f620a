import type { SharedSource } from "../picture_source.ts";
import type { View } from "../view.ts";

/** What the workers of a loader share. */
export interface LoaderSettings {
  source: SharedSource;
  view: View;
  /** Pictures of a batch. */
  batch: number;
  /** Batches that there is memory for. */
  slots: number;
  /** (slots × batch × size × size × 4) */
  pictures: Uint8Array<SharedArrayBuffer>;
  /** Numbers of `Control`. */
  control: Int32Array<SharedArrayBuffer>;
}

/** Places of the numbers that threads tell each other. */
export const Control = {
  /** The place in the order of the picture that is to be taken next. */
  next: 0,
  /** How many batches were given back, so that their memory may be written again. */
  released: 1,
  /** 1 when no further picture is to be taken. */
  cancelled: 2,
} as const;

/** Pictures to load, in their order. */
export interface Run {
  order: Uint32Array<SharedArrayBuffer>;
  epoch: number;
}

/** A picture that could not be read. */
export interface Unreadable {
  index: number;
  reason: string;
}

/** A row whose own picture could not be read. */
export interface ReplacedRow {
  /** In the batch. */
  row: number;
  /** The picture that is shown instead; nothing for a black one. */
  shown?: number;
  /** The pictures that were tried, in their order. */
  unreadable: Unreadable[];
}

/**
 * What a worker says: rows of a batch are ready, it has nothing left to do in the run, or it cannot
 * go on.
 */
export type WorkerReport =
  | { batch: number; rows: number; replaced: ReplacedRow[] }
  | { isIdle: true }
  | { failure: string };
