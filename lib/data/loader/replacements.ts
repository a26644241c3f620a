import { Purpose, Stream } from "../../random/stream.ts";
import type { View } from "../view.ts";

/** Pictures that are tried instead of one that cannot be read. */
const ATTEMPTS = 16;

/**
 * Picture `index`, and those that are shown instead if it cannot be read: in random views pictures
 * drawn by the seed and the index alone, in evaluation none, since no other has its label.
 */
export function* replacements(view: View, index: number, count: number): Generator<number> {
  yield index;
  if (view.kind === "evaluation") return;
  const stream = new Stream(view.seed, Purpose.replacement, index);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) yield stream.integer(count);
}
