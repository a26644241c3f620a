import { type Calibration, calibration } from "./calibration.ts";

/** What a network's answers are worth; `error` and `top5_error` are fractions in 0..1. */
export interface Classification {
  count: number;
  error: number;
  /** Share of samples whose label is not among the five largest logits; 0 for 5 classes or fewer. */
  top5_error: number;
  /** Mean cross-entropy in nats. */
  loss: number;
  /** (count) largest softmax probability of each sample. */
  confidence: Float64Array;
  /** (count) 1 where the first largest logit is the label's, else 0. */
  correct: Uint8Array;
}

/** The figures of one test set; all but `count` and `loss` are fractions in 0..1. */
export type Evaluation =
  & Pick<Classification, "count" | "error" | "top5_error" | "loss">
  & Pick<Calibration, "rms" | "rms_reference" | "mad" | "aurra" | "soft_f1">;

/**
 * Error, loss and confidence of logits, computed in f64 with the largest logit subtracted. Of
 * equal logits the first counts as larger. A row with a NaN has no right answer, and makes the
 * loss NaN.
 *
 * @param logits (n × classes), row i from i * stride on
 * @param labels (n) in 0..classes-1
 * @param stride elements from row to row, at least `classes`
 * @throws {RangeError} when there are no labels, a label is out of range, or logits are missing
 */
export function classify(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  stride: number = classes,
): Classification {
  checkSizes(logits, labels, classes, stride);
  const count = labels.length;
  const confidence = new Float64Array(count);
  const correct = new Uint8Array(count);
  let [right, missed, loss] = [0, 0, 0];
  for (let row = 0; row < count; row++) {
    const label = labels[row]!;
    const values = logits.subarray(row * stride, row * stride + classes);
    const rank = rankOf(values, label);
    const largest = values.reduce((a, b) => Math.max(a, b));
    const sum = values.reduce((total, value) => total + Math.exp(value - largest), 0);
    confidence[row] = 1 / sum;
    loss += Math.log(sum) + largest - values[label]!;
    if (rank === 0 && sum > 0) correct[row] = 1; // sum is NaN when a logit is
    right += correct[row]!;
    missed += Number(rank >= 5);
  }
  return {
    count,
    error: (count - right) / count,
    top5_error: missed / count,
    loss: loss / count,
    confidence,
    correct,
  };
}

/** Every figure of one test set from its logits; see {@link classify} for the arguments. */
export function evaluateLogits(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  stride: number = classes,
): Evaluation {
  const { confidence, correct, ...figures } = classify(logits, labels, classes, stride);
  const { rms, rms_reference, mad, aurra, soft_f1 } = calibration(confidence, correct);
  return { ...figures, rms, rms_reference, mad, aurra, soft_f1 };
}

/** How many logits come before the label's, largest first; the label is last if one is NaN. */
function rankOf(values: Float32Array, label: number): number {
  const own = values[label]!;
  let rank = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (Number.isNaN(value)) return values.length - 1;
    if (value > own || (value === own && index < label)) rank++;
  }
  return rank;
}

function checkSizes(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  stride: number,
): void {
  const count = labels.length;
  if (count === 0) throw new RangeError("Cannot classify: expected at least 1 label but found 0");
  if (!(classes >= 1 && stride >= classes)) {
    throw new RangeError(
      `Cannot classify: expected a stride of at least the classes, at least 1, ` +
        `but found ${stride} for ${classes}`,
    );
  }
  const needed = (count - 1) * stride + classes;
  if (logits.length < needed) {
    throw new RangeError(
      `Cannot classify: expected ${needed} logits for ${count} labels but found ${logits.length}`,
    );
  }
  for (let row = 0; row < count; row++) {
    const label = labels[row]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new RangeError(
        `Cannot classify: expected labels in 0..${classes - 1} but found ${label} at ${row}`,
      );
    }
  }
}
