import type { AdapterChoice } from "../lib/gpu/device.ts";

/** The values of every command's `--adapter`. */
export const adapterNames: readonly AdapterChoice[] = [
  "default",
  "software",
  "high-performance",
  "low-power",
];
