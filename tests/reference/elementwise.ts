import { type Counter, philox } from "../../lib/random/philox.ts";
import { Purpose } from "../../lib/random/stream.ts";
import { fromChannelsLast } from "../layout.ts";
import { type Values, zeros } from "./values.ts";

/** max(x, 0). */
export function relu({ shape, data }: Values): Values {
  return { shape, data: data.map((value) => Math.max(value, 0)) };
}

/** a + b. */
export function add(a: Values, b: Values): Values {
  return { shape: a.shape, data: a.data.map((value, i) => value + b.data[i]!) };
}

/** The mean over height and width: (batch × channels). */
export function globalAveragePool(x: Values): Values {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const y = zeros([batch, channels]);
  const area = height * width;
  x.data.forEach((value, i) => y.data[Math.floor(i / area)]! += value / area);
  return y;
}

/** x / (1 - p) where the mask is 1, else 0. */
export function dropout({ shape, data }: Values, mask: ArrayLike<number>, p: number): Values {
  return { shape, data: data.map((value, i) => mask[i] ? value / (1 - p) : 0) };
}

/**
 * The mask of `kernels/dropout.wgsl` for pictures (batch × channels × height × width): vector i of
 * the stored tensor takes the four words of Philox at (i, step, layer, 0) under (seed, purpose).
 */
export function dropoutMask(
  shape: readonly number[],
  p: number,
  { step = 0, layer = 0, seed = 0 },
): Float32Array {
  const [batch, channels, height = 1, width = 1] = shape as [number, number, number?, number?];
  const vectors = batch * height * width * Math.ceil(channels / 4);
  const stored = Array.from({ length: vectors }, (_, i) => {
    const counter: Counter = [i, step, layer, 0];
    return philox(counter, [seed, Purpose.dropout]).map((word) =>
      Number((word >>> 8) * 2 ** -24 >= Math.fround(p))
    );
  });
  return fromChannelsLast(stored.flat(), shape);
}
