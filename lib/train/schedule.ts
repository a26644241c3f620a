import type { TrainSettings } from "./settings.ts";

/**
 * The learning rate at a step: a cosine from `baseLearningRate` at the first step to `floor` at
 * `totalSteps` (Loshchilov & Hutter 2017, SGDR, equation 5, without restarts), after `warmup`
 * steps that rise in a straight line from `floor`. Beyond `totalSteps` it stays at `floor`.
 *
 * @param step 0-based, counted over the whole training
 * @param floor in the unit of the learning rate, not a factor
 * @throws {RangeError} when the steps are not 0 <= warmup < totalSteps, or the base is not positive
 */
export function cosine(
  baseLearningRate: number,
  step: number,
  totalSteps: number,
  floor = 1e-6,
  warmup = 0,
): number {
  if (!(warmup >= 0 && warmup < totalSteps)) {
    throw new RangeError(
      `Cannot plan the learning rate: expected 0 <= warm-up < total steps ` +
        `but found ${warmup} and ${totalSteps}`,
    );
  }
  if (!(baseLearningRate > 0 && floor >= 0 && step >= 0)) {
    throw new RangeError(
      `Cannot plan the learning rate: expected a base above 0, a floor and a step of at least 0 ` +
        `but found ${baseLearningRate}, ${floor} and ${step}`,
    );
  }
  const least = floor / baseLearningRate;
  const height = step < warmup
    ? step / warmup
    : (1 + Math.cos(Math.PI * Math.min(1, (step - warmup) / (totalSteps - warmup)))) / 2;
  return baseLearningRate * (least + (1 - least) * height);
}

/** The learning rate of a step of training. */
export function learningRateAt(
  { learningRate, warmupEpochs, epochs }: Pick<
    TrainSettings,
    "learningRate" | "warmupEpochs" | "epochs"
  >,
  step: number,
  totalSteps: number,
): number {
  // A warm-up is shorter than the run, so that the floor leaves a step for the cosine.
  const warmup = Math.floor(warmupEpochs / epochs * totalSteps);
  return cosine(learningRate, step, totalSteps, undefined, warmup);
}
