import type { Stream } from "../../lib/random/stream.ts";

/** Numbers of PyTorch's shape, in its order: NCHW pictures, (out × in × k × k) weights. */
export interface Values {
  shape: number[];
  data: Float64Array;
}

/** Zeros of a shape. */
export function zeros(shape: readonly number[]): Values {
  return { shape: [...shape], data: new Float64Array(shape.reduce((a, b) => a * b, 1)) };
}

/** Normal numbers that are exact in f32, so that the GPU and its twin start from the same. */
export function normal(
  shape: readonly number[],
  stream: Stream,
  mean = 0,
  deviation = 1,
): Values {
  const values = zeros(shape);
  values.data.forEach((_, i) => values.data[i] = Math.fround(mean + deviation * stream.normal()));
  return values;
}

/** The sum of a · b, over all numbers: the objective whose gradient by `a` is `b`. */
export function dot(a: Values, b: Values): number {
  if (a.data.length !== b.data.length) {
    throw new RangeError(`Cannot multiply: ${a.shape} and ${b.shape} differ`);
  }
  return a.data.reduce((sum, value, i) => sum + value * b.data[i]!, 0);
}

/** The same with pictures behind it that hold `junk` and must not count. */
export function withJunk(
  { shape: [batch, ...rest], data }: Values,
  pictures: number,
  junk: number,
): Values {
  const extended = new Float64Array(data.length / batch! * (batch! + pictures)).fill(junk);
  extended.set(data);
  return { shape: [batch! + pictures, ...rest], data: extended };
}
