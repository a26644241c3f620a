import type { Tape, Tensor } from "../gpu/tape.ts";
import { addBias } from "./bias.ts";
import { conv2d } from "./conv2d.ts";
import type { Parameter } from "./parameters.ts";

/**
 * y = x · wᵀ + b, for x (batch × in), w with PyTorch's shape (out × in) and b (out): a 1 × 1
 * convolution of pictures of one pixel.
 */
export function linear(tape: Tape, x: Tensor, w: Parameter, b: Parameter): Tensor {
  const [batch, inputs] = x.shape as [number, number];
  const pixels = { ...x, shape: [batch, 1, 1, inputs] };
  const product = conv2d(tape, pixels, w);
  return addBias(tape, { ...product, shape: [batch, w.shape[0]!] }, b);
}
