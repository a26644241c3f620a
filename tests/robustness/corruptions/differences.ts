/** The largest difference of two lists of bytes, and which share of them differs. */
export function differences(
  found: Uint8Array,
  expected: ArrayLike<number | bigint>,
): { most: number; share: number } {
  if (found.length !== expected.length) return { most: Infinity, share: 1 };
  const errors = found.map((byte, i) => Math.abs(byte - Number(expected[i])));
  const different = errors.filter((error) => error > 0).length;
  return { most: errors.reduce((a, b) => Math.max(a, b)), share: different / errors.length };
}
