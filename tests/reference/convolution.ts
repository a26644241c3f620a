import { type Values, zeros } from "./values.ts";

/** y = x ∗ w, for x (batch × in × height × width) and w (out × in × k × k), no bias. */
export function conv2d(x: Values, w: Values, { stride = 1, padding = 0 } = {}): Values {
  const [batch, inputs, height, width] = x.shape as [number, number, number, number];
  const [outputs, , kernel = 1] = w.shape as [number, number, number?];
  const side = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const [outHeight, outWidth] = [side(height), side(width)];
  const y = zeros([batch, outputs, outHeight, outWidth]);
  const sum = (n: number, o: number, top: number, left: number) => {
    let total = 0;
    for (let i = 0; i < inputs; i++) {
      for (let ky = 0; ky < kernel; ky++) {
        const line = top + ky;
        if (line < 0 || line >= height) continue;
        for (let kx = 0; kx < kernel; kx++) {
          const column = left + kx;
          if (column < 0 || column >= width) continue;
          total += x.data[((n * inputs + i) * height + line) * width + column]! *
            w.data[((o * inputs + i) * kernel + ky) * kernel + kx]!;
        }
      }
    }
    return total;
  };
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let top = 0; top < outHeight; top++) {
        for (let left = 0; left < outWidth; left++) {
          y.data[at++] = sum(n, o, top * stride - padding, left * stride - padding);
        }
      }
    }
  }
  return y;
}

/** y = x · wᵀ + b, for x (batch × in), w (out × in) and b (out). */
export function linear(x: Values, w: Values, b: Values): Values {
  const [batch, inputs] = x.shape as [number, number];
  const outputs = w.shape[0]!;
  const y = zeros([batch, outputs]);
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      let total = b.data[o]!;
      for (let i = 0; i < inputs; i++) total += x.data[n * inputs + i]! * w.data[o * inputs + i]!;
      y.data[n * outputs + o] = total;
    }
  }
  return y;
}
