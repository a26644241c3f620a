import { Purpose, Stream } from "../random/stream.ts";
import type { OpName } from "./ops.ts";

/** Where the training picture is cut out, in pixels of the padded picture, after the mirroring. */
export interface Crop {
  top: number;
  left: number;
  flip: boolean;
}

/** A mixing picture by its number in the set, and the corner of its crop in pixels. */
export interface MixingCrop {
  picture: number;
  top: number;
  left: number;
}

/**
 * A picture to read and the op it passes through on the way. A slot holds a picture between two
 * stages; slot 0 starts as the cropped training picture.
 */
export interface Operand {
  from: number | "mixing";
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
 * (seed, index, epoch). Without stages the cropped picture goes to the output.
 */
export interface PicturePlan {
  index: number;
  epoch: number;
  crop: Crop;
  mixing?: MixingCrop;
  stages: Stage[];
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
