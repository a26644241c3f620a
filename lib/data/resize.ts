import type { Picture } from "./pixels.ts";

/** Pillow's fixed-point precision: 8 bits are the pixel, 2 are headroom. */
const PRECISION_BITS = 32 - 8 - 2;

/** Pillow's filters: how far each reaches, and its weight at a distance, where it shrinks by 1. */
const filters = {
  bilinear: { support: 1, weight: (x: number) => Math.max(0, 1 - Math.abs(x)) },
  box: { support: 0.5, weight: (x: number) => Number(x > -0.5 && x <= 0.5) },
} as const;

/** For each output position: the first input position, and the weights of those from there on. */
interface Weights {
  first: Int32Array;
  count: Int32Array;
  /** (outputs × stride), in units of 2^-PRECISION_BITS. */
  values: Int32Array;
  stride: number;
}

/**
 * The picture with its shorter side `size` pixels long and the longer one in proportion, cut to a
 * whole number: torchvision's Resize(size) of a PIL picture, bit for bit.
 */
export function resizeShorterSide(picture: Picture, size: number): Picture {
  const { width, height } = picture;
  const longer = Math.floor(size * Math.max(width, height) / Math.min(width, height));
  return width <= height ? resize(picture, size, longer) : resize(picture, longer, size);
}

/**
 * Bilinear with antialiasing, equal bit for bit to Pillow's `Image.resize((width, height), BILINEAR)`,
 * or the same with BOX: a horizontal, then a vertical pass, each rounded to 8 bits. Throws a
 * RangeError for a size that is no whole number above 0.
 */
export function resize(
  picture: Picture,
  width: number,
  height: number,
  filter: keyof typeof filters = "bilinear",
): Picture {
  for (const side of [width, height]) {
    if (!Number.isInteger(side) || side < 1) {
      throw new RangeError(`Cannot resize: expected a side of at least 1 pixel but found ${side}`);
    }
  }
  let { rgba } = picture;
  if (width !== picture.width) {
    const weights = resizeWeights(picture.width, width, filter);
    rgba = pass(rgba, weights, width, picture.height, 4, picture.width * 4, 4, width * 4);
  }
  if (height !== picture.height) {
    const weights = resizeWeights(picture.height, height, filter);
    rgba = pass(rgba, weights, height, width, width * 4, 4, width * 4, 4);
  }
  return { width, height, rgba: rgba === picture.rgba ? rgba.slice() : rgba };
}

/**
 * The `height` × `width` pixels that start at row `top` and column `left`. Throws a RangeError where
 * they do not lie inside the picture.
 */
export function crop(
  picture: Picture,
  top: number,
  left: number,
  height: number,
  width: number,
): Picture {
  const inside = top >= 0 && left >= 0 && height >= 1 && width >= 1 &&
    top + height <= picture.height && left + width <= picture.width;
  if (!inside) {
    throw new RangeError(
      `Cannot crop: expected a part of ${picture.width}x${picture.height} pixels but found ` +
        `${width}x${height} at (${left}, ${top})`,
    );
  }
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) {
    const from = ((top + y) * picture.width + left) * 4;
    rgba.set(picture.rgba.subarray(from, from + width * 4), y * width * 4);
  }
  return { width, height, rgba };
}

/**
 * The `size` × `size` pixels in the middle, as torchvision's CenterCrop: an offset of half a pixel is
 * rounded to even. Throws a RangeError for a picture smaller than that.
 */
export function centerCrop(picture: Picture, size: number): Picture {
  const top = roundToEven((picture.height - size) / 2);
  return crop(picture, top, roundToEven((picture.width - size) / 2), size, size);
}

/**
 * `crop()`, then `resize()` to `size` × `size` pixels: torchvision's resized_crop of a PIL picture,
 * bit for bit.
 */
export function resizedCrop(
  picture: Picture,
  part: { top: number; left: number; height: number; width: number },
  size: number,
): Picture {
  return resize(crop(picture, part.top, part.left, part.height, part.width), size, size);
}

function roundToEven(x: number): number {
  const down = Math.floor(x);
  if (x - down !== 0.5) return Math.round(x);
  return down % 2 === 0 ? down : down + 1;
}

/** Pillow's `precompute_coeffs`, and its `normalize_coeffs_8bpc`. */
function resizeWeights(inputs: number, outputs: number, filter: keyof typeof filters): Weights {
  const scale = inputs / outputs, shrunk = Math.max(scale, 1);
  const { support: reach, weight } = filters[filter];
  const support = reach * shrunk;
  const stride = Math.ceil(support) * 2 + 1;
  const first = new Int32Array(outputs), count = new Int32Array(outputs);
  const values = new Int32Array(outputs * stride);
  const exact = new Float64Array(stride);
  for (let output = 0; output < outputs; output++) {
    const center = (output + 0.5) * scale;
    const from = Math.max(Math.trunc(center - support + 0.5), 0);
    const length = Math.min(Math.trunc(center + support + 0.5), inputs) - from;
    let sum = 0;
    for (let i = 0; i < length; i++) {
      exact[i] = weight((i + from - center + 0.5) * (1 / shrunk));
      sum += exact[i]!;
    }
    for (let i = 0; i < length; i++) {
      values[output * stride + i] = Math.trunc(0.5 + exact[i]! / sum * 2 ** PRECISION_BITS);
    }
    first[output] = from;
    count[output] = length;
  }
  return { first, count, values, stride };
}

/**
 * Resizes `lines` lines to `outputs` pixels each. A step is the distance in bytes between two pixels
 * of a line, a line step that between two lines.
 */
function pass(
  input: Uint8Array,
  { first, count, values, stride }: Weights,
  outputs: number,
  lines: number,
  step: number,
  lineStep: number,
  outStep: number,
  outLineStep: number,
): Uint8Array {
  const output = new Uint8Array(outputs * lines * 4);
  for (let line = 0; line < lines; line++) {
    for (let i = 0; i < outputs; i++) {
      let from = line * lineStep + first[i]! * step;
      let red = 1 << (PRECISION_BITS - 1), green = red, blue = red;
      for (let k = i * stride, end = k + count[i]!; k < end; k++, from += step) {
        const weight = values[k]!;
        red += input[from]! * weight;
        green += input[from + 1]! * weight;
        blue += input[from + 2]! * weight;
      }
      const to = line * outLineStep + i * outStep;
      output[to] = Math.min(red >> PRECISION_BITS, 255);
      output[to + 1] = Math.min(green >> PRECISION_BITS, 255);
      output[to + 2] = Math.min(blue >> PRECISION_BITS, 255);
      output[to + 3] = 255;
    }
  }
  return output;
}
