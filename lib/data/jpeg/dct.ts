/** Fractions of the constants, and bits that the first pass keeps. */
const CONST_BITS = 13, PASS1_BITS = 2;

const fixed = (value: number) => Math.round(value * 2 ** CONST_BITS);
const [F0_298, F0_390, F0_541, F0_765, F0_899, F1_175] = [
  fixed(0.298631336),
  fixed(0.390180644),
  fixed(0.541196100),
  fixed(0.765366865),
  fixed(0.899976223),
  fixed(1.175875602),
] as const;
const [F1_501, F1_847, F1_961, F2_053, F2_562, F3_072] = [
  fixed(1.501321110),
  fixed(1.847759065),
  fixed(1.961570560),
  fixed(2.053119869),
  fixed(2.562915447),
  fixed(3.072711026),
] as const;

/** value / 2^bits, halves rounded up. */
function descale(value: number, bits: number): number {
  return (value + (1 << (bits - 1))) >> bits;
}

/**
 * The cosine transform of an 8 × 8 block, in place: whole numbers -128 … 127 become coefficients
 * times 8.
 *
 * Source: Loeffler, Ligtenberg, Moschytz 1989, in the integers of libjpeg's "slow" method.
 */
export function forwardDct(block: Int32Array): void {
  for (let row = 0; row < 64; row += 8) forwardLine(block, row, 1, -PASS1_BITS);
  for (let column = 0; column < 8; column++) forwardLine(block, column, 8, PASS1_BITS);
}

/** One line of eight; even terms end 2^shift times as small. */
function forwardLine(block: Int32Array, at: number, step: number, shift: number): void {
  const low = (i: number) => block[at + i * step]!, bits = CONST_BITS + shift;
  const [s0, d0] = [low(0) + low(7), low(0) - low(7)];
  const [s1, d1] = [low(1) + low(6), low(1) - low(6)];
  const [s2, d2] = [low(2) + low(5), low(2) - low(5)];
  const [s3, d3] = [low(3) + low(4), low(3) - low(4)];
  const e0 = s0 + s3, e3 = s0 - s3, e1 = s1 + s2, e2 = s1 - s2;
  const even = (e2 + e3) * F0_541;
  const whole = (value: number) => shift < 0 ? value << -shift : descale(value, shift);
  block[at] = whole(e0 + e1);
  block[at + 4 * step] = whole(e0 - e1);
  block[at + 2 * step] = descale(even + e3 * F0_765, bits);
  block[at + 6 * step] = descale(even - e2 * F1_847, bits);
  const z5 = (d3 + d1 + d2 + d0) * F1_175;
  const z1 = -(d3 + d0) * F0_899, z2 = -(d2 + d1) * F2_562;
  const z3 = z5 - (d3 + d1) * F1_961, z4 = z5 - (d2 + d0) * F0_390;
  block[at + 7 * step] = descale(d3 * F0_298 + z1 + z3, bits);
  block[at + 5 * step] = descale(d2 * F2_053 + z2 + z4, bits);
  block[at + 3 * step] = descale(d1 * F3_072 + z2 + z3, bits);
  block[at + step] = descale(d0 * F1_501 + z1 + z4, bits);
}

/** The inverse: coefficients become numbers around 0, not yet cut to -128 … 127, in place. */
export function inverseDct(block: Int32Array): void {
  for (let column = 0; column < 8; column++) inverseLine(block, column, 8, CONST_BITS - PASS1_BITS);
  for (let row = 0; row < 64; row += 8) inverseLine(block, row, 1, CONST_BITS + PASS1_BITS + 3);
}

function inverseLine(block: Int32Array, at: number, step: number, bits: number): void {
  const c = (i: number) => block[at + i * step]!;
  const even = (c(2) + c(6)) * F0_541;
  const t2 = even - c(6) * F1_847, t3 = even + c(2) * F0_765;
  const t0 = (c(0) + c(4)) << CONST_BITS, t1 = (c(0) - c(4)) << CONST_BITS;
  const e0 = t0 + t3, e3 = t0 - t3, e1 = t1 + t2, e2 = t1 - t2;
  const [o7, o5, o3, o1] = [c(7), c(5), c(3), c(1)];
  const z5 = (o7 + o3 + o5 + o1) * F1_175;
  const z1 = -(o7 + o1) * F0_899, z2 = -(o5 + o3) * F2_562;
  const z3 = z5 - (o7 + o3) * F1_961, z4 = z5 - (o5 + o1) * F0_390;
  const t7 = o7 * F0_298 + z1 + z3, t5 = o5 * F2_053 + z2 + z4;
  const t6 = o3 * F3_072 + z2 + z3, t4 = o1 * F1_501 + z1 + z4;
  const put = (i: number, value: number) => block[at + i * step] = descale(value, bits);
  put(0, e0 + t4);
  put(7, e0 - t4);
  put(1, e1 + t6);
  put(6, e1 - t6);
  put(2, e2 + t5);
  put(5, e2 - t5);
  put(3, e3 + t7);
  put(4, e3 - t7);
}
