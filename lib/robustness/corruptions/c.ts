import { defocusBlur, gaussianBlur, glassBlur, zoomBlur } from "./blur.ts";
import type { Corruption, Picture, Scale, Severity, Surroundings } from "./corruption.ts";
import {
  bend,
  brighten,
  changeContrast,
  changeSaturation,
  compressAsJpeg,
  pixelate,
} from "./digital.ts";
import { fog } from "./fog.ts";
import { frost } from "./frost.ts";
import { frostTextures } from "./frost_textures.ts";
import { motionBlur } from "./motion_blur.ts";
import { addNormal, addSpeckle, countPhotons, saltAndPepper } from "./noise.ts";
import { pictureOf, rasterOf } from "./raster.ts";
import { snow } from "./snow.ts";
import { spatter } from "./spatter.ts";

/** A setting for each severity. */
type Five<Setting> = readonly [Setting, Setting, Setting, Setting, Setting];

/**
 * A corruption whose settings are two tables, one for each scale, as published in
 * make_cifar_c.py and make_imagenet_c.py of github.com/hendrycks/robustness.
 */
function corruption<Setting>(
  name: string,
  cifar: Five<Setting>,
  imagenet: Five<Setting>,
  corrupt: (picture: Picture, setting: Setting, surroundings: Surroundings) => Picture,
): Corruption {
  const tables: Record<Scale, Five<Setting>> = { cifar, imagenet };
  return {
    name,
    corrupt: (picture, severity: Severity, surroundings) =>
      corrupt(picture, tables[surroundings.scale][severity - 1]!, surroundings),
  };
}

const noises = [
  corruption(
    "gaussian_noise",
    [0.04, 0.06, 0.08, 0.09, 0.10],
    [0.08, 0.12, 0.18, 0.26, 0.38],
    (picture, sigma, { random }) => addNormal(picture, sigma, random),
  ),
  corruption(
    "shot_noise",
    [500, 250, 100, 75, 50],
    [60, 25, 12, 5, 3],
    (picture, photons, { random }) => countPhotons(picture, photons, random),
  ),
  corruption(
    "impulse_noise",
    [0.01, 0.02, 0.03, 0.05, 0.07],
    [0.03, 0.06, 0.09, 0.17, 0.27],
    (picture, share, { random }) => saltAndPepper(picture, share, random),
  ),
];

const blurs = [
  corruption(
    "defocus_blur",
    [[0.3, 0.4], [0.4, 0.5], [0.5, 0.6], [1, 0.2], [1.5, 0.1]],
    [[3, 0.1], [4, 0.5], [6, 0.5], [8, 0.5], [10, 0.5]],
    (picture, [radius, alias]) => defocusBlur(picture, radius!, alias!),
  ),
  corruption(
    "glass_blur",
    [[0.05, 1, 1], [0.25, 1, 1], [0.4, 1, 1], [0.25, 1, 2], [0.4, 1, 2]],
    [[0.7, 1, 2], [0.9, 2, 1], [1, 2, 3], [1.1, 3, 2], [1.5, 4, 2]],
    (picture, [sigma, delta, iterations], { random }) =>
      glassBlur(picture, { sigma: sigma!, delta: delta!, iterations: iterations! }, random),
  ),
  corruption(
    "motion_blur",
    [[6, 1], [6, 1.5], [6, 2], [8, 2], [9, 2.5]],
    [[10, 3], [15, 5], [15, 8], [15, 12], [20, 15]],
    (picture, [radius, sigma], { random }) => {
      const angle = random.between(-45, 45);
      return pictureOf(
        motionBlur(rasterOf(picture), { radius: radius!, sigma: sigma!, angle }),
      );
    },
  ),
  corruption(
    "zoom_blur",
    [[1.06, 0.01], [1.11, 0.01], [1.16, 0.01], [1.21, 0.01], [1.26, 0.01]],
    [[1.11, 0.01], [1.16, 0.01], [1.21, 0.02], [1.26, 0.02], [1.31, 0.03]],
    (picture, [end, step]) => zoomBlur(picture, end!, step!),
  ),
];

const snowfall = (settings: readonly number[]) => {
  const [mean, deviation, zoom, threshold, radius, sigma, blend] = settings as [
    ...Five<number>,
    number,
    number,
  ];
  return { mean, deviation, zoom, threshold, radius, sigma, blend };
};

