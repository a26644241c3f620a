import { deepEqual, notDeepEqual, ok } from "node:assert/strict";
import { Purpose, Stream } from "../../lib/random/stream.ts";
import { agrees, follows } from "./distribution.ts";

const n = 20000;
const stream = () => new Stream(2024, 77);
const draws = (draw: (s: Stream) => number) => {
  const s = stream();
  return Float64Array.from({ length: n }, () => draw(s));
};

/** The error function by Abramowitz and Stegun, 7.1.26; off by 1.5e-7 at most. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * Math.abs(x));
  const sum = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t +
    0.254829592) * t;
  return Math.sign(x) * (1 - sum * Math.exp(-x * x));
}

Deno.test("a stream is a function of seed, purpose, index, epoch and stage", () => {
  const first = (...args: ConstructorParameters<typeof Stream>) => {
    const s = new Stream(...args);
    return Array.from({ length: 9 }, () => s.word());
  };
  deepEqual(first(1, 2, 3, 4, 5), first(1, 2, 3, 4, 5));
  for (const other of [[0, 2, 3, 4, 5], [1, 0, 3, 4, 5], [1, 2, 0, 4, 5], [1, 2, 3, 0, 5]]) {
    notDeepEqual(first(1, 2, 3, 4, 5), first(...other as [number, number]));
  }
  notDeepEqual(first(1, 2, 3, 4, 5), first(1, 2, 3, 4, 0));
});

Deno.test("no two purposes share a number", () => {
  const numbers = Object.values(Purpose);
  deepEqual(new Set(numbers).size, numbers.length);
});

Deno.test("gamma() and beta() have their distributions", () => {
  follows(draws((s) => s.gamma(1)), (x) => 1 - Math.exp(-x), "gamma(1)");
  follows(draws((s) => s.gamma(3)), (x) => 1 - Math.exp(-x) * (1 + x + x * x / 2), "gamma(3)");
  // Of shape 1/2: half the square of a normal number.
  follows(draws((s) => s.gamma(0.5)), (x) => erf(Math.sqrt(x)), "gamma(1/2)");
  follows(draws((s) => s.beta(1, 1)), (x) => x, "beta(1, 1)");
  follows(draws((s) => s.beta(2, 2)), (x) => x * x * (3 - 2 * x), "beta(2, 2)");
  const arcsine = (x: number) => 2 / Math.PI * Math.asin(Math.sqrt(x));
  follows(draws((s) => s.beta(0.5, 0.5)), arcsine, "beta(1/2, 1/2)");
  const tiny = draws((s) => s.beta(1e-3, 1e-3));
  ok(tiny.every((x) => x >= 0 && x <= 1));
  ok(Math.abs(tiny.reduce((a, b) => a + b) / n - 0.5) < 0.02);
});

Deno.test("uniform(), open() and between() are uniform in their ranges", () => {
  follows(draws((s) => s.uniform()), (x) => x, "uniform");
  follows(draws((s) => s.open()), (x) => x, "open");
  follows(draws((s) => s.between(-3, 5)), (x) => (x + 3) / 8, "between");
  ok(draws((s) => s.uniform()).every((x) => x >= 0 && x < 1));
  ok(draws((s) => s.open()).every((x) => x > 0 && x < 1));
});

Deno.test("integer() and chance() hit every value as often as they should", () => {
  for (const count of [2, 3, 7, 100]) {
    const counts = new Array<number>(count).fill(0);
    for (const value of draws((s) => s.integer(count))) counts[value]!++;
    agrees(counts, counts.map(() => 1 / count), `integer(${count})`);
  }
  const hits = draws((s) => Number(s.chance(0.2))).reduce((a, b) => a + b, 0);
  agrees([hits, n - hits], [0.2, 0.8], "chance");
});

Deno.test("normal() is standard normal", () => {
  follows(draws((s) => s.normal()), (x) => (1 + erf(x / Math.SQRT2)) / 2, "normal");
});

Deno.test("betaR1() and beta1R() follow Beta(r, 1) and Beta(1, r)", () => {
  for (const r of [0.5, 1, 3, 10]) {
    follows(draws((s) => s.betaR1(r)), (x) => x ** r, `Beta(${r}, 1)`);
    follows(draws((s) => s.beta1R(r)), (x) => 1 - (1 - x) ** r, `Beta(1, ${r})`);
  }
});

Deno.test("dirichlet() adds up to 1 and each weight follows Beta(1, k - 1)", () => {
  const s = stream(), k = 3;
  const weights = Array.from({ length: 5000 }, () => s.dirichlet(k));
  for (const w of weights) ok(Math.abs(w.reduce((a, b) => a + b, 0) - 1) < 1e-12);
  for (let i = 0; i < k; i++) {
    follows(weights.map((w) => w[i]!), (x) => 1 - (1 - x) ** (k - 1), `weight ${i}`);
  }
});

Deno.test("permutation() draws every order equally often", () => {
  const s = stream(), counts = new Map<string, number>();
  for (let i = 0; i < 12000; i++) {
    const order = s.permutation(4).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  deepEqual(counts.size, 24);
  agrees([...counts.values()], new Array(24).fill(1 / 24), "orders of 4");
  deepEqual(
    [...s.permutation(1000)].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
});
