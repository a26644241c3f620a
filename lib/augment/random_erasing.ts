import type { Stream } from "../random/stream.ts";
import { beginPlan, type Patch, type PicturePlan, type PlanOptions } from "./plan.ts";
import type { MethodLayout } from "./jobs.ts";

/** What RandomErasing's draws depend on, besides the picture's index and the epoch. */
export interface RandomErasingOptions extends PlanOptions {
  /** In pixels. */
  width: number;
  height: number;
}

/** torchvision's defaults: how often, share of the area, and height : width. */
const PROBABILITY = 0.5;
const AREA = [0.02, 0.33] as const;
const RATIO = [0.3, 3.3] as const;
const ATTEMPTS = 10;

/** How RandomErasing uses the machine. */
export const randomErasingLayout: MethodLayout = {
  ...{ slots: 1, temporaries: 0, tables: 0, rounds: 1, jobs: 2, blends: ["erase"] },
};

/**
 * Draws RandomErasing for one picture: with probability 1/2 a rectangle becomes 0 in the normalised
 * picture.
 *
 * Source: Zhong et al. 2020 (arXiv 1708.04896); torchvision.transforms.RandomErasing.
 */
export function planRandomErasing(
  options: RandomErasingOptions,
  index: number,
  epoch: number,
  view?: number,
): PicturePlan {
  const { stream, start } = beginPlan(options, index, epoch, view);
  const within = stream.chance(PROBABILITY) ? drawRectangle(stream, options) : undefined;
  if (!within) return { ...start, stages: [] };
  const here = { from: 0 };
  const stage = { a: here, b: here, blend: { kind: "erase" }, within, to: "output" } as const;
  return { ...start, stages: [stage] };
}

/** A rectangle inside the picture; nothing where ten draws do not fit. */
function drawRectangle(stream: Stream, { width, height }: RandomErasingOptions): Patch | undefined {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const area = width * height * stream.between(...AREA);
    const ratio = Math.exp(stream.between(Math.log(RATIO[0]), Math.log(RATIO[1])));
    const [down, across] = [Math.sqrt(area * ratio), Math.sqrt(area / ratio)].map(Math.round) as [
      number,
      number,
    ];
    if (down >= height || across >= width) continue;
    const top = stream.integer(height - down + 1);
    return { top, left: stream.integer(width - across + 1), width: across, height: down };
  }
  return undefined;
}
