import type { Stream } from "../../random/stream.ts";
import { type Picture, pictureOfBytes, storedBytes } from "./corruption.ts";
import { filter2d, type Kernel } from "./filter2d.ts";
import { gaussianFilter } from "./gaussian_filter.ts";
import { pictureOf, rasterOf } from "./raster.ts";
import { addClippedZoom } from "./zoom.ts";

/** A Gaussian of standard deviation `sigma`, in pixels: `gaussian_blur`. */
export function gaussianBlur(picture: Picture, sigma: number): Picture {
  return pictureOf(gaussianFilter(rasterOf(picture), sigma));
}

/**
 * A lens out of focus: every pixel spread over a disk of `radius` pixels, whose edge is smoothed by a
 * Gaussian of standard deviation `alias`: `defocus_blur`.
 */
export function defocusBlur(picture: Picture, radius: number, alias: number): Picture {
  return pictureOf(filter2d(rasterOf(picture), disk(radius, alias)));
}

/** The published `disk`: at most 8 pixels large it lies in 17 × 17, smoothed by 3 × 3, else 5 × 5. */
function disk(radius: number, alias: number): Kernel {
  const reach = radius <= 8 ? 8 : Math.ceil(radius), side = 2 * reach + 1;
  const inside = Float64Array.from({ length: side * side }, (_, i) => {
    const x = i % side - reach, y = Math.floor(i / side) - reach;
    return Number(x * x + y * y <= radius * radius);
  });
  const area = inside.reduce((a, b) => a + b);
  const values = inside.map((value) => value / area);
  const smoothed = filter2d(
    { width: side, height: side, channels: 1, values },
    gaussianKernel(radius <= 8 ? 1 : 2, alias),
  );
  return { side, weights: smoothed.values };
}

/** OpenCV's getGaussianKernel in two dimensions. */
function gaussianKernel(reach: number, sigma: number): Kernel {
  const side = 2 * reach + 1;
  const line = Array.from(
    { length: side },
    (_, i) => Math.exp(-((i - reach) ** 2) / (2 * sigma ** 2)),
  );
  const sum = line.reduce((a, b) => a + b);
  return { side, weights: line.flatMap((y) => line.map((x) => x * y / (sum * sum))) };
}

/**
 * Pixels replaced by ones drawn from their neighbourhood, between two Gaussians: `glass_blur`.
 *
 * As in the published code, what is drawn is copied over the pixel and stays where it was (its "swap"
 * is of numpy's views), and offsets are -delta … delta - 1.
 */
export function glassBlur(
  picture: Picture,
  { sigma, delta, iterations }: { sigma: number; delta: number; iterations: number },
  random: Stream,
): Picture {
  const { width, height } = picture;
  const bytes = storedBytes(gaussianBlur(picture, sigma));
  for (let iteration = 0; iteration < iterations; iteration++) {
    for (let y = height - delta; y > delta; y--) {
      for (let x = width - delta; x > delta; x--) {
        const dx = random.integer(2 * delta) - delta, dy = random.integer(2 * delta) - delta;
        const from = ((y + dy) * width + x + dx) * 3;
        bytes.copyWithin((y * width + x) * 3, from, from + 3);
      }
    }
  }
  return gaussianBlur(pictureOfBytes(bytes, width, height), sigma);
}

/**
 * The mean of the picture and of its middle enlarged 1, 1 + step, 1 + 2 step … times, up to about
 * `end`: `zoom_blur`.
 */
export function zoomBlur(picture: Picture, end: number, step: number): Picture {
  // numpy's arange: as many numbers, and the same rounding of each.
  const count = Math.ceil((end - 1) / step), delta = 1 + step - 1;
  const sum = picture.rgb.slice();
  for (let i = 0; i < count; i++) addClippedZoom(rasterOf(picture), 1 + i * delta, sum);
  return { ...picture, rgb: sum.map((value) => value / (count + 1)) };
}
