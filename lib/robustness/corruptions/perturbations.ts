import type { Stream } from "../../random/stream.ts";
import type { Picture, Scale } from "./corruption.ts";
import { brighten } from "./digital.ts";
import { runningWater, turningSnow, zoomingIn } from "./frame_sequences.ts";
import { gaussianFilter } from "./gaussian_filter.ts";
import { motionBlur } from "./motion_blur.ts";
import { about, movedFrame } from "./moved_frame.ts";
import { addNormal, addSpeckle, countPhotons } from "./noise.ts";
import type { Difficulty, Perturbation, PerturbationSurroundings } from "./perturbation.ts";
import { pictureOf, rasterOf } from "./raster.ts";
import { tilted } from "./tilt.ts";
import { cropped, type Window, windowOf } from "./window.ts";

/** How many of the perturbations, from the first on, are tested with; the others are for validation. */
export const TEST_PERTURBATIONS = 10;

/** A number for each scale. */
type Counts = Readonly<Record<Scale, number>>;

const FRAMES: Counts = { cifar: 31, imagenet: 31 };

/** What the frames of a sequence are made of. */
interface Scene extends PerturbationSurroundings {
  picture: Picture;
  /** What is shown of it. */
  window: Window;
  /** How many frames are made. */
  count: number;
}

function perturbation(
  name: string,
  sequence: (scene: Scene) => Iterable<Picture>,
  counts = FRAMES,
): Perturbation {
  return {
    name,
    frames: (scale) => counts[scale],
    sequence(picture, surroundings) {
      const count = counts[surroundings.scale];
      return sequence({
        ...surroundings,
        picture,
        window: windowOf(picture, surroundings.shown),
        count,
      });
    },
  };
}

/** The picture as it is, then with ever new noise whose setting is that of its difficulty. */
function noise(
  name: string,
  settings: Readonly<Record<Scale, Readonly<Record<Difficulty, number>>>>,
  add: (picture: Picture, setting: number, random: Stream) => Picture,
): Perturbation {
  return perturbation(name, function* ({ picture, window, scale, difficulty = 1, count, random }) {
    const clean = cropped(picture, window);
    yield clean;
    for (let i = 1; i < count; i++) yield add(clean, settings[scale][difficulty], random);
  });
}

/** Each frame made by itself of what is shown of the picture. */
function each(
  name: string,
  make: (shown: Picture, frame: number, scale: Scale) => Picture,
  counts = FRAMES,
): Perturbation {
  return perturbation(name, function* ({ picture, window, scale, count }) {
    const shown = cropped(picture, window);
    for (let i = 0; i < count; i++) yield make(shown, i, scale);
  }, counts);
}

/** Each frame the picture taken from where a matrix (a b; d e) about its middle says. */
function turned(name: string, matrix: (frame: number, scale: Scale) => number[]): Perturbation {
  return perturbation(name, function* ({ picture, window, scale, count }) {
    for (let i = 0; i < count; i++) {
      yield movedFrame(picture, about(picture, matrix(i, scale)), window);
    }
  });
}

const radians = (degrees: number) => degrees * Math.PI / 180;

const flakes = { mean: 0.05, deviation: 0.3, threshold: 0.5, blend: 0.85 };
const snowfalls = {
  cifar: { ...flakes, zoom: 2, radius: 10, sigma: 2 },
  imagenet: { ...flakes, zoom: 3, radius: 14, sigma: 4 },
};

const flows = {
  cifar: { mean: 0.6, deviation: 0.265, sigma: 1.75, threshold: 0.7, start: 0, shares: [0.2, 0.8] },
  imagenet: {
    ...{ mean: 0.65, deviation: 0.27, sigma: 3.7, threshold: 0.69 },
    ...{ start: -1, shares: [0.05, 0.1, 0.15, 0.7] },
  },
};

/**
 * The perturbations of CIFAR-10-P and ImageNet-P in the official order, then those for validation,
 * with the settings of make_cifar_p.py and make_imagenet_p.py of github.com/hendrycks/robustness.
 *
 * Source: Hendrycks, Dietterich 2019, "Benchmarking neural network robustness to common corruptions
 * and perturbations".
 */
export const perturbations: readonly Perturbation[] = [
  noise(
    "gaussian_noise",
    { cifar: { 1: 0.02, 2: 0.04, 3: 0.06 }, imagenet: { 1: 0.03, 2: 0.05, 3: 0.08 } },
    addNormal,
  ),
  noise(
    "shot_noise",
    { cifar: { 1: 700, 2: 400, 3: 200 }, imagenet: { 1: 300, 2: 120, 3: 60 } },
    countPhotons,
  ),
  each("motion_blur", (shown, i, scale) => {
    const motion = scale === "cifar"
      ? { radius: 6, sigma: 1.8, angle: (i - 20) * 9 }
      : { radius: 10, sigma: 3, angle: (i - 30) * 4 };
    return pictureOf(motionBlur(rasterOf(shown), motion));
  }, { cifar: 21, imagenet: 31 }),
  perturbation("zoom_blur", ({ picture, count, window }) => zoomingIn(picture, count, window)),
  perturbation(
    "snow",
    ({ picture, window, scale, count, random }) =>
      turningSnow(cropped(picture, window), count, snowfalls[scale], random),
  ),
  each(
    "brightness",
    (shown, i, scale) => brighten(shown, (i - 15) * (scale === "cifar" ? 0.015 : 0.02)),
  ),
  perturbation("translate", function* ({ picture, window, scale, count }) {
    const first = scale === "cifar" ? -7 : -20;
    for (let i = 0; i < count; i++) yield movedFrame(picture, [1, 0, -first - i, 0, 1, 0], window);
  }, { cifar: 16, imagenet: 41 }),
  turned("rotate", (i) => {
    const cosine = Math.cos(radians(i - 15)), sine = Math.sin(radians(i - 15));
    return [cosine, sine, -sine, cosine];
  }),
  perturbation("tilt", function* ({ picture, window, scale, count }) {
    const step = scale === "cifar" ? 0.75 : 1;
    for (let i = 0; i < count; i++) yield tilted(picture, step * (i - 15), window);
  }),
  turned("scale", (i, scale) => {
    const shrunk = 1 / ((scale === "cifar" ? 2 * i + 70 : 2.5 * i + 40) / 100);
    return [shrunk, 0, 0, shrunk];
  }),
  noise(
    "speckle_noise",
    { cifar: { 1: 0.05, 2: 0.07, 3: 0.1 }, imagenet: { 1: 0.05, 2: 0.1, 3: 0.15 } },
    addSpeckle,
  ),
  each("gaussian_blur", (shown, i, scale) => {
    const [sigma, truncate] = scale === "cifar" ? [0.3 + 0.015 * i, 7] : [0.25 + 0.035 * i, 6];
    return pictureOf(gaussianFilter(rasterOf(shown), sigma!, { truncate: truncate! }));
  }),
  perturbation(
    "spatter",
    ({ picture, window, scale, count, random }) =>
      runningWater(cropped(picture, window), count, flows[scale], random),
  ),
  turned("shear", (i) => [1, Math.tan(radians(i - 15)), 0, 1]),
];
