import { type Values, zeros } from "./values.ts";

/** How the window moves, and groups of channels that do not mix. */
export interface Window {
  stride?: number;
  padding?: number;
  groups?: number;
}

/** Where one factor of a product is in x, the other in w, and where it is added to y. */
type Visit = (x: number, w: number, y: number) => void;

/** The shape of y for x (batch × in × height × width) and w (out × in / groups × k × k). */
export function outputShape(
  x: readonly number[],
  w: readonly number[],
  { stride = 1, padding = 0 }: Window = {},
): [number, number, number, number] {
  const [batch, , height, width] = x as [number, number, number, number];
  const [outputs, , kernel = 1] = w as [number, number, number?];
  const side = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  return [batch, outputs, side(height), side(width)];
}

/** Visits every product that a convolution adds up, those of one y after one another. */
function eachProduct(
  x: readonly number[],
  w: readonly number[],
  window: Window,
  visit: Visit,
): void {
  const { stride = 1, padding = 0, groups = 1 } = window;
  const [, inputs, height, width] = x as [number, number, number, number];
  const [, within, kernel = 1] = w as [number, number, number?];
  const [batch, outputs, outHeight, outWidth] = outputShape(x, w, window);
  const reach = (n: number, o: number, top: number, left: number, y: number) => {
    const first = n * inputs + Math.floor(o / (outputs / groups)) * within;
    for (let i = 0; i < within; i++) {
      for (let ky = Math.max(0, -top); ky < Math.min(kernel, height - top); ky++) {
        for (let kx = Math.max(0, -left); kx < Math.min(kernel, width - left); kx++) {
          const at = ((first + i) * height + top + ky) * width + left + kx;
          visit(at, ((o * within + i) * kernel + ky) * kernel + kx, y);
        }
      }
    }
  };
  let y = 0;
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < outputs; o++) {
      for (let v = 0; v < outHeight; v++) {
        for (let u = 0; u < outWidth; u++) {
          reach(n, o, v * stride - padding, u * stride - padding, y++);
        }
      }
    }
  }
}

/** y = x ∗ w, for x (batch × in × height × width) and w (out × in / groups × k × k), no bias. */
export function conv2d(x: Values, w: Values, window: Window = {}): Values {
  const y = zeros(outputShape(x.shape, w.shape, window));
  eachProduct(x.shape, w.shape, window, (i, j, k) => y.data[k]! += x.data[i]! * w.data[j]!);
  return y;
}

/** The gradient of y = x ∗ w by x, of the shape `x`, when dy is that of y. */
export function inputGradient(
  dy: Values,
  w: Values,
  x: readonly number[],
  window: Window = {},
): Values {
  const dx = zeros(x);
  eachProduct(x, w.shape, window, (i, j, k) => dx.data[i]! += dy.data[k]! * w.data[j]!);
  return dx;
}

/** The gradient of y = x ∗ w by w, of the shape `w`, when dy is that of y. */
export function weightGradient(
  dy: Values,
  x: Values,
  w: readonly number[],
  window: Window = {},
): Values {
  const dw = zeros(w);
  eachProduct(x.shape, w, window, (i, j, k) => dw.data[j]! += x.data[i]! * dy.data[k]!);
  return dw;
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
