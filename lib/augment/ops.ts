import autocontrast from "../../kernels/augment/autocontrast.wgsl" with { type: "text" };
import equalize from "../../kernels/augment/equalize.wgsl" with { type: "text" };
import grayscale from "../../kernels/augment/grayscale.wgsl" with { type: "text" };
import invert from "../../kernels/augment/invert.wgsl" with { type: "text" };
import posterize from "../../kernels/augment/posterize.wgsl" with { type: "text" };
import solarize from "../../kernels/augment/solarize.wgsl" with { type: "text" };
import type { Stream } from "../random/stream.ts";
import {
  type AffineMap,
  mirror,
  rotation,
  shearX,
  shearY,
  translationX,
  translationY,
} from "./affine.ts";
import { opSwitch } from "./op_switch.ts";

/** Every operation on a single picture. */
export type OpName =
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
  | "invert";

/** The name of a set of ops. */
export type OpSet = "reference" | "corrected";

/** The size of the pictures in pixels and the strength of the ops, 0 … 10. */
export interface OpSettings {
  magnitude: number;
  width: number;
  height: number;
}

/** Draws an op's value in its own unit. */
type Rule = (stream: Stream, settings: OpSettings) => number;

/** One operation: a WGSL function of a pixel's color, or an affine map of the picture. */
export interface Op {
  /** The WGSL function (color, value, at) → color. */
  kernel?: string;
  /** The map from output to input pixels for a value. */
  affine?: (value: number, width: number, height: number) => AffineMap;
  /** True when the kernel reads the table of the statistics pass. */
  statistics?: boolean;
  /** How each set of ops draws the value; without rules there is none to draw. */
  draw?: { [set in OpSet]?: Rule };
}

/** The published code's levels: U(0.1, max · magnitude / 10). */
function level(max: number): Rule {
  return (stream, { magnitude }) => stream.between(0.1, max * magnitude / 10);
}

/** AugMix's levels: max · l / 10 with l ~ U(0.1, magnitude). */
function scaled(max: number): Rule {
  return (stream, { magnitude }) => max * stream.between(0.1, magnitude) / 10;
}

/** Either sign, equally likely. */
function signed(rule: Rule): Rule {
  return (stream, settings) => {
    const size = rule(stream, settings);
    return stream.chance() ? -size : size;
  };
}

/** A draw of `rule`, changed by `change`. */
function changed(rule: Rule, change: (value: number) => number): Rule {
  return (stream, settings) => change(rule(stream, settings));
}

/** A share of the picture's width or height, in pixels. */
function translation(side: "width" | "height"): NonNullable<Op["draw"]> {
  return {
    reference: signed((stream, settings) =>
      level(Math.floor(0.33 * settings[side]))(stream, settings)
    ),
    corrected: signed((stream, settings) =>
      Math.trunc(scaled(settings[side] / 3)(stream, settings))
    ),
  };
}

const shear = { reference: signed(level(0.3)), corrected: signed(scaled(0.3)) };

/** All operations; values: bits, threshold in [0, 1], degrees, tangent, pixels. */
export const ops: Readonly<Record<OpName, Op>> = {
  equalize: { kernel: "equalize", statistics: true },
  autocontrast: { kernel: "autocontrast", statistics: true },
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
    affine: rotation,
    draw: { reference: signed(level(30)), corrected: signed(scaled(30)) },
  },
  shear_x: { affine: shearX, draw: shear },
  shear_y: { affine: shearY, draw: shear },
  translate_x: { affine: translationX, draw: translation("width") },
  translate_y: { affine: translationY, draw: translation("height") },
  horizontal_flip: { affine: mirror },
  invert: { kernel: "invert" },
};

/**
 * What a method draws from; the order is part of a seed's meaning. `reference` is what the published
 * LayerMix code does, `corrected` scales its magnitudes as AugMix does.
 */
export const opSets: Readonly<Record<OpSet, readonly OpName[]>> = {
  reference: [
    "equalize",
    "posterize",
    "posterize_increasing",
    "solarize",
    "solarize_increasing",
    "autocontrast",
    "grayscale",
    "rotate",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
  ],
  corrected: [
    "equalize",
    "posterize",
    "solarize",
    "autocontrast",
    "grayscale",
    "rotate",
    "shear_x",
    "shear_y",
    "translate_x",
    "translate_y",
  ],
};

const kernels: ReadonlyMap<string, string> = new Map(Object.entries({
  autocontrast,
  equalize,
  grayscale,
  invert,
  posterize,
  solarize,
}));

/** The number by which kernels know each WGSL function of a pixel; 0 is none. */
export const opCodes: ReadonlyMap<string, number> = new Map(
  [...kernels.keys()].map((name, i) => [name, i + 1]),
);

/** WGSL: all functions of a pixel, and `apply_op`, which runs one by its number. */
export const opSource: string = [
  ...kernels.values(),
  opSwitch("apply_op", [...kernels.keys()], "color", "value: f32, at: Point"),
].join("\n");
