import { Purpose } from "../../random/stream.ts";
import { cBarCorruptions } from "./c_bar.ts";
import { cCorruptions, TEST_CORRUPTIONS } from "./c.ts";
import type { Corruption, Scale, Severity } from "./corruption.ts";
import type { Perturbation } from "./perturbation.ts";
import { perturbations, TEST_PERTURBATIONS } from "./perturbations.ts";

/** A benchmark of corruptions, or of perturbations, of each of which a picture gets many frames. */
export interface Suite {
  /** What its random numbers are for: one of `Purpose`. */
  readonly purpose: number;
  /**
   * All corruptions, in an order that is never changed: the place in it is part of what a seed means.
   */
  readonly corruptions: Readonly<Record<Scale, readonly (Corruption | Perturbation)[]>>;
  /** How many of them, from the first on, are tested with; the others are for validation. */
  readonly tests: number;
  /** All there are, from 1 on; of perturbations they say how strong noises are. */
  readonly severities: readonly Severity[];
  /** Which of them are tested with, where none are named. */
  readonly defaultSeverities: readonly Severity[];
}

const FIVE = [1, 2, 3, 4, 5] as const;

/** The benchmarks whose corruptions there are, by their name. */
export const suites = {
  c: {
    purpose: Purpose.corrupt_c,
    corruptions: { cifar: cCorruptions, imagenet: cCorruptions },
    tests: TEST_CORRUPTIONS,
    severities: FIVE,
    defaultSeverities: FIVE,
  },
  "c-bar": {
    purpose: Purpose.corrupt_c_bar,
    corruptions: cBarCorruptions,
    tests: cBarCorruptions.cifar.length,
    severities: FIVE,
    defaultSeverities: FIVE,
  },
  p: {
    purpose: Purpose.perturb,
    corruptions: { cifar: perturbations, imagenet: perturbations },
    tests: TEST_PERTURBATIONS,
    severities: [1, 2, 3],
    defaultSeverities: [1],
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
): readonly (Corruption | Perturbation)[] {
  const { corruptions, tests }: Suite = suites[suite];
  const all = corruptions[scale];
  if (selection === "all") return all;
  return selection === "test" ? all.slice(0, tests) : all.slice(tests);
}

/** How many frames a picture gets of a perturbation; nothing of a corruption, which gives but one. */
export function framesOf(
  suite: SuiteName,
  scale: Scale,
): (name: string) => number | undefined {
  const { corruptions }: Suite = suites[suite];
  return (name) => {
    const corruption = corruptions[scale].find((corruption) => corruption.name === name);
    return corruption && "frames" in corruption ? corruption.frames(scale) : undefined;
  };
}
