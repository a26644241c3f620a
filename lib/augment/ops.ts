import {
  type AffineMap,
  mirror,
  pilRotation,
  pilShearX,
  pilShearY,
  pilTranslationX,
  pilTranslationY,
  rotation,
  shearX,
  shearY,
  translationX,
  translationY,
} from "./affine.ts";
import { bySide, changed, level, type Rule, scaled, signed, whole } from "./levels.ts";
import type { OpKernel } from "./op_kernels.ts";
import type { OpSet } from "./op_sets.ts";

/** What an op needs to know of its picture as a whole, in the order of the statistics kernel. */
export const statisticsKinds = ["histogram", "extremes", "mean", "trimmed_extremes"] as const;
export type StatisticsKind = typeof statisticsKinds[number];

/** How each set of ops draws an op's value. */
type Draw = { [set in OpSet]?: Rule };

/** One operation: a WGSL function of a picture and a value. */
export interface Op {
  kernel: OpKernel;
  /** The map from output to input pixels for a value, which the kernel reads through. */
  affine?: (value: number, width: number, height: number) => AffineMap;
  /** The kernel for values whose map moves the picture by whole pixels, where most values do. */
  wholeKernel?: OpKernel;
  /** Whether it reads the pixels around each. */
  neighbours?: boolean;
  /** What has to be measured before. */
  statistics?: StatisticsKind;
  /** How each set of ops draws the value; without rules there is none to draw. */
  draw?: Draw;
}

/** Torchvision's operations. */
export type FloatOpName =
  | "equalize"
  | "autocontrast"
  | "grayscale"
  | "posterize"
  | "posterize_increasing"
  | "solarize"
  | "solarize_increasing"
  | "rotate"
  | "shear_x"
  | "shear_y"
  | "translate_x"
  | "translate_y"
  | "horizontal_flip"
  | "invert"
  | "color"
  | "contrast"
  | "brightness"
  | "sharpness";

/** Pillow's. */
export type PilOpName =
  | "pil_autocontrast"
  | "pil_autocontrast_trimmed"
  | "pil_posterize"
  | "pil_solarize"
  | "pil_invert"
  | "pil_rotate"
  | "pil_shear_x"
  | "pil_shear_y"
  | "pil_translate_x"
  | "pil_translate_y"
  | "pil_color"
  | "pil_contrast"
  | "pil_brightness"
  | "pil_sharpness";

/** Every operation on a single picture. */
export type OpName = FloatOpName | PilOpName;

const shear: Draw = { reference: signed(level(0.3)), corrected: signed(scaled(0.3)) };

/** A share of the picture's width or height, in pixels. */
const translation = (side: "width" | "height"): Draw => ({
  reference: signed(bySide(side, (pixels) => level(Math.floor(0.33 * pixels)))),
  corrected: signed(bySide(side, (pixels) => whole(pixels / 3))),
});

/** A factor about 1, where the picture stays as it is. */
const factor: Draw = {
  reference: changed(signed(level(0.9)), (share) => 1 + share),
  corrected: changed(signed(scaled(0.9)), (share) => 1 + share),
};

const pilFactor: Draw = { pil: changed(scaled(1.8), (share) => 0.1 + share) };

/** Torchvision's operations on floats; values: bits, threshold in [0, 1], degrees, tangent, pixels. */
const floatOps: Record<FloatOpName, Op> = {
  equalize: { kernel: "equalize", statistics: "histogram" },
  autocontrast: { kernel: "autocontrast", statistics: "extremes" },
  grayscale: { kernel: "grayscale" },
  posterize: {
    kernel: "posterize",
    draw: {
      reference: changed(level(4), Math.floor),
      corrected: changed(scaled(4), (bits) => 4 - Math.floor(bits)),
    },
  },
  posterize_increasing: {
    kernel: "posterize",
    draw: { reference: changed(level(4), (bits) => 4 - Math.floor(bits)) },
  },
  solarize: {
    kernel: "solarize",
    draw: { reference: level(1), corrected: changed(scaled(1), (share) => 1 - share) },
  },
  solarize_increasing: {
    kernel: "solarize",
    draw: { reference: (stream, { magnitude }) => stream.between(0.1, 0.1 * (1 - magnitude)) },
  },
  rotate: {
    kernel: "affine",
    affine: rotation,
    draw: { reference: signed(level(30)), corrected: signed(scaled(30)) },
  },
  shear_x: { kernel: "affine_line", affine: shearX, draw: shear },
  shear_y: { kernel: "affine_line", affine: shearY, draw: shear },
  translate_x: { kernel: "affine_line", affine: translationX, draw: translation("width") },
  translate_y: { kernel: "affine_line", affine: translationY, draw: translation("height") },
  horizontal_flip: { kernel: "affine_line", wholeKernel: "translate", affine: mirror },
  invert: { kernel: "invert" },
  color: { kernel: "color", draw: factor },
  contrast: { kernel: "contrast", statistics: "mean", draw: factor },
  brightness: { kernel: "brightness", draw: factor },
  sharpness: { kernel: "sharpness", neighbours: true, draw: factor },
};

/**
 * Pillow's operations on bytes, as AugMix's code calls them: geometry about the upper left corner
 * but for `pil_rotate`; values are whole but for shears, factors and the percentage of pixels that
 * `pil_autocontrast_trimmed` leaves out at either end. Equalize and mirroring are the same on floats.
 */
const pilOps: Record<PilOpName, Op> = {
  pil_autocontrast: { kernel: "pil_autocontrast", statistics: "extremes" },
  pil_autocontrast_trimmed: { kernel: "pil_autocontrast_trimmed", statistics: "trimmed_extremes" },
  pil_posterize: {
    kernel: "pil_posterize",
    draw: { pil: changed(whole(4), (bits) => 4 - bits) },
  },
  pil_solarize: {
    kernel: "pil_solarize",
    draw: { pil: changed(whole(256), (share) => 256 - share) },
  },
  pil_invert: { kernel: "pil_invert" },
  pil_rotate: { kernel: "pil_affine", affine: pilRotation, draw: { pil: signed(whole(30)) } },
  pil_shear_x: { kernel: "pil_affine_line", affine: pilShearX, draw: { pil: signed(scaled(0.3)) } },
  pil_shear_y: { kernel: "pil_affine_line", affine: pilShearY, draw: { pil: signed(scaled(0.3)) } },
  pil_translate_x: {
    kernel: "pil_affine_line",
    wholeKernel: "translate",
    affine: pilTranslationX,
    draw: { pil: signed(bySide("width", (pixels) => whole(pixels / 3))) },
  },
  pil_translate_y: {
    kernel: "pil_affine_line",
    wholeKernel: "translate",
    affine: pilTranslationY,
    draw: { pil: signed(bySide("height", (pixels) => whole(pixels / 3))) },
  },
  pil_color: { kernel: "pil_color", draw: pilFactor },
  pil_contrast: { kernel: "pil_contrast", statistics: "mean", draw: pilFactor },
  pil_brightness: { kernel: "pil_brightness", draw: pilFactor },
  pil_sharpness: { kernel: "pil_sharpness", neighbours: true, draw: pilFactor },
};

/** All operations by name. */
export const ops: Readonly<Record<OpName, Op>> = { ...floatOps, ...pilOps };
