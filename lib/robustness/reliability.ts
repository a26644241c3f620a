import type { Answers } from "./classification.ts";

/** Bins of equal width, as in Guo et al. 2017. */
const BINS = 15;

/** The answers whose confidence is above `low`, up to and with `high`; the first bin has 0 too. */
export interface ReliabilityBin {
  /** The least confidence. */
  low: number;
  /** The greatest confidence. */
  high: number;
  /** Answers in the bin. */
  count: number;
  /** Their mean confidence, in 0..1; null where there are none. */
  confidence: number | null;
  /** The share of right ones, in 0..1; null where there are none. */
  accuracy: number | null;
}

/**
 * How often answers of a confidence are right: a reliability diagram in 15 bins of equal width. An
 * answer whose confidence is NaN is in none.
 * Source: Guo et al. 2017, "On calibration of modern neural networks" (arXiv 1706.04599).
 *
 * @param parts answers to some pictures each, which are taken together
 */
export function reliabilityBins(parts: readonly Answers[]): ReliabilityBin[] {
  const sums = Array.from({ length: BINS }, () => ({ count: 0, confidence: 0, right: 0 }));
  for (const { confidence, correct } of parts) {
    confidence.forEach((value, i) => {
      // Rounding may leave a softmax probability a little above 1.
      const sum = sums[Math.min(Math.max(Math.ceil(value * BINS) - 1, 0), BINS - 1)];
      if (!sum) return;
      sum.count++;
      sum.confidence += value;
      sum.right += correct[i]!;
    });
  }
  return sums.map(({ count, confidence, right }, i) => ({
    ...{ low: i / BINS, high: (i + 1) / BINS, count },
    confidence: count ? confidence / count : null,
    accuracy: count ? right / count : null,
  }));
}
