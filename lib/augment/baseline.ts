import { beginPlan, type PicturePlan, type PlanOptions } from "./plan.ts";

/** The usual training augmentation alone: mirror, pad and crop. */
export function planBaseline(options: PlanOptions, index: number, epoch: number): PicturePlan {
  return { ...beginPlan(options, index, epoch).start, stages: [] };
}
