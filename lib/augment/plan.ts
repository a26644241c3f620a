import { Purpose, Stream } from "../random/stream.ts";
import type { OpName } from "./ops.ts";

/** Where the training picture is cut out, in pixels of the padded picture, after the mirroring. */
export interface Crop {
  /** Rows of pixels above it. */
  top: number;
  /** Columns of pixels to the left of it. */
  left: number;
  /** Whether it is mirrored. */
  flip: boolean;
}

/** A mixing picture by its number in the set, the corner of its crop in pixels, and what is done to it. */
export interface MixingCrop {
  /** Its number in the set. */
  picture: number;
  /** Rows of pixels above it. */
  top: number;
  /** Columns of pixels to the left of it. */
  left: number;
  /** Whether the crop is turned left to right, upside down, and to shades of grey. */
  mirrored?: boolean;
  /** Whether its rows are turned round. */
  upsideDown?: boolean;
  /** Whether it is made grey. */
  gray?: boolean;
}

/** The other picture of a batch that is mixed in, as MixUp and CutMix do. */
export interface Partner {
  /** Its number in the data set, and its place in the batch. */
  index: number;
  /** Its place in the batch, from 0. */
  place: number;
  /** What is cut out of it. */
  crop: Crop;
  /** Its part of the label, in [0, 1]. */
  weight: number;
}

/**
 * A picture to read and the op it passes through on the way. A slot holds a picture between two
 * stages; slot 0 starts as the cropped training picture.
 */
export interface Operand {
  /** A slot, of which 0 is the picture's crop; or the mixing picture, or the partner. */
  from: number | "mixing" | "partner";
  /** What is done to it before; nothing without. */
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
  /** Rows of pixels above it. */
  top: number;
  /** Columns of pixels to the left of it. */
  left: number;
  /** Pixels across. */
  width: number;
  /** Pixels down. */
  height: number;
}

/**
 * One step of a picture: `to` = a, or `to` = clip(blend(a, b)). Without a blend it never writes the
 * slot it reads.
 */
export interface Stage {
  /** The first picture, or the only one. */
  a: Operand;
  /** The second picture, where there are two. */
  b?: Operand;
  /** How both become one. */
  blend?: Blend;
  /** Where the blend acts; elsewhere `to` = a. Without it, everywhere. */
  within?: Patch;
  /** Whether the blend's result is cut to bytes, as a picture of Pillow's is. */
  bytes?: boolean;
  /** The slot that takes what comes out. */
  to: number | "output";
}

/**
 * All that is drawn on the host for one picture, as plain data; the draws per pixel follow from
 * (seed, index, epoch, view). Without stages the cropped picture goes to the output.
 */
export interface PicturePlan {
  /** The picture's number in its data set. */
  index: number;
  /** Counted from 0. */
  epoch: number;
  /** Which of several draws for the same picture and epoch this is; 0 by default. */
  view?: number;
  /** What is cut out of it. */
  crop: Crop;
  /** There is a mixing picture or a partner, or neither. */
  mixing?: MixingCrop;
  /** The picture of the batch that is mixed in, by MixUp and CutMix. */
  partner?: Partner;
  /** What is done, one after the other. */
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
