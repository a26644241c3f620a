import type { PicturePlan } from "./plan.ts";

/**
 * The labels of augmented pictures as probabilities: 1 for a picture's class, but where MixUp or
 * CutMix mixed in another picture, the part of that one's class that it has of the picture.
 *
 * @param plans what `plan` gave
 * @param labels of the pictures that were given, in {0, …, classes - 1}
 * @returns (plans × classes), views of a picture one after the other
 * @throws {RangeError} when there are no whole number of plans for each label, or a label is no class
 */
export function mixedLabels(
  plans: readonly PicturePlan[],
  labels: ArrayLike<number>,
  classes: number,
): Float32Array<ArrayBuffer> {
  const views = plans.length / labels.length;
  if (!Number.isInteger(views)) {
    throw new RangeError(
      `Cannot mix labels: expected one for each picture but found ${labels.length} ` +
        `for ${plans.length} plans`,
    );
  }
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (Number.isInteger(label) && label >= 0 && label < classes) continue;
    throw new RangeError(
      `Cannot mix labels: expected label ${i} of 0 … ${classes - 1} but found ${label}`,
    );
  }
  const mixed = new Float32Array(plans.length * classes);
  for (const [row, { partner }] of plans.entries()) {
    const picture = Math.floor(row / views);
    const [weight, place] = [partner?.weight ?? 0, partner?.place ?? picture];
    mixed[row * classes + labels[picture]!]! += 1 - weight;
    mixed[row * classes + labels[place]!]! += weight;
  }
  return mixed;
}
