import { type Values, zeros } from "./values.ts";

/** Calls with every pixel of y and of x under its window: (number in y, number in x), row by row. */
function eachTap(
  x: Values,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
  visit: (out: number, at: number) => void,
): Values {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const side = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const y = zeros([batch, channels, side(height), side(width)]);
  for (let out = 0; out < y.data.length; out++) {
    const plane = Math.floor(out / (side(height) * side(width)));
    const top = Math.floor(out / side(width)) % side(height) * stride - padding;
    const left = out % side(width) * stride - padding;
    for (let tap = 0; tap < kernel * kernel; tap++) {
      const row = top + Math.floor(tap / kernel), column = left + tap % kernel;
      if (row < 0 || column < 0 || row >= height || column >= width) continue;
      visit(out, (plane * height + row) * width + column);
    }
  }
  return y;
}

/** The largest value of each window. */
export function maxPool2d(x: Values, kernel: number, stride: number, padding = 0): Values {
  const found: number[] = [];
  const y = eachTap(x, { kernel, stride, padding }, (out, at) => {
    found[out] = Math.max(found[out] ?? -Infinity, x.data[at]!);
  });
  y.data.set(found);
  return y;
}

/** The mean of each window; they lie side by side. */
export function averagePool2d(x: Values, kernel: number): Values {
  const sums = new Float64Array(x.data.length);
  const y = eachTap(x, { kernel, stride: kernel, padding: 0 }, (out, at) => {
    sums[out]! += x.data[at]! / kernel ** 2;
  });
  y.data.set(sums.subarray(0, y.data.length));
  return y;
}

/** The channels of a, then those of b. */
export function concatenate(a: Values, b: Values): Values {
  const [batch, , ...sides] = a.shape as [number, number, ...number[]];
  const y = zeros([batch, a.shape[1]! + b.shape[1]!, ...sides]);
  const [aSize, bSize] = [a, b].map(({ data }) => data.length / batch) as [number, number];
  for (let picture = 0; picture < batch; picture++) {
    const start = picture * (aSize + bSize);
    y.data.set(a.data.subarray(picture * aSize, (picture + 1) * aSize), start);
    y.data.set(b.data.subarray(picture * bSize, (picture + 1) * bSize), start + aSize);
  }
  return y;
}

/** x · sigmoid(1.702 x). */
export function quickGelu({ shape, data }: Values): Values {
  return { shape, data: data.map((value) => value / (1 + Math.exp(-1.702 * value))) };
}
