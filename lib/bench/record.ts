import type { Clock } from "./clock.ts";
import type { Ratios } from "./peer.ts";
import type { Profile } from "./profile.ts";

/** One measurement. */
export interface Row {
  name: string;
  ms: number;
  /** Of the convolutions, were they computed directly; null where there are none. */
  gflops: number | null;
  /** Bytes of the buffers bound, once for each launch, by the time. */
  gbs: number;
  ratio: Ratios;
}

/** A row of a whole step. */
export interface StepRow extends Row {
  pictures_per_second: number;
  buffers_mib: number;
  /** Milliseconds of the clock on the wall that JavaScript takes for one step. */
  host_ms: number;
  /** Of the time of all kernels; only where the step was profiled. */
  convolution_share?: number;
}

/** All of one run, as written by `--out`. */
export interface BenchRecord {
  adapter: string;
  /** Of the sources, or the version where they are not in a repository. */
  commit: string;
  /** Year, month and day. */
  date: string;
  clock: Clock["name"];
  cores: number;
  /** Whether the fastest kernels were looked for. */
  tuned: boolean;
  rows: (Row | StepRow)[];
  /** By the name of the step. */
  profiles: Record<string, Profile>;
}
