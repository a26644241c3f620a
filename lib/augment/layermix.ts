import { Purpose, Stream } from "../random/stream.ts";
import { drawBlend } from "./blends.ts";
import { drawMixing, type MixingPictures } from "./mixing.ts";
import { drawOp, drawOperand, type OpOptions, opsOf } from "./draw_ops.ts";
import { type PicturePlan, planCrop, type Stage } from "./plan.ts";
import type { MethodLayout } from "./schedule.ts";

/** What LayerMix's draws depend on, besides the picture's index and the epoch. */
export interface LayermixOptions extends OpOptions {
  seed: number;
  /** The blending ratio r of the Beta distributions, > 0. */
  blendingRatio: number;
  /** Pixels of padding around the training picture before it is cropped. */
  padding: number;
}

/** How LayerMix uses the machine: crop, ops, two blends, op. */
export const layermixLayout: MethodLayout = {
  phases: ["unary", "statistics", "unary", "blend", "blend", "statistics", "unary"],
  ...{ slots: 2, temporaries: 2, jobs: 9 },
};

/**
 * Draws LayerMix for one picture: op, blend with a second op of the same kind, blend with a mixing
 * picture, op; after the first or second layer it may stop.
 *
 * Source: LayerMix (arXiv 2501.04861) and its published code.
 */
export function planLayermix(
  options: LayermixOptions,
  mixing: MixingPictures,
  index: number,
  epoch: number,
): PicturePlan {
  const stream = new Stream(options.seed, Purpose.augment, index, epoch);
  const crop = planCrop(options.seed, index, epoch, options.padding);
  const steps = stream.integer(3);
  const op = drawOp(stream, opsOf(options));
  const layer = (from: number) => drawOperand(stream, options, op, from);
  const first = layer(0);
  if (steps === 0) return { index, epoch, crop, stages: [{ a: first, to: "output" }] };
  const second: Stage = {
    a: first,
    b: layer(0),
    blend: drawBlend(stream, options.blendingRatio),
    to: steps === 1 ? "output" : 1,
  };
  if (steps === 1) return { index, epoch, crop, stages: [second] };
  const third: Stage = {
    a: { from: 1 },
    b: { from: "mixing" },
    blend: drawBlend(stream, options.blendingRatio),
    to: 0,
  };
  return {
    index,
    epoch,
    crop,
    mixing: drawMixing(stream, mixing, options.width, options.height),
    stages: [second, third, { a: layer(0), to: "output" }],
  };
}
