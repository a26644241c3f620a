import { type PicturePlan, planCrop } from "./plan.ts";

/** The usual training augmentation alone: mirror, pad and crop. */
export function planBaseline(
  options: { seed: number; padding: number },
  index: number,
  epoch: number,
): PicturePlan {
  return {
    index,
    epoch,
    crop: planCrop(options.seed, index, epoch, options.padding),
    stages: [],
  };
}