const weather = [
  corruption(
    "snow",
    [
      snowfall([0.1, 0.2, 1, 0.6, 8, 3, 0.95]),
      snowfall([0.1, 0.2, 1, 0.5, 10, 4, 0.9]),
      snowfall([0.15, 0.3, 1.75, 0.55, 10, 4, 0.9]),
      snowfall([0.25, 0.3, 2.25, 0.6, 12, 6, 0.85]),
      snowfall([0.3, 0.3, 1.25, 0.65, 14, 12, 0.8]),
    ],
    [
      snowfall([0.1, 0.3, 3, 0.5, 10, 4, 0.8]),
      snowfall([0.2, 0.3, 2, 0.5, 12, 4, 0.7]),
      snowfall([0.55, 0.3, 4, 0.9, 12, 8, 0.7]),
      snowfall([0.55, 0.3, 4.5, 0.85, 12, 8, 0.65]),
      snowfall([0.55, 0.3, 2.5, 0.85, 12, 12, 0.55]),
    ],
    (picture, settings, { random }) => snow(picture, settings, random),
  ),
  corruption<readonly [number, number, 1 | 5]>(
    "frost",
    [[1, 0.2, 5], [1, 0.3, 5], [0.9, 0.4, 5], [0.85, 0.4, 5], [0.75, 0.45, 5]],
    [[1, 0.4, 1], [0.8, 0.6, 1], [0.7, 0.7, 1], [0.65, 0.7, 1], [0.6, 0.75, 1]],
    (picture, [kept, added, step], { random, frost: textures = frostTextures() }) =>
      frost(picture, { weights: [kept, added], step }, textures, random),
  ),
  corruption(
    "fog",
    [[0.2, 3], [0.5, 3], [0.75, 2.5], [1, 2], [1.5, 1.75]],
    [[1.5, 2], [2, 2], [2.5, 1.7], [2.5, 1.5], [3, 1.4]],
    (picture, [strength, decay], { random }) => fog(picture, strength!, decay!, random),
  ),
  corruption(
    "brightness",
    [0.05, 0.1, 0.15, 0.2, 0.3],
    [0.1, 0.2, 0.3, 0.4, 0.5],
    (picture, added) => brighten(picture, added),
  ),
];

const digital = [
  corruption(
    "contrast",
    [0.75, 0.5, 0.4, 0.3, 0.15],
    [0.4, 0.3, 0.2, 0.1, 0.05],
    (picture, factor) => changeContrast(picture, factor),
  ),
  corruption(
    "elastic_transform",
    [[0, 0, 0.08], [0.05, 0.2, 0.07], [0.08, 0.06, 0.06], [0.1, 0.04, 0.05], [0.1, 0.03, 0.03]],
    [[2, 0.7, 0.1], [2, 0.08, 0.2], [0.05, 0.01, 0.02], [0.07, 0.01, 0.02], [0.12, 0.01, 0.02]],
    (picture, shares, { random, scale }) => {
      // Shares of the shorter side; the published code for 224 pixels multiplies by 244.
      const side = Math.min(picture.width, picture.height) * (scale === "cifar" ? 1 : 244 / 224);
      const [alpha, sigma, jitter] = shares.map((share) => share * side);
      return bend(picture, { alpha: alpha!, sigma: sigma!, jitter: jitter! }, random);
    },
  ),
  corruption(
    "pixelate",
    [0.95, 0.9, 0.85, 0.75, 0.65],
    [0.6, 0.5, 0.4, 0.3, 0.25],
    (picture, scale) => pixelate(picture, scale),
  ),
  corruption(
    "jpeg_compression",
    [80, 65, 58, 50, 40],
    [25, 18, 15, 10, 7],
    (picture, quality) => compressAsJpeg(picture, quality),
  ),
];

const splash = (
  [mean, deviation, sigma, threshold, opacity]: Five<number>,
  isMud: boolean,
) => ({ mean, deviation, sigma, threshold, opacity, isMud });

const validation = [
  corruption(
    "speckle_noise",
    [0.06, 0.1, 0.12, 0.16, 0.2],
    [0.15, 0.2, 0.35, 0.45, 0.6],
    (picture, sigma, { random }) => addSpeckle(picture, sigma, random),
  ),
  corruption(
    "gaussian_blur",
    [0.4, 0.6, 0.7, 0.8, 1],
    [1, 2, 3, 4, 6],
    (picture, sigma) => gaussianBlur(picture, sigma),
  ),
  corruption(
    "spatter",
    [
      splash([0.62, 0.1, 0.7, 0.7, 0.5], false),
      splash([0.65, 0.1, 0.8, 0.7, 0.5], false),
      splash([0.65, 0.3, 1, 0.69, 0.5], false),
      splash([0.65, 0.1, 0.7, 0.69, 0.6], true),
      splash([0.65, 0.1, 0.5, 0.68, 0.6], true),
    ],
    [
      splash([0.65, 0.3, 4, 0.69, 0.6], false),
      splash([0.65, 0.3, 3, 0.68, 0.6], false),
      splash([0.65, 0.3, 2, 0.68, 0.5], false),
      splash([0.65, 0.3, 1, 0.65, 1.5], true),
      splash([0.67, 0.4, 1, 0.65, 1.5], true),
    ],
    (picture, settings, { random }) => spatter(picture, settings, random),
  ),
  corruption(
    "saturate",
    [[0.3, 0], [0.1, 0], [1.5, 0], [2, 0.1], [2.5, 0.2]],
    [[0.3, 0], [0.1, 0], [2, 0], [5, 0.1], [20, 0.2]],
    (picture, [factor, added]) => changeSaturation(picture, factor!, added!),
  ),
];

/** How many corruptions, from the first on, are tested with; the others are for validation. */
export const TEST_CORRUPTIONS = 15;

/**
 * C of Hendrycks and Dietterich 2019, "Benchmarking neural network robustness to common corruptions
 * and perturbations": 15 corruptions and 4 for validation, in their order, never to be changed: the
 * place in it is part of what a seed means.
 */
export const cCorruptions: readonly Corruption[] = [
  ...noises,
  ...blurs,
  ...weather,
  ...digital,
  ...validation,
];
