import type { Dtype, StoredTensor } from "./safetensors.ts";

/** The element types that hold fractions. */
export const floatTypes = ["F32", "F16", "BF16"] as const;
/** One of them. */
export type FloatType = typeof floatTypes[number];

/**
 * The tensor with its numbers as `dtype`: to F32 from F16 and BF16 exactly, else rounded to the
 * nearest number, ties to even, as PyTorch rounds; what is too large becomes infinite. A tensor
 * of whole numbers or of that type already stays as it is.
 */
export function convertFloats(tensor: StoredTensor, dtype: FloatType): StoredTensor {
  if (!isFloat(tensor.dtype) || tensor.dtype === dtype) return tensor;
  if (dtype === "F16") {
    // From f64 directly: rounding to f32 between would round twice.
    const source = tensor.dtype === "F64" ? tensor.data as Float64Array : toFloats(tensor);
    return { ...tensor, dtype, data: new Uint16Array(new Float16Array(source).buffer) };
  }
  if (dtype === "BF16") return { ...tensor, dtype, data: toBrain(tensor) };
  return { ...tensor, dtype, data: toFloats(tensor) };
}

/** Whether an element type holds fractions. */
export function isFloat(dtype: Dtype): boolean {
  return dtype === "F64" || floatTypes.some((type) => type === dtype);
}

function toFloats({ dtype, data }: StoredTensor): Float32Array {
  if (dtype === "F16") {
    const { buffer, byteOffset, length } = data as Uint16Array<ArrayBuffer>;
    return new Float32Array(new Float16Array(buffer, byteOffset, length));
  }
  if (dtype === "BF16") {
    // A BF16 is the upper half of an F32.
    return new Float32Array(Uint32Array.from(data as Uint16Array, (bits) => bits << 16).buffer);
  }
  return new Float32Array(data as Float32Array | Float64Array);
}

/**
 * The upper halves of the f32 numbers, rounded to even. From f64, f32 is rounded to odd first (the
 * lowest bit set where anything was cut off), which makes the second rounding right.
 */
function toBrain(tensor: StoredTensor): Uint16Array {
  const floats = toFloats(tensor);
  const bits = new Uint32Array(floats.buffer, floats.byteOffset, floats.length);
  const exact = tensor.dtype === "F64" ? tensor.data as Float64Array : undefined;
  return Uint16Array.from(bits, (word, i) => {
    const value = floats[i]!;
    if (Number.isNaN(value)) return word >>> 16 | 0x40;
    let rounded = word;
    if (exact && Number.isFinite(value) && value !== exact[i]) {
      const towardsZero = Math.abs(value) > Math.abs(exact[i]!) ? word - 1 : word;
      rounded = (towardsZero | 1) >>> 0;
    }
    return rounded + 0x7fff + (rounded >>> 16 & 1) >>> 16;
  });
}
