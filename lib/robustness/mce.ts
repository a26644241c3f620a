import { corruptionNames } from "./suites.ts";

/** Errors in [0, 1] of some corruptions by name, one for each severity. */
export type ErrorsByCorruption = ReadonlyMap<string, readonly number[]>;

/**
 * AlexNet's error on ImageNet-C by corruption, the mean over five severities, in [0, 1].
 * Sources: `ALEXNET_ERR` in google-research/augmix `imagenet.py`; the four validation corruptions
 * from `mCE_baseline_imagenet.p` of facebookresearch/augmentation-corruption.
 */
export const alexNetErrors: Readonly<Record<string, number>> = {
  gaussian_noise: 0.886428,
  shot_noise: 0.894468,
  impulse_noise: 0.92264,
  defocus_blur: 0.81988,
  glass_blur: 0.826268,
  motion_blur: 0.785948,
  zoom_blur: 0.79836,
  snow: 0.866816,
  frost: 0.826572,
  fog: 0.819324,
  brightness: 0.564592,
  contrast: 0.853204,
  elastic_transform: 0.646056,
  pixelate: 0.71784,
  jpeg_compression: 0.6065,
  speckle_noise: 0.845388,
  gaussian_blur: 0.787108,
  spatter: 0.717512,
  saturate: 0.658248,
};

/** AlexNet's error on clean ImageNet; source: `mCE_baseline_imagenet.p`, as above. */
export const alexNetCleanError = 0.435;

/**
 * The plain mean error over corruptions and severities, in [0, 1]: what papers on CIFAR-C call mCE.
 *
 * @throws {RangeError} when there are no errors
 */
export function meanError(errors: ErrorsByCorruption): number {
  return mean([...errors.values()].map(mean));
}

/**
 * The mean over the 15 corruptions of a network's error by AlexNet's; 1 is as bad as AlexNet.
 * Source: Hendrycks and Dietterich 2019 (arXiv 1903.12261), section 3, mCE.
 *
 * @throws {RangeError} when one of the 15 is missing, or AlexNet's error is not known
 */
export function alexNetMce(errors: ErrorsByCorruption): number {
  return mean(corruptionNames.c.test.map((name) => errorOf(errors, name) / alexNetErrors[name]!));
}

/**
 * The mean over the 15 corruptions of what a network loses against clean pictures by what AlexNet
 * loses. Source: arXiv 1903.12261, section 3, relative mCE.
 *
 * @param cleanError the network's error on clean pictures, in [0, 1]
 * @throws {RangeError} when one of the 15 is missing
 */
export function relativeAlexNetMce(errors: ErrorsByCorruption, cleanError: number): number {
  return mean(
    corruptionNames.c.test.map((name) =>
      (errorOf(errors, name) - cleanError) / (alexNetErrors[name]! - alexNetCleanError)
    ),
  );
}

/**
 * (15 C + 10 C-bar) / 25, for the mean errors on C and C-bar: the mean over all 25 corruptions.
 * Source: LayerMix's `cifar.py`.
 */
export function combinedMeanError(c: number, cBar: number): number {
  const [first, second] = [corruptionNames.c.test.length, corruptionNames["c-bar"].test.length];
  return (first * c + second * cBar) / (first + second);
}

function errorOf(errors: ErrorsByCorruption, name: string): number {
  const own = errors.get(name);
  if (!own) {
    throw new RangeError(`Cannot normalise by AlexNet: expected errors of ${name} but found none`);
  }
  return mean(own);
}

/**
 * The arithmetic mean.
 *
 * @throws {RangeError} when there are no values
 */
export function mean(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("Cannot take the mean of no values");
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
