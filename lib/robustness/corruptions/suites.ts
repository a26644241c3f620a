import { Purpose } from "../../random/stream.ts";
import { cCorruptions, TEST_CORRUPTIONS } from "./c.ts";
import type { Corruption, Scale } from "./corruption.ts";

/** A benchmark of corruptions. */
export interface Suite {
  /** What its random numbers are for: one of `Purpose`. */
  readonly purpose: number;
  /**
   * All corruptions, in an order that is never changed: the place in it is part of what a seed means.
   */
  readonly corruptions: Readonly<Record<Scale, readonly Corruption[]>>;
  /** How many of them, from the first on, are tested with; the others are for validation. */
  readonly tests: number;
}

/** The benchmarks whose corruptions there are, by their name. */
export const suites = {
  c: {
    purpose: Purpose.corrupt_c,
    corruptions: { cifar: cCorruptions, imagenet: cCorruptions },
    tests: TEST_CORRUPTIONS,
  },
} as const satisfies Record<string, Suite>;

/** The name of a benchmark of corruptions. */
export type SuiteName = keyof typeof suites;

/** All names of suites. */
export const corruptionSuites = Object.keys(suites) as SuiteName[];

/** Which corruptions of a suite are meant. */
export type CorruptionSelection = "test" | "validation" | "all";

/** The corruptions of a suite, in their official order; of C, "test" are the 15 that mCE counts. */
export function corruptions(
  suite: SuiteName,
  selection: CorruptionSelection = "test",
  scale: Scale = "cifar",
): readonly Corruption[] {
  const { corruptions, tests }: Suite = suites[suite];
  const all = corruptions[scale];
  if (selection === "all") return all;
  return selection === "test" ? all.slice(0, tests) : all.slice(tests);
}
