import { type Calibration, calibration } from "./calibration.ts";

/** A network's answers to some pictures of a test set, which add up to those to all of it. */
export interface Answers {
  count: number;
  /** Samples whose label is not among the five largest logits; 0 for 5 classes or fewer. */
  missed5: number;
  /** The sum of the cross-entropies, in nats. */
  loss_sum: number;
  /** (count) largest softmax probability of each sample. */
  confidence: Float64Array;
  /** (count) 1 where the first largest logit is the label's, else 0. */
  correct: Uint8Array;
}

/** The figures of one test set; all but `count` and `loss` are fractions in 0..1. */
export interface Evaluation
  extends Pick<Calibration, "rms" | "rms_reference" | "mad" | "aurra" | "soft_f1"> {
  /** How many pictures there are. */
  count: number;
  /** The share that is of another class. */
  error: number;
  /** Share of samples whose label is not among the five largest logits. */
  top5_error: number;
  /** Mean cross-entropy in nats. */
  loss: number;
}

/**
 * Right and wrong, loss and confidence of logits, computed in f64 with the largest logit subtracted.
 * Of equal logits the first counts as larger. A row with a NaN has no right answer, and makes the
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
): Answers {
  checkSizes(logits, labels, classes, stride);
  const count = labels.length;
  const confidence = new Float64Array(count);
  const correct = new Uint8Array(count);
  let [missed5, loss_sum] = [0, 0];
  for (let row = 0; row < count; row++) {
    const label = labels[row]!;
    const values = logits.subarray(row * stride, row * stride + classes);
    const rank = rankOf(values, label);
    const largest = values.reduce((a, b) => Math.max(a, b));
    const sum = values.reduce((total, value) => total + Math.exp(value - largest), 0);
    confidence[row] = 1 / sum;
    loss_sum += Math.log(sum) + largest - values[label]!;
    if (rank === 0 && sum > 0) correct[row] = 1; // sum is NaN when a logit is
    missed5 += Number(rank >= 5);
  }
  return { count, missed5, loss_sum, confidence, correct };
}

/** Every figure of one test set from its logits; see {@link classify} for the arguments. */
export function evaluateLogits(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classes: number,
  stride: number = classes,
): Evaluation {
  return evaluateAnswers([classify(logits, labels, classes, stride)]);
}

/**
 * Every figure of one test set from the answers to its parts, in order.
 *
 * @throws {RangeError} when there are none
 */
export function evaluateAnswers(parts: readonly Answers[]): Evaluation {
  const sum = (value: (part: Answers) => number) =>
    parts.reduce((total, part) => total + value(part), 0);
  const count = sum((part) => part.count);
  const confidence = new Float64Array(count), correct = new Uint8Array(count);
  let first = 0;
  for (const part of parts) {
    confidence.set(part.confidence, first);
    correct.set(part.correct, first);
    first += part.count;
  }
  const { rms, rms_reference, mad, aurra, soft_f1 } = calibration(confidence, correct);
  return {
    count,
    error: (count - correct.reduce((right, one) => right + one, 0)) / count,
    top5_error: sum((part) => part.missed5) / count,
    loss: sum((part) => part.loss_sum) / count,
    ...{ rms, rms_reference, mad, aurra, soft_f1 },
  };
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
