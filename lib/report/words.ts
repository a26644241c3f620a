import type { OpName } from "../augment/ops.ts";
import type { Blend, Operand } from "../augment/plan.ts";

/** What an op's value means: the words around its size. */
type Phrase = (value: number) => string;

const many = (value: number, unit: string) => `${short(value)} ${unit}${value === 1 ? "" : "s"}`;
const bits: Phrase = (value) => `to ${many(value, "bit")}`;
const turn: Phrase = (value) =>
  `${many(Math.abs(value), "degree")} ${value < 0 ? "clockwise" : "counter-clockwise"}`;
const slope: Phrase = (value) => `slope ${short(value)}`;
const factor: Phrase = (value) => `factor ${short(value)}`;
const moved = (forth: string, back: string): Phrase => (value) =>
  `${many(Math.abs(value), "pixel")} ${value < 0 ? back : forth}`;

/** Of the ops that have a value, in the units of lib/augment/ops.ts. */
const phrases: Partial<Record<OpName, Phrase>> = {
  posterize: bits,
  posterize_increasing: bits,
  pil_posterize: bits,
  solarize: (value) => `from ${short(value)} of 1`,
  solarize_increasing: (value) => `from ${short(value)} of 1`,
  pil_solarize: (value) => `from ${value} of 255`,
  rotate: turn,
  pil_rotate: turn,
  shear_x: slope,
  shear_y: slope,
  pil_shear_x: slope,
  pil_shear_y: slope,
  translate_x: moved("right", "left"),
  translate_y: moved("down", "up"),
  // As AugMix calls Pillow: a positive value moves the place that is read.
  pil_translate_x: moved("left", "right"),
  pil_translate_y: moved("up", "down"),
  color: factor,
  contrast: factor,
  brightness: factor,
  sharpness: factor,
  pil_color: factor,
  pil_contrast: factor,
  pil_brightness: factor,
  pil_sharpness: factor,
};

/** An op's magnitude in words, such as "12 degrees clockwise"; empty for an op without one. */
export function describeValue({ op, value }: Operand): string {
  if (!op || value === undefined) return "";
  return phrases[op]?.(value) ?? short(value);
}

/** A blend and its numbers, such as "add a 0.92 b 0.13". */
export function describeBlend(blend: Blend): string {
  const { kind, ...numbers } = blend;
  return [kind, ...Object.entries(numbers).map(([name, value]) => `${name} ${short(value)}`)]
    .join(" ");
}

/** What a blend makes of its pictures p and q, with colors in 0 … 1. */
export const formulas: Partial<Record<Blend["kind"], string>> = {
  add: "(a (2p - 1) + b (2q - 1) + 1) / 2",
  multiply: "(2p)^a (2q)^b / 2",
  weigh: "a p + b q",
  random_pixels: "each pixel is p's with probability keep, else q's",
  random_elems: "each channel of a pixel is p's with probability keep, else q's",
  erase: "the mean color, which is 0 for the network",
};

/** A number to three digits, without zeros at its end. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
