import { type Key, philox } from "./philox.ts";

/**
 * What a random number is for; the second word of the Philox key. One number per use, never
 * renumbered: a seed's meaning depends on them.
 */
export const Purpose = {
  initialize: 1,
  shuffle: 2,
  crop: 3,
  augment: 4,
  blend: 5,
  dropout: 6,
  shapes_train: 7,
  shapes_test: 8,
  fractals: 9,
  mixing_set: 10,
  holdout: 11,
  corrupt_c: 12,
  corrupt_c_bar: 13,
  perturb: 14,
  pgd_start: 15,
  bootstrap: 16,
  picture_crop: 20,
  mixing_crop: 21,
  replacement: 22,
} as const;

/**
 * Random numbers drawn one after another, as a function of (seed, purpose, index, epoch, stage)
 * alone: nothing is shared, so no state has to be saved.
 */
export class Stream {
  readonly #key: Key;
  #words: readonly number[] = [];
  #next = 4;
  #draw = 0;

  /** All arguments are unsigned 32-bit integers. */
  constructor(
    seed: number,
    purpose: number,
    readonly index = 0,
    readonly epoch = 0,
    readonly stage = 0,
  ) {
    this.#key = [seed, purpose];
  }

  /** The next word in [0, 2^32). */
  word(): number {
    if (this.#next === 4) {
      this.#words = philox([this.index, this.epoch, this.stage, this.#draw++], this.#key);
      this.#next = 0;
    }
    return this.#words[this.#next++]!;
  }

  /** A number in [0, 1), a multiple of 2^-24 and so exact in f32. */
  uniform(): number {
    return (this.word() >>> 8) * 2 ** -24;
  }

  /** A number in (0, 1): never 0, so that its logarithm is finite. */
  open(): number {
    return ((this.word() >>> 8) + 0.5) * 2 ** -24;
  }

  /** A number in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** An integer in {0, …, count-1}; every value equally likely to within count / 2^32. */
  integer(count: number): number {
    return Math.floor(this.word() * (count / 2 ** 32));
  }

  /** True with probability `p`. */
  chance(p = 0.5): boolean {
    return this.uniform() < p;
  }

  /** A standard normal number (Box–Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(this.open())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Beta(r, 1), by inversion: U^(1/r). */
  betaR1(r: number): number {
    return this.open() ** (1 / r);
  }

  /** Beta(1, r), by inversion: 1 - U^(1/r). */
  beta1R(r: number): number {
    return 1 - this.open() ** (1 / r);
  }

  /**
   * Gamma(shape, 1) for shape > 0.
   *
   * Source: Marsaglia and Tsang 2000, "A simple method for generating gamma variables".
   */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * this.open() ** (1 / shape);
    const d = shape - 1 / 3, c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal(), v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(this.open()) < x * x / 2 + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Beta(a, b) for a, b > 0, in [0, 1]. */
  beta(a: number, b: number): number {
    const x = this.gamma(a), y = this.gamma(b);
    return x + y > 0 ? x / (x + y) : Number(this.chance(a / (a + b)));
  }

  /** Weights of Dirichlet(1, …, 1): uniform on the simplex of `count` numbers that add up to 1. */
  dirichlet(count: number): number[] {
    const draws = Array.from({ length: count }, () => -Math.log(this.open()));
    const sum = draws.reduce((a, b) => a + b, 0);
    return draws.map((draw) => draw / sum);
  }

  /** A uniformly drawn order of 0 … count-1 (Fisher–Yates). */
  permutation(count: number): Uint32Array {
    const order = Uint32Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }
}
