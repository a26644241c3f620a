import type { Stream } from "../random/stream.ts";
import { beginPlan, type Patch, type PicturePlan, type PlanOptions, type Stage } from "./plan.ts";
import type { MethodLayout } from "./jobs.ts";

/** What MixUp's and CutMix's draws depend on, besides the batch and the epoch. */
export interface PairMixingOptions extends PlanOptions {
  /** The share of a picture's own label is drawn from Beta(alpha, alpha); > 0. */
  alpha: number;
  /** In pixels. */
  width: number;
  /** Pixels down. */
  height: number;
}

/** How both use the machine: two crops, one blend. */
export const pairMixingLayout: MethodLayout = {
  ...{ slots: 1, temporaries: 0, tables: 0, rounds: 1, jobs: 3, blends: ["weigh"] },
};

/**
 * Makes MixUp of the plans of a batch: λ x + (1 - λ) x', where x' is the picture before it in the
 * batch (the last one for the first), and so the label. One λ for the batch, a function of
 * (seed, first picture, epoch).
 *
 * Source: Zhang et al. 2018 (arXiv 1710.09412); torchvision.transforms.v2.MixUp.
 */
export function mixUp(options: PairMixingOptions, plans: readonly PicturePlan[]): PicturePlan[] {
  const own = drawShare(options, plans)?.share ?? 1;
  return paired(plans, 1 - own, { blend: { kind: "weigh", a: own, b: 1 - own } });
}

/**
 * Makes CutMix of the plans of a batch: a rectangle of about (1 - λ) of the picture is taken from
 * the picture before it, and by the rectangle's true share so is the label. One rectangle for the
 * batch, a function of (seed, first picture, epoch).
 *
 * Source: Yun et al. 2019 (arXiv 1905.04899); torchvision.transforms.v2.CutMix.
 */
export function cutMix(options: PairMixingOptions, plans: readonly PicturePlan[]): PicturePlan[] {
  const draw = drawShare(options, plans);
  if (!draw) return [];
  const within = drawBox(draw.stream, draw.share, options);
  const weight = within.width * within.height / (options.width * options.height);
  return paired(plans, weight, { blend: { kind: "weigh", a: 0, b: 1 }, within });
}

/** λ of a batch, and the stream that it came from. */
function drawShare(
  options: PairMixingOptions,
  [first]: readonly PicturePlan[],
): { share: number; stream: Stream } | undefined {
  if (!first) return undefined;
  const { stream } = beginPlan(options, first.index, first.epoch);
  return { share: stream.beta(options.alpha, options.alpha), stream };
}

/** A rectangle of the picture's proportions about a point of it, cut at the border. */
function drawBox(stream: Stream, share: number, { width, height }: PairMixingOptions): Patch {
  const [x, y] = [stream.integer(width), stream.integer(height)];
  const half = 0.5 * Math.sqrt(1 - share);
  const [across, down] = [Math.trunc(half * width), Math.trunc(half * height)];
  const left = Math.max(0, x - across), top = Math.max(0, y - down);
  return {
    ...{ left, top },
    width: Math.min(width, x + across) - left,
    height: Math.min(height, y + down) - top,
  };
}

function paired(
  plans: readonly PicturePlan[],
  weight: number,
  how: Pick<Stage, "blend" | "within">,
): PicturePlan[] {
  const stages: Stage[] = [{ a: { from: 0 }, b: { from: "partner" }, ...how, to: "output" }];
  return plans.map((plan, i) => {
    const place = (i || plans.length) - 1, { index, crop } = plans[place]!;
    return { ...plan, partner: { index, place, crop, weight }, stages };
  });
}
