import code from "../../kernels/bias.wgsl" with { type: "text" };
import { padded, type Tape, type Tensor } from "../gpu/tape.ts";
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
  const c4 = padded(w.shape[0]!) / 4;
  const constants = { ROWS: batch, C4: c4 };
  const y: Tensor = { ...product, shape: [batch, w.shape[0]!] };
  tape.record([{
    kernel: "bias_forward",
    code,
    constants,
    bindings: { x: product.data, b: b.data },
    groups: [Math.ceil(batch * c4 / 64)],
  }], () => [{
    kernel: "bias_backward",
    code,
    constants,
    bindings: { dy: tape.received(y), db: tape.soleGradient(b) },
    groups: [Math.ceil(c4 / 64)],
  }]);
  return y;
}
