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

/** F.kl_div(input, target, reduction="sum"): target · (log target - input), 0 where target is 0. */
function divergence(input: Float64Array, target: Float64Array): number {
  return target.reduce((sum, p, c) => p === 0 ? sum : sum + p * (Math.log(p) - input[c]!), 0);
}

/**
 * AugMix's loss per picture, as its published code has it, of logits (3 pictures × classes) whose
 * row 3 i + v is view v of picture i; hits are of view 0.
 */
export function jsdCrossEntropy(logits: Values, pairs: readonly LabelPair[]): Judgement[] {
  const classes = logits.shape[1]!;
  const rowOf = (row: number) => logits.data.slice(row * classes, (row + 1) * classes);
  return pairs.map((pair, n) => {
    const clean = { shape: [1, classes], data: rowOf(3 * n) };
    const [judged] = softmaxCrossEntropy(clean, [pair]);
    const [p, q, r] = [0, 1, 2].map((view) =>
      negativeLogSoftmax(rowOf(3 * n + view)).map((value) => Math.exp(-value))
    ) as [Float64Array, Float64Array, Float64Array];
    const mixture = p.map((value, c) =>
      Math.log(Math.min(1, Math.max(1e-7, (value + q[c]! + r[c]!) / 3)))
    );
    const consistency = (divergence(mixture, p) + divergence(mixture, q) +
      divergence(mixture, r)) / 3;
    return { ...judged!, loss: judged!.loss + 12 * consistency };
  });
}
