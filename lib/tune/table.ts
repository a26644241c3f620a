import type { Gpu } from "../gpu/device.ts";
import type { Tuning } from "../gpu/tuning.ts";

/** Which kernels a run uses, enough to use them again. */
export interface TuningTable {
  /** They were timed on it, and are for it alone. */
  adapter: string;
  /** The names of the alternatives by key; kernels that are not named are the defaults. */
  best: Record<string, string>;
}

/** Characters of a key or a name at the most. */
const LONGEST = 500;

/** Whether a value read from a file is a table of names by key. */
export function isTable(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && !Array.isArray(value) &&
    Object.entries(value).every(([key, name]) =>
      key.length <= LONGEST && typeof name === "string" && name.length <= LONGEST
    );
}

/** The table of the kernels that a recording uses. */
export function tableOf(gpu: Gpu, { chosen }: Tuning): TuningTable {
  return { adapter: gpu.name, best: Object.fromEntries(chosen) };
}
