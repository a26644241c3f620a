import { ok } from "node:assert/strict";

/** The standard normal quantile of 1 - 1e-4. */
const Z = 3.719;

/**
 * Asserts that counts agree with probabilities: Pearson's chi-square test at p > 1e-4, with its
 * critical value by Wilson and Hilferty's approximation.
 */
export function agrees(
  counts: readonly number[],
  probabilities: readonly number[],
  what: string,
): void {
  const total = counts.reduce((a, b) => a + b, 0);
  const square = counts.reduce((sum, count, i) => {
    const expected = total * probabilities[i]!;
    return sum + (count - expected) ** 2 / expected;
  }, 0);
  const freedom = counts.length - 1, ninth = 2 / (9 * freedom);
  const most = freedom * (1 - ninth + Z * Math.sqrt(ninth)) ** 3;
  ok(square < most, `${what}: chi-square ${square} of ${freedom} degrees exceeds ${most}`);
}

/** Asserts that samples follow a distribution function: Kolmogorov and Smirnov's test at p > 1e-4. */
export function follows(
  samples: ArrayLike<number>,
  distribution: (x: number) => number,
  what: string,
): void {
  const sorted = Float64Array.from(samples).sort(), n = sorted.length;
  let largest = 0;
  for (let i = 0; i < n; i++) {
    const expected = distribution(sorted[i]!);
    largest = Math.max(largest, expected - i / n, (i + 1) / n - expected);
  }
  const most = Math.sqrt(-Math.log(1e-4 / 2) / (2 * n));
  ok(largest < most, `${what}: largest deviation ${largest} exceeds ${most}`);
}
