import assert from "node:assert/strict";
import { largestError } from "../layout.ts";
import type { Values } from "../reference/values.ts";

/** Asserts that numbers are those of a float64 twin, to within f32's rounding of a short sum. */
export function assertNear(name: string, actual: ArrayLike<number>, { data }: Values): void {
  const scale = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const error = largestError(actual, data);
  assert.ok(error <= 4e-6 * scale, `${name} is off by ${error} of ${scale}`);
}
