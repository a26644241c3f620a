import assert from "node:assert/strict";
import { Stream } from "../../lib/random/stream.ts";
import type { Values } from "./values.ts";

const H = 1e-5;

/** Single entries that are compared, and random directions, each of which meets every entry. */
const ENTRIES = 40;
const DIRECTIONS = 2;

/** The derivative of `objective` along a direction, by central differences on `values`. */
function derivative(
  objective: () => number,
  { data }: Values,
  direction: (i: number) => number,
): number {
  const kept = data.slice();
  data.forEach((_, i) => data[i] = kept[i]! + H * direction(i));
  const above = objective();
  data.forEach((_, i) => data[i] = kept[i]! - H * direction(i));
  const below = objective();
  data.set(kept);
  return (above - below) / (2 * H);
}

/**
 * Asserts that `gradient` is the gradient of `objective` by `values`, to within `tolerance` of its
 * largest entry: up to 40 entries one by one, and all of them together along random directions.
 */
export function assertGradient(
  name: string,
  gradient: ArrayLike<number>,
  values: Values,
  objective: () => number,
  tolerance = 4e-5,
): void {
  const { length } = values.data;
  assert.equal(gradient.length, length, `${name}: size of the gradient`);
  const stream = new Stream(length, 0);
  const scale = Array.from(gradient).reduce((most, g) => Math.max(most, Math.abs(g)), 1e-3);
  const near = (where: string, actual: number, expected: number, allowed: number) =>
    assert.ok(
      Math.abs(actual - expected) <= allowed,
      `${name} ${where}: ${actual}, by central differences ${expected}`,
    );
  for (const i of stream.permutation(length).slice(0, ENTRIES)) {
    const expected = derivative(objective, values, (j) => Number(j === i));
    near(`[${i}] of ${length}`, gradient[i]!, expected, tolerance * scale);
  }
  for (let n = 0; n < DIRECTIONS; n++) {
    const direction = values.data.map(() => stream.normal());
    const actual = direction.reduce((sum, d, i) => sum + d * gradient[i]!, 0);
    const expected = derivative(objective, values, (i) => direction[i]!);
    near(`along ${n}`, actual, expected, tolerance * scale * Math.sqrt(length));
  }
}
