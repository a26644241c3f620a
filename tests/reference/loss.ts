import type { Values } from "./values.ts";

/** What softmax cross-entropy says of one picture. */
export interface Judgement {
  loss: number;
  /** The label's place among the logits, 0 for the highest; equal ones rank by class number. */
  rank: number;
}

/** -log softmax(logits)[label] per row of logits (batch × classes), and the label's rank. */
export function softmaxCrossEntropy(logits: Values, labels: ArrayLike<number>): Judgement[] {
  const [batch, classes] = logits.shape as [number, number];
  return Array.from({ length: batch }, (_, n) => {
    const row = logits.data.subarray(n * classes, (n + 1) * classes);
    const label = labels[n]!;
    const highest = row.reduce((a, b) => Math.max(a, b));
    const sum = row.reduce((total, value) => total + Math.exp(value - highest), 0);
    const order = [...row.keys()].sort((a, b) => row[b]! - row[a]! || a - b);
    return { loss: Math.log(sum) - (row[label]! - highest), rank: order.indexOf(label) };
  });
}
