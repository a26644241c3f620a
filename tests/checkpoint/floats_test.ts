import assert from "node:assert/strict";
import { convertFloats, type FloatType } from "../../lib/checkpoint/floats.ts";
import type { StoredTensor } from "../../lib/checkpoint/safetensors.ts";

const f64 = (...values: number[]): StoredTensor => ({
  dtype: "F64",
  shape: [values.length],
  data: Float64Array.from(values),
});
const f32 = (...values: number[]): StoredTensor => ({
  dtype: "F32",
  shape: [values.length],
  data: Float32Array.from(values),
});
const bits = (dtype: FloatType, ...words: number[]): StoredTensor => ({
  dtype,
  shape: [words.length],
  data: Uint16Array.from(words),
});

/** What 16 bits mean, by the definition of IEEE 754 with so many bits of exponent. */
function meaning(word: number, exponentBits: number): number {
  const fractionBits = 15 - exponentBits;
  const sign = word >> 15 ? -1 : 1;
  const exponent = word >> fractionBits & (1 << exponentBits) - 1;
  const fraction = (word & (1 << fractionBits) - 1) / 2 ** fractionBits;
  const bias = 2 ** (exponentBits - 1) - 1;
  if (exponent === (1 << exponentBits) - 1) return fraction ? NaN : sign * Infinity;
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - bias) : fraction * 2 ** (1 - bias));
}

for (const [dtype, exponentBits] of [["F16", 5], ["BF16", 8]] as const) {
  Deno.test(`convertFloats() gives every ${dtype} its exact F32, and back`, () => {
    const all = bits(dtype, ...Array.from({ length: 65536 }, (_, word) => word));
    const wide = convertFloats(all, "F32");
    assert.equal(wide.dtype, "F32");
    for (let word = 0; word < 65536; word++) {
      assert(Object.is(wide.data[word], meaning(word, exponentBits)), `${word}`);
    }
    const back = convertFloats(wide, dtype);
    assert(back.data.every((word, i) => word === i || Number.isNaN(wide.data[i])));
    assert(Number.isNaN(convertFloats(back, "F32").data[0x7fff]));
  });
}

Deno.test("convertFloats() rounds to the nearest number, and ties to even", () => {
  const half = (...values: number[]) => [...convertFloats(f64(...values), "F16").data];
  const ulp = 2 ** -10;
  assert.deepEqual(half(1 + ulp / 2, 1 + 1.5 * ulp, 1 + ulp / 2 + 2 ** -40), [
    0x3c00,
    0x3c02,
    0x3c01,
  ]);
  assert.deepEqual(half(65519, 65520, -65520, 2 ** -25, 2 ** -24), [0x7bff, 0x7c00, 0xfc00, 0, 1]);
  const brain = (...values: number[]) => [...convertFloats(f64(...values), "BF16").data];
  const step = 2 ** -7;
  assert.deepEqual(brain(1 + step / 2, 1 + 1.5 * step, -1 - step / 2), [0x3f80, 0x3f82, 0xbf80]);
  // Both would be ties after rounding to f32 first.
  assert.deepEqual(brain(1 + step / 2 + 2 ** -40, 1 + 1.5 * step - 2 ** -40), [0x3f81, 0x3f81]);
  assert.deepEqual(brain(-1 - step / 2 - 2 ** -40, 1e300, -Infinity), [0xbf81, 0x7f80, 0xff80]);
  assert.deepEqual([...convertFloats(f32(3.4e38), "BF16").data], [0x7f80]);
  assert.deepEqual([...convertFloats(f64(0.1, -0), "F32").data], [Math.fround(0.1), -0]);
});

Deno.test("convertFloats() leaves whole numbers, and what has the type already", () => {
  const counts: StoredTensor = { dtype: "I64", shape: [], data: BigInt64Array.of(3n) };
  assert.equal(convertFloats(counts, "F16"), counts);
  const weights = f32(1);
  assert.equal(convertFloats(weights, "F32"), weights);
});
