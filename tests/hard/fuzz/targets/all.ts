import type { Target } from "../target.ts";
import { dataTargets } from "./data.ts";
import { packTarget } from "./pack.ts";
import { pictureTargets } from "./pictures.ts";
import { recordTargets } from "./records.ts";
import { weightTargets } from "./weights.ts";

/** Every parser of files that others may have written. */
export const targets: readonly Target[] = [
  ...dataTargets,
  packTarget,
  ...pictureTargets,
  ...weightTargets,
  ...recordTargets,
];
