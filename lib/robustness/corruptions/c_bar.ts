import { blueNoiseSample, brownishNoise } from "./spectral_noise.ts";
import { causticRefraction } from "./caustic_refraction.ts";
import { checkerboardCutout } from "./checkerboard_cutout.ts";
import { circularMotionBlur } from "./circular_motion_blur.ts";
import { cocentricSineWaves } from "./cocentric_sine_waves.ts";
import type { Corruption, Picture, Scale } from "./corruption.ts";
import { lines } from "./lines.ts";
import { perlinNoise } from "./perlin_noise.ts";
import { pinchAndTwirl } from "./pinch_and_twirl.ts";
import { plasmaNoise } from "./plasma_noise.ts";
import { ripple } from "./ripple.ts";
import { singleFrequencyGreyscale } from "./single_frequency_greyscale.ts";
import { inverseSparkles, sparkles } from "./sparkles.ts";
import { transverseChromaticAbberation } from "./transverse_chromatic_abberation.ts";
import type { Stream } from "../../random/stream.ts";

/** Corrupts by a strength that is 1 at the largest severity of 10 that the published code knows. */
type Corrupt = (picture: Picture, strength: number, random: Stream, scale: Scale) => Picture;

const corruptions = {
  blue_noise_sample: blueNoiseSample,
  brownish_noise: brownishNoise,
  caustic_refraction: causticRefraction,
  checkerboard_cutout: checkerboardCutout,
  circular_motion_blur: circularMotionBlur,
  cocentric_sine_waves: cocentricSineWaves,
  inverse_sparkles: inverseSparkles,
  lines,
  perlin_noise: perlinNoise,
  pinch_and_twirl: pinchAndTwirl,
  plasma_noise: plasmaNoise,
  ripple,
  single_frequency_greyscale: singleFrequencyGreyscale,
  sparkles,
  transverse_chromatic_abberation: transverseChromaticAbberation,
} satisfies Record<string, Corrupt>;

type Name = keyof typeof corruptions;
type Severities = readonly [number, number, number, number, number];

/** Of 10, in the official order: cifar10_c_bar.csv and imagenet_c_bar.csv of the published code. */
const severities: Record<Scale, Partial<Record<Name, Severities>>> = {
  cifar: {
    blue_noise_sample: [0.7, 1.4, 2.1, 3.5, 4.2],
    brownish_noise: [2.5, 4, 5.5, 6.5, 7],
    checkerboard_cutout: [1, 2, 3, 4, 5],
    circular_motion_blur: [2.8, 3.6, 4.4, 5.2, 6],
    inverse_sparkles: [1, 1.5, 2.5, 4.5, 5],
    lines: [0.5, 1, 1.5, 2, 2.5],
    pinch_and_twirl: [5.5, 6, 6.5, 8.5, 10],
    ripple: [5.5, 6, 6.5, 7.5, 8],
    sparkles: [0.7, 3.5, 5.6, 6.3, 7],
    transverse_chromatic_abberation: [1, 2, 5, 9, 10],
  },
  imagenet: {
    blue_noise_sample: [0.8, 1.6, 2.4, 4, 5.6],
    brownish_noise: [1, 2, 3, 4, 5],
    caustic_refraction: [2.35, 3.2, 4.9, 6.6, 9.15],
    checkerboard_cutout: [2, 3, 4, 5, 6],
    cocentric_sine_waves: [3, 5, 8, 9, 10],
    inverse_sparkles: [1, 2, 4, 9, 10],
    perlin_noise: [4.6, 5.2, 5.8, 7.6, 8.8],
    plasma_noise: [4.75, 7, 8.5, 9.25, 10],
    single_frequency_greyscale: [1, 1.5, 2, 4.5, 5],
    sparkles: [1, 2, 3, 5, 6],
  },
};

/** The five published strengths of a corruption, of 10, weakest first; nothing where it has none. */
export function cBarStrengths(name: string, scale: Scale): readonly number[] {
  return severities[scale][name as Name] ?? [];
}

/**
 * The ten corruptions of CIFAR-10-C-bar and of ImageNet-C-bar in the official order.
 *
 * Source: Mintun, Kirillov, Xie 2021, "On interaction between augmentations and corruptions in
 * natural corruption robustness". Lengths that the published code gives as shares of its square
 * pictures' side are shares of the shorter side.
 */
export const cBarCorruptions: Readonly<Record<Scale, readonly Corruption[]>> = {
  cifar: corruptionsOf("cifar"),
  imagenet: corruptionsOf("imagenet"),
};

function corruptionsOf(scale: Scale): Corruption[] {
  return Object.entries(severities[scale]).map(([name, values]) => {
    const corrupt: Corrupt = corruptions[name as Name];
    return {
      name,
      corrupt: (picture, severity, { random }) =>
        corrupt(picture, values[severity - 1]! / 10, random, scale),
    };
  });
}
