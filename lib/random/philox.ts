/** Four unsigned 32-bit words: (sample index, epoch, step or stage, draw). */
export type Counter = readonly [number, number, number, number];
/** Two unsigned 32-bit words: (seed, purpose). */
export type Key = readonly [number, number];

/**
 * Philox4x32-10: four independent, uniform 32-bit words for each (counter, key).
 *
 * The same function as `kernels/random.wgsl`, so host and GPU agree on every draw.
 * Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.
 */
export function philox(counter: Counter, key: Key): [number, number, number, number] {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const p = multiplyHigh(0xD2511F53, c0), q = multiplyHigh(0xCD9E8D57, c2);
    const pLow = Math.imul(0xD2511F53, c0), qLow = Math.imul(0xCD9E8D57, c2);
    c0 = q ^ c1 ^ k0;
    c1 = qLow;
    c2 = p ^ c3 ^ k1;
    c3 = pLow;
    k0 = (k0 + 0x9E3779B9) | 0;
    k1 = (k1 + 0xBB67AE85) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** The upper 32 bits of the 64-bit product of two unsigned 32-bit words. */
function multiplyHigh(a: number, b: number): number {
  const ah = a >>> 16, al = a & 0xffff, bh = b >>> 16, bl = b & 0xffff;
  // (2^16 - 1)^2 + 2^16 - 1 < 2^32: no sum loses a carry.
  const middle = (Math.imul(ah, bl) + (Math.imul(al, bl) >>> 16)) | 0;
  const other = (Math.imul(al, bh) + (middle & 0xffff)) | 0;
  return (Math.imul(ah, bh) + (middle >>> 16) + (other >>> 16)) | 0;
}
