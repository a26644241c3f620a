import type { Stream } from "../random/stream.ts";
import { chainsLayout, chainSlot, mixtureStage } from "./augmix.ts";
import { blendNames, drawBlend } from "./blends.ts";
import { drawOp, drawOperand, type OpOptions, opsOf } from "./draw_ops.ts";
import { drawMixing, type MixingOptions, type MixingSizes } from "./mixing.ts";
import { ipmixPilOps } from "./op_sets.ts";
import {
  beginPlan,
  type Operand,
  type Patch,
  type PicturePlan,
  type PlanOptions,
  type Stage,
} from "./plan.ts";
import type { MethodLayout } from "./jobs.ts";

/** What IPMix's draws depend on, besides the picture's index and the epoch. */
export interface IpmixOptions extends PlanOptions, OpOptions, MixingOptions {
  /** Chains that are mixed. */
  k: number;
  /** Ops or patches of a chain at the most. */
  t: number;
  /** The parameter of the Beta distributions, > 0. */
  blendingRatio: number;
}

/** Sides of patches in pixels: CIFAR's, and those that are added for larger pictures. */
const PATCH_SIDES = [4, 8, 16, 32];
const LARGE_PATCH_SIDES = [...PATCH_SIDES, 64, 224];

/** How IPMix uses the machine: a patch takes less than an op. */
export function ipmixLayout({ ops, k, t }: IpmixOptions): MethodLayout {
  const layout = chainsLayout(ops, k, t);
  return ops === "pil"
    ? { ...layout, byteBlends: blendNames }
    : { ...layout, blends: [...layout.blends, ...blendNames] };
}

/** The ops of IPMix. */
export function ipmixOps(options: OpOptions) {
  return opsOf(options, options.ops === "pil" ? ipmixPilOps : undefined);
}

/**
 * Draws IPMix for one picture: (1 - m) x + m Σ wᵢ chainᵢ(x), where a chain is up to t ops, or up to t
 * patches of the mixing picture blended in.
 *
 * Source: IPMix (Huang et al. 2023, arXiv 2310.04780) and its published code.
 */
export function planIpmix(
  options: IpmixOptions,
  mixing: MixingSizes,
  index: number,
  epoch: number,
  view?: number,
): PicturePlan {
  const { stream, start } = beginPlan(options, index, epoch, view);
  const weights = stream.dirichlet(options.k);
  const share = stream.uniform();
  const stages: Stage[] = [];
  weights.forEach((weight, chain) => {
    const steps = (isPatches: boolean) => {
      const count = stream.integer(options.t + 1);
      return isPatches
        ? patches(stream, options, stages, chain, count)
        : chainOps(stream, options, stages, chain, count);
    };
    stages.push(mixtureStage(steps(stream.chance()), chain, weights.length, share, weight));
  });
  return {
    ...start,
    stages,
    mixing: drawMixing(stream, mixing, options),
  };
}

/** Appends all ops of a chain but the last, and returns the chain's end. */
function chainOps(
  stream: Stream,
  options: IpmixOptions,
  stages: Stage[],
  chain: number,
  count: number,
): Operand {
  const list = ipmixOps(options);
  let at: Operand = { from: 0 };
  for (let step = 0; step < count; step++) {
    at = drawOperand(stream, options, drawOp(stream, list), chainSlot(chain, step));
    if (step + 1 < count) stages.push({ a: at, to: chainSlot(chain, step + 1) });
  }
  return at;
}

/** Appends the patches of a chain, and returns its end. */
function patches(
  stream: Stream,
  options: IpmixOptions,
  stages: Stage[],
  chain: number,
  count: number,
): Operand {
  const slot = chainSlot(chain, 1);
  for (let step = 0; step < count; step++) {
    stages.push({
      a: { from: step === 0 ? 0 : slot },
      b: { from: "mixing" },
      blend: drawBlend(stream, options.blendingRatio, blendNames),
      within: drawPatch(stream, options),
      bytes: options.ops === "pil",
      to: slot,
    });
  }
  return { from: count ? slot : 0 };
}

/**
 * Draws where a patch lies: a square of a drawn side inside the picture or, as often, a rectangle from
 * its corner with sides of 2 pixels up to that. Where the picture is smaller it is cut.
 */
export function drawPatch(
  stream: Stream,
  { width, height }: Pick<IpmixOptions, "width" | "height">,
): Patch {
  const sides = Math.max(width, height) > 64 ? LARGE_PATCH_SIDES : PATCH_SIDES;
  const side = sides[stream.integer(sides.length)]!;
  const left = stream.integer(Math.max(1, width - side + 1));
  const top = stream.integer(Math.max(1, height - side + 1));
  const isSquare = stream.chance();
  const [across, down] = isSquare
    ? [side, side]
    : [2 + stream.integer(side - 1), 2 + stream.integer(side - 1)];
  return { left, top, width: Math.min(across, width - left), height: Math.min(down, height - top) };
}
