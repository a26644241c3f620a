import { type BlendName, drawBlend } from "./blends.ts";
import { drawOp, drawOperand, type OpOptions, opsOf } from "./draw_ops.ts";
import { drawMixing, type MixingOptions, type MixingSizes } from "./mixing.ts";
import { beginPlan, type PicturePlan, type PlanOptions, type Stage } from "./plan.ts";
import type { MethodLayout } from "./jobs.ts";

/** What PixMix's draws depend on, besides the picture's index and the epoch. */
export interface PixmixOptions extends PlanOptions, OpOptions, MixingOptions {
  /** Rounds of mixing at the most. */
  k: number;
  /** The parameter of the Beta distributions, > 0. */
  blendingRatio: number;
}

const kinds: readonly BlendName[] = ["add", "multiply"];

/** How PixMix uses the machine: a crop, what ops need to know of it; ops and blends. */
export function pixmixLayout({ k, ops }: PixmixOptions): MethodLayout {
  return {
    ...{ slots: 2, temporaries: k + 1, tables: 3, rounds: 4, jobs: 12 + 2 * k },
    ...{ byteSlots: ops === "pil", blends: kinds },
  };
}

/**
 * Draws PixMix for one picture: the picture or an op of it, blended in up to k rounds with an op of
 * the picture or with the mixing picture.
 *
 * Source: PixMix (Hendrycks et al. 2022, arXiv 2112.05135) and its published code.
 */
export function planPixmix(
  options: PixmixOptions,
  mixing: MixingSizes,
  index: number,
  epoch: number,
  view?: number,
): PicturePlan {
  const { stream, start } = beginPlan(options, index, epoch, view);
  const list = opsOf(options);
  const augmented = () => drawOperand(stream, options, drawOp(stream, list), 0);
  const first = stream.chance() ? augmented() : { from: 0 };
  const rounds = stream.integer(options.k + 1);
  const stages: Stage[] = [];
  for (let round = 1; round <= rounds; round++) {
    stages.push({
      a: round === 1 ? first : { from: 1 },
      b: stream.chance() ? augmented() : { from: "mixing" },
      blend: drawBlend(stream, options.blendingRatio, kinds),
      to: round === rounds ? "output" : 1,
    });
  }
  return {
    ...start,
    mixing: drawMixing(stream, mixing, options),
    stages: rounds ? stages : [{ a: first, to: "output" }],
  };
}
