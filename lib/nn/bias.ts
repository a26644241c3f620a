import code from "../../kernels/bias.wgsl" with { type: "text" };
import { padded, type Tape, type Tensor } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";
import type { Parameter } from "./parameters.ts";

/** Rows per invocation of the sums. */
const CHUNK = 256;

/**
 * Adds b (channels) to every row of y ([batch × height × width] × channels), in place: y must be the
 * result of a layer that does not read it for its gradient.
 */
export function addBias(tape: Tape, y: Tensor, b: Parameter): Tensor {
  const rows = y.shape.slice(0, -1).reduce((a, n) => a * n, 1);
  const c4 = padded(b.shape[0]!) / 4, chunks = Math.ceil(rows / CHUNK);
  const constants = { ROWS: rows, C4: c4 };
  tape.record([{
    kernel: "bias_forward",
    code,
    constants,
    bindings: { x: y.data, b: b.data },
    groups: elementGroups(rows * c4, 1),
  }], () => {
    if (!b.differentiable) return [];
    const partials = tape.scratch("bias.partials", 16 * chunks * c4);
    const sums = { kernel: "bias_partials", bindings: { dy: tape.received(y), partials } };
    const sum = { kernel: "bias_backward", bindings: { partials, db: tape.soleGradient(b) } };
    return [
      { ...sums, code, constants: { ...constants, CHUNK }, groups: [Math.ceil(chunks * c4 / 64)] },
      { ...sum, code, constants: { ...constants, CHUNK }, groups: [Math.ceil(c4 / 64)] },
    ];
  });
  return y;
}
