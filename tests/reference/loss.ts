import type { Values } from "./values.ts";

/** A picture's two labels: `first` has `weight`, in [0, 1], and `second` the rest. */
export interface LabelPair {
  first: number;
  second: number;
  weight: number;
}

/** One label as a pair whose second one, with no weight, is of class `second`. */
export const plain = (label: number, second = label): LabelPair => ({
  first: label,
  second,
  weight: 1,
});

/** What cross-entropy says of one picture. */
export interface Judgement {
  loss: number;
  /** Hits among the highest logits, weighted as the labels; equal logits rank by class number. */
  top1: number;
  top5: number;
}

/** -log softmax(logits) per class of one row. */
export function negativeLogSoftmax(row: Float64Array): Float64Array {
  const highest = row.reduce((a, b) => Math.max(a, b));
  const sum = row.reduce((total, value) => total + Math.exp(value - highest), 0);
  return row.map((value) => Math.log(sum) - (value - highest));
}

/** The weighted mean of -log softmax(logits)[label] per row of logits (batch × classes). */
export function softmaxCrossEntropy(logits: Values, pairs: readonly LabelPair[]): Judgement[] {
  const [, classes] = logits.shape as [number, number];
  return pairs.map(({ first, second, weight }, n) => {
    const row = logits.data.subarray(n * classes, (n + 1) * classes);
    const losses = negativeLogSoftmax(row);
    const order = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b);
    const weigh = (of: (label: number) => number) => weight * of(first) + (1 - weight) * of(second);
    return {
      loss: weigh((label) => losses[label]!),
      top1: weigh((label) => Number(order.indexOf(label) === 0)),
      top5: weigh((label) => Number(order.indexOf(label) < 5)),
    };
  });
}
