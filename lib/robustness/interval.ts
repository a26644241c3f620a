import { Purpose, Stream } from "../random/stream.ts";

/** The lower and the upper end of a 95 % interval. */
export type Interval = [low: number, high: number];

const TAIL = 0.025;
const RESAMPLES = 1000;

/**
 * The 95 % bootstrap interval of an error, in [0, 1], without drawing: the number of wrong answers in
 * n pictures drawn with replacement is Binomial(n, wrong / n), whose 2.5 % and 97.5 % quantiles are
 * what the percentiles of infinitely many resamples would be.
 * Source: Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 13.
 *
 * @throws {RangeError} when `wrong` is not in 0 … count, or count is 0
 */
export function errorInterval(wrong: number, count: number): Interval {
  if (!(wrong >= 0 && wrong <= count && count > 0)) {
    throw new RangeError(`Cannot bound an error: expected 0 … ${count} wrong but found ${wrong}`);
  }
  if (wrong === 0 || wrong === count) return [wrong / count, wrong / count];
  const weights = binomialWeights(wrong, count);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let below = 0, low = -1;
  for (let k = 0;; k++) {
    below += weights[k]!;
    if (low < 0 && below >= TAIL * total) low = k;
    if (below >= (1 - TAIL) * total) return [low / count, k / count];
  }
}

/** Binomial(count, wrong / count), up to a factor: 1 at its mode, so that nothing overflows. */
function binomialWeights(wrong: number, count: number): Float64Array {
  const odds = wrong / (count - wrong);
  const weights = new Float64Array(count + 1);
  weights[wrong] = 1;
  for (let k = wrong; k < count; k++) weights[k + 1] = weights[k]! * odds * (count - k) / (k + 1);
  for (let k = wrong; k > 0; k--) weights[k - 1] = weights[k]! / odds * k / (count - k + 1);
  return weights;
}

/**
 * The 95 % percentile bootstrap interval of means over pictures, from 1000 resamples of whole
 * pictures drawn by the seed: a picture counts with all its corruptions or not at all, since answers
 * to versions of one picture go together.
 *
 * @param values (pictures) for each mean that is asked for, all of one length
 * @param seed an unsigned 32-bit integer; the same resamples serve all means
 * @throws {RangeError} when there are no pictures or the lengths differ
 */
export function meanIntervals(values: readonly Float64Array[], seed: number): Interval[] {
  const count = values[0]?.length ?? 0;
  if (count === 0 || values.some(({ length }) => length !== count)) {
    throw new RangeError("Cannot bound means: expected values for the same pictures, at least one");
  }
  const means = values.map(() => new Float64Array(RESAMPLES));
  const times = new Uint32Array(count);
  for (let resample = 0; resample < RESAMPLES; resample++) {
    const random = new Stream(seed, Purpose.bootstrap, resample);
    times.fill(0);
    for (let i = 0; i < count; i++) times[random.integer(count)]!++;
    values.forEach((own, which) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += times[i]! * own[i]!;
      means[which]![resample] = sum / count;
    });
  }
  return means.map((own) => {
    own.sort();
    return [own[Math.ceil(TAIL * RESAMPLES) - 1]!, own[Math.ceil((1 - TAIL) * RESAMPLES) - 1]!];
  });
}
