import type { Stream } from "./stream.ts";

/** From this mean on numbers are rejected from a hat, below it exponentials are multiplied. */
const LARGE = 10;
/** Above this Stirling's series for ln n! is right to 1e-12. */
const TABLE = 32;

const logFactorials = new Float64Array(TABLE);
for (let n = 1; n < TABLE; n++) logFactorials[n] = logFactorials[n - 1]! + Math.log(n);

/**
 * A Poisson number of the given mean, in 0 … 1e9.
 *
 * Source: Hörmann 1993, "The transformed rejection method for generating Poisson random variables"
 * (algorithm PTRS); Knuth's product of uniform numbers where the mean is below 10.
 */
export function poisson(random: Stream, mean: number): number {
  if (mean < LARGE) return byProduct(random, mean);
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const accepted = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = random.uniform() - 0.5, v = random.open();
    const distance = 0.5 - Math.abs(u);
    const count = Math.floor((2 * a / distance + b) * u + mean + 0.43);
    if (distance >= 0.07 && v <= accepted) return count;
    if (count < 0 || (distance < 0.013 && v > distance)) continue;
    const height = Math.log(v * inverseAlpha / (a / (distance * distance) + b));
    if (height <= count * Math.log(mean) - mean - logFactorial(count)) return count;
  }
}

function byProduct(random: Stream, mean: number): number {
  const end = Math.exp(-mean);
  let count = 0;
  for (let product = random.open(); product > end; product *= random.open()) count++;
  return count;
}

/** ln n!: a table, then Stirling's series. */
function logFactorial(n: number): number {
  if (n < TABLE) return logFactorials[n]!;
  const square = n * n;
  return (n + 0.5) * Math.log(n) - n + 0.5 * Math.log(2 * Math.PI) +
    (1 / 12 - (1 / 360 - 1 / (1260 * square)) / square) / n;
}
