import { corruptionsOfC, sequencesOfP } from "../data/corruption_names.ts";
import type { Scale } from "./corruptions/corruption.ts";

/** What can be measured, in the order of every result. */
export const suiteNames = ["clean", "c", "c-bar", "r", "a", "p", "pgd"] as const;
/** One of them. */
export type SuiteName = typeof suiteNames[number];

/** What can be measured on small pictures, of which there are no R and A. */
export const cifarSuiteNames = ["clean", "c", "c-bar", "p", "pgd"] as const;

/** The suites of corrupted pictures, in five severities each. */
export type CorruptionSuiteName = "c" | "c-bar";

/** The suites of other pictures of 200 of ImageNet's classes: renditions, and hard photographs. */
export type ListSuiteName = "r" | "a";

/** The severities of every corruption, weakest first. */
export const severities = [1, 2, 3, 4, 5] as const;

/** The names that count in a suite's mean, and those that are reported apart. */
export interface NameLists {
  readonly test: readonly string[];
  readonly validation: readonly string[];
}

/**
 * The corruptions of CIFAR-10-C and of CIFAR-10-C-bar, in their published order.
 * Sources: Hendrycks and Dietterich 2019 (arXiv 1903.12261); Mintun et al. 2021 (arXiv 2102.11273).
 */
export const corruptionNames: Readonly<Record<CorruptionSuiteName, NameLists>> = {
  c: {
    test: corruptionsOfC,
    validation: ["speckle_noise", "gaussian_blur", "spatter", "saturate"],
  },
  "c-bar": {
    test: [
      ...["blue_noise_sample", "brownish_noise", "checkerboard_cutout", "circular_motion_blur"],
      ...["inverse_sparkles", "lines", "pinch_and_twirl", "ripple", "sparkles"],
      "transverse_chromatic_abberation",
    ],
    validation: [],
  },
};

const imageNetCBar: NameLists = {
  test: [
    ...["blue_noise_sample", "brownish_noise", "caustic_refraction", "checkerboard_cutout"],
    ...["cocentric_sine_waves", "inverse_sparkles", "perlin_noise", "plasma_noise"],
    ...["single_frequency_greyscale", "sparkles"],
  ],
  validation: [],
};

/** The corruptions of a suite at a scale: those of ImageNet-C-bar are others than of CIFAR-10-C-bar. */
export function namesOf(suite: CorruptionSuiteName, scale: Scale = "cifar"): NameLists {
  return suite === "c-bar" && scale === "imagenet" ? imageNetCBar : corruptionNames[suite];
}

/** The sequences of CIFAR-10-P, in their published order. Source: arXiv 1903.12261. */
export const sequenceNames: NameLists = {
  test: sequencesOfP,
  validation: ["speckle_noise", "gaussian_blur", "spatter", "shear"],
};

/** Whether the frames of a sequence are compared with its first one: noise is drawn anew in each. */
export function isNoise(sequence: string): boolean {
  return sequence.includes("noise");
}
