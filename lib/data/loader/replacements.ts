import { Purpose, Stream } from "../../random/stream.ts";

/** Pictures that are tried instead of one that cannot be read. */
const ATTEMPTS = 16;

/**
 * Picture `index`, and those that are shown instead if it cannot be read: with a seed others of its
 * class, drawn by the seed and the index alone, so that its label stays right; without, as in
 * evaluation, none, since no picture should count twice.
 */
export function* replacements(
  seed: number | undefined,
  index: number,
  labels: ArrayLike<number>,
): Generator<number> {
  yield index;
  if (seed === undefined) return;
  const stream = new Stream(seed, Purpose.replacement, index), label = labels[index];
  // Pictures of a class stand together.
  let first = index, last = index;
  while (first > 0 && labels[first - 1] === label) first--;
  while (last + 1 < labels.length && labels[last + 1] === label) last++;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    yield first + stream.integer(last - first + 1);
  }
}
