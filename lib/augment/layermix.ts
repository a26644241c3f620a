import { blendNames, drawBlend } from "./blends.ts";
import { drawMixing, type MixingOptions, type MixingSizes } from "./mixing.ts";
import { drawOp, drawOperand, type OpOptions, opsOf } from "./draw_ops.ts";
import { beginPlan, type PicturePlan, type PlanOptions, type Stage } from "./plan.ts";
import type { MethodLayout } from "./jobs.ts";

/** What LayerMix's draws depend on, besides the picture's index and the epoch. */
export interface LayermixOptions extends PlanOptions, OpOptions, MixingOptions {
  /** The blending ratio r of the Beta distributions, > 0. */
  blendingRatio: number;
}

/** How LayerMix uses the machine: a crop, ops and two blends, an op; and what ops need to know. */
export const layermixLayout: MethodLayout = {
  ...{ slots: 2, temporaries: 2, tables: 2, rounds: 6, jobs: 13 },
  blends: blendNames,
};

/**
 * Draws LayerMix for one picture: op, blend with a second op of the same kind, blend with a mixing
 * picture, op; after the first or second layer it may stop.
 *
 * Source: LayerMix (arXiv 2501.04861) and its published code.
 */
export function planLayermix(
  options: LayermixOptions,
  mixing: MixingSizes,
  index: number,
  epoch: number,
  view?: number,
): PicturePlan {
  const { stream, start } = beginPlan(options, index, epoch, view);
  const steps = stream.integer(3);
  const op = drawOp(stream, opsOf(options));
  const layer = (from: number) => drawOperand(stream, options, op, from);
  const first = layer(0);
  if (steps === 0) return { ...start, stages: [{ a: first, to: "output" }] };
  const second: Stage = {
    a: first,
    b: layer(0),
    blend: drawBlend(stream, options.blendingRatio),
    to: steps === 1 ? "output" : 1,
  };
  if (steps === 1) return { ...start, stages: [second] };
  const third: Stage = {
    a: { from: 1 },
    b: { from: "mixing" },
    blend: drawBlend(stream, options.blendingRatio),
    to: 0,
  };
  return {
    ...start,
    mixing: drawMixing(stream, mixing, options),
    stages: [second, third, { a: layer(0), to: "output" }],
  };
}
