import { drawOp, drawOperand, type OpOptions, opsOf } from "./draw_ops.ts";
import type { OpSet } from "./op_sets.ts";
import { beginPlan, type Operand, type PicturePlan, type PlanOptions, type Stage } from "./plan.ts";
import type { MethodLayout } from "./jobs.ts";

/** What AugMix's draws depend on, besides the picture's index and the epoch. */
export interface AugmixOptions extends PlanOptions, OpOptions {
  /** Chains that are mixed. */
  mixtureWidth: number;
  /** Ops of a chain; 0 draws 1, 2 or 3 for each. */
  mixtureDepth: number;
}

const MOST_OPS = 3;

/** The slot in which the mixture grows, and the first of the two of each chain. */
const MIXTURE = 1;
const CHAINS = 2;

/** How AugMix uses the machine. */
export function augmixLayout({ ops, mixtureWidth, mixtureDepth }: AugmixOptions): MethodLayout {
  return chainsLayout(ops, mixtureWidth, mixtureDepth || MOST_OPS);
}

/** How chains of ops side by side use the machine, each op after what it needs to know; then the sum. */
export function chainsLayout(ops: OpSet, chains: number, depth: number): MethodLayout {
  return {
    slots: CHAINS + 2 * chains,
    temporaries: chains,
    tables: chains * depth,
    rounds: 2 + 2 * depth,
    jobs: 2 + chains * (4 * depth + 1),
    ...{ byteSlots: ops === "pil", blends: ["weigh"] },
  };
}

/** The slot that a chain's step reads; the next one it writes. */
export function chainSlot(chain: number, step: number): number {
  return step === 0 ? 0 : CHAINS + 2 * chain + step % 2;
}

/**
 * Draws AugMix for one picture: (1 - m) x + m Σ wᵢ chainᵢ(x), w from Dirichlet(1, …, 1) and m from
 * Beta(1, 1).
 *
 * Source: AugMix (Hendrycks et al. 2020, arXiv 1912.02781), algorithm 1, and its published code.
 */
export function planAugmix(
  options: AugmixOptions,
  index: number,
  epoch: number,
  view?: number,
): PicturePlan {
  const { stream, start } = beginPlan(options, index, epoch, view);
  const { mixtureWidth, mixtureDepth } = options;
  const list = opsOf(options);
  const weights = stream.dirichlet(mixtureWidth);
  const share = stream.uniform();
  const stages: Stage[] = [];
  weights.forEach((weight, chain) => {
    const depth = mixtureDepth || 1 + stream.integer(MOST_OPS);
    let at: Operand = { from: 0 };
    for (let step = 0; step < depth; step++) {
      at = drawOperand(stream, options, drawOp(stream, list), chainSlot(chain, step));
      if (step + 1 < depth) stages.push({ a: at, to: chainSlot(chain, step + 1) });
    }
    stages.push(mixtureStage(at, chain, weights.length, share, weight));
  });
  return { ...start, stages };
}

/**
 * Adds a chain to the mixture, which starts as the picture's own share.
 *
 * @param share m, and `weight` the chain's part of it
 */
export function mixtureStage(
  chain: Operand,
  number: number,
  count: number,
  share: number,
  weight: number,
): Stage {
  return {
    a: { from: number === 0 ? 0 : MIXTURE },
    b: chain,
    blend: { kind: "weigh", a: number === 0 ? 1 - share : 1, b: share * weight },
    to: number + 1 === count ? "output" : MIXTURE,
  };
}
