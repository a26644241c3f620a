/** How well confidence tells right from wrong; every figure is a fraction in 0..1. */
export interface Calibration {
  /** Root mean square of confidence minus accuracy, over bins of 100. */
  rms: number;
  /** `rms` as the published code has it, which never counts the last, most confident bin. */
  rms_reference: number;
  /** Mean absolute difference of confidence and accuracy, over the same bins. */
  mad: number;
  /** `mad` without the last bin, as the published code has it. */
  mad_reference: number;
  /** Area under the response rate-accuracy curve; higher is better. */
  aurra: number;
  /** Soft F1 score of low confidence as a detector of wrong answers; higher is better. */
  soft_f1: number;
}

/** Samples a bin; the last bin also takes the remainder. */
const binSize = 100;

/**
 * Calibration and misclassification-detection figures of n samples.
 * Source: `calibration_tools.py` of Hendrycks et al. 2019 (outlier exposure), which the AugMix,
 * PixMix and LayerMix scripts copy. Equal confidences are taken in the samples' order, so a
 * result depends on nothing else. A confidence that is NaN makes every figure NaN.
 *
 * @param confidence (n) in 0..1
 * @param correct (n) of 0 or 1
 * @throws {RangeError} when there are no samples, or the lengths differ
 */
export function calibration(
  confidence: Float64Array | Float32Array,
  correct: ArrayLike<number>,
): Calibration {
  const count = confidence.length;
  if (count === 0 || count !== correct.length) {
    throw new RangeError(
      `Cannot measure calibration: expected as many answers as confidences, at least 1, ` +
        `but found ${correct.length} and ${count}`,
    );
  }
  if (confidence.some(Number.isNaN)) {
    return {
      rms: NaN,
      rms_reference: NaN,
      mad: NaN,
      mad_reference: NaN,
      aurra: NaN,
      soft_f1: NaN,
    };
  }
  const order = Uint32Array.from(confidence.keys())
    .sort((a, b) => confidence[a]! - confidence[b]! || a - b);
  return {
    ...binned(confidence, correct, order),
    aurra: aurra(correct, order),
    soft_f1: softF1(confidence, correct),
  };
}

/** The four figures over bins of samples, least confident first in `order`. */
function binned(
  confidence: Float64Array | Float32Array,
  correct: ArrayLike<number>,
  order: Uint32Array,
): Pick<Calibration, "rms" | "rms_reference" | "mad" | "mad_reference"> {
  const count = order.length;
  const bins = Math.max(1, Math.floor(count / binSize));
  let [square, absolute, squareBefore, absoluteBefore] = [0, 0, 0, 0];
  for (let bin = 0; bin < bins; bin++) {
    const end = bin === bins - 1 ? count : (bin + 1) * binSize;
    let difference = 0;
    for (let rank = bin * binSize; rank < end; rank++) {
      difference += confidence[order[rank]!]! - correct[order[rank]!]!;
    }
    [squareBefore, absoluteBefore] = [square, absolute];
    square += difference * difference / (end - bin * binSize) / count;
    absolute += Math.abs(difference) / count;
  }
  return {
    rms: Math.sqrt(square),
    rms_reference: Math.sqrt(squareBefore),
    mad: absolute,
    mad_reference: absoluteBefore,
  };
}

/** Mean over n of the accuracy of the n most confident samples. */
function aurra(correct: ArrayLike<number>, order: Uint32Array): number {
  let [right, area] = [0, 0];
  for (let taken = 1; taken <= order.length; taken++) {
    right += correct[order[order.length - taken]!]!;
    area += right / taken;
  }
  return area / order.length;
}

/** 2 sum((1 - confidence) wrong) / sum(1 - confidence + wrong); 0 when nothing is doubted or wrong. */
function softF1(confidence: Float64Array | Float32Array, correct: ArrayLike<number>): number {
  let [found, total] = [0, 0];
  for (let index = 0; index < confidence.length; index++) {
    const doubt = 1 - confidence[index]!;
    const wrong = 1 - correct[index]!;
    found += doubt * wrong;
    total += doubt + wrong;
  }
  return total === 0 ? 0 : 2 * found / total;
}
