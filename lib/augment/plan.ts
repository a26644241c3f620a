import { Purpose, Stream } from "../random/stream.ts";
import type { OpName } from "./ops.ts";

/** Where the training picture is cut out, in pixels of the padded picture, after the mirroring. */
export interface Crop {
  top: number;
  left: number;
  flip: boolean;
}

/** A mixing picture by its number in the set, the corner of its crop in pixels, and what is done to it. */
export interface MixingCrop {
  picture: number;
  top: number;
  left: number;
  /** Whether the crop is turned left to right, upside down, and to shades of grey. */
  mirrored?: boolean;
  upsideDown?: boolean;
  gray?: boolean;
}

/** The other picture of a batch that is mixed in, as MixUp and CutMix do. */
export interface Partner {
  /** Its number in the data set, and its place in the batch. */
  index: number;
  place: number;
  crop: Crop;
  /** Its part of the label, in [0, 1]. */
  weight: number;
}

/**
 * A picture to read and the op it passes through on the way. A slot holds a picture between two
 * stages; slot 0 starts as the cropped training picture.
 */
export interface Operand {
  from: number | "mixing" | "partner";
  op?: OpName;
  /** The op's magnitude in its own unit (bits, threshold, degrees, tangent or pixels). */
  value?: number;
}

/** How two pictures become one; the result is clipped to [0, 1]. `weigh` is a · first + b ·
 * second, `erase` the color that is normalised to 0. */
export type Blend =
  | { kind: "add" | "multiply" | "weigh"; a: number; b: number }
  | { kind: "random_pixels" | "random_elems"; keep: number }
  | { kind: "erase" };

/** A rectangle of a picture, in pixels. */
export interface Patch {
  top: number;
  left: number;
  width: number;
  height: number;
}

/**
 * One step of a picture: `to` = a, or `to` = clip(blend(a, b)). Without a blend it never writes the
 * slot it reads.
 */
export interface Stage {
  a: Operand;
  b?: Operand;
  blend?: Blend;
  /** Where the blend acts; elsewhere `to` = a. Without it, everywhere. */
  within?: Patch;
  /** Whether the blend's result is cut to bytes, as a picture of Pillow's is. */
  bytes?: boolean;
  to: number | "output";
}

/**
 * All that is drawn on the host for one picture, as plain data; the draws per pixel follow from
 * (seed, index, epoch, view). Without stages the cropped picture goes to the output.
 */
export interface PicturePlan {
  index: number;
  epoch: number;
  /** Which of several draws for the same picture and epoch this is; 0 by default. */
  view?: number;
  crop: Crop;
  /** There is a mixing picture or a partner, or neither. */
  mixing?: MixingCrop;
  partner?: Partner;
  stages: Stage[];
}

/** Whether a plan reads its mixing picture: some have one and do without. */
export function usesMixing({ stages }: PicturePlan): boolean {
  return stages.some(({ a, b }) => a.from === "mixing" || b?.from === "mixing");
}

/** What every method's draws depend on, besides the picture's index and the epoch. */
export interface PlanOptions {
  /** Unsigned 32-bit. */
  seed: number;
  /** Pixels of padding around the training picture before it is cropped. */
  padding: number;
}

/** How a plan begins, and the numbers that the method draws. */
export function beginPlan(
  { seed, padding }: PlanOptions,
  index: number,
  epoch: number,
  view = 0,
): { stream: Stream; start: Omit<PicturePlan, "stages"> } {
  const crop = planCrop(seed, index, epoch, padding);
  return {
    stream: new Stream(seed, Purpose.augment, index, epoch, view),
    start: view ? { index, epoch, view, crop } : { index, epoch, crop },
  };
}

/** Draws the usual training crop: mirrored with probability 1/2, any corner of the padded picture. */
export function planCrop(seed: number, index: number, epoch: number, padding: number): Crop {
  const stream = new Stream(seed, Purpose.crop, index, epoch);
  const flip = stream.chance();
  const top = stream.integer(2 * padding + 1);
  return { top, left: stream.integer(2 * padding + 1), flip };
}

/** The plan that leaves a picture as it is, for evaluation. */
export function identityPlan(index: number, padding: number): PicturePlan {
  return {
    index,
    epoch: 0,
    crop: { top: padding, left: padding, flip: false },
    stages: [],
  };
}
