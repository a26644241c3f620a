import { fractals } from "./fractals.ts";
import type { Picture } from "./pixels.ts";

/** The name that stands for fractals made by layermix instead of a mixing set's folder. */
export const BUILT_IN_MIXING_SET = "fractals";

/** The fractals of the built-in set, before their shorter side becomes `size` pixels long. */
export function builtInFractals(size: number): { name: string; picture: Picture }[] {
  return fractals(64, Math.max(72, size), 1);
}
