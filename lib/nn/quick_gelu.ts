import code from "../../kernels/quick_gelu.wgsl" with { type: "text" };
import { paddedSize, type Tape, type Tensor } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";

/** y = x · sigmoid(1.702 x), an approximation of GELU (Hendrycks and Gimpel 2016). Any shape. */
export function quickGelu(tape: Tape, x: Tensor): Tensor {
  const y = tape.tensor("quick_gelu", x.shape);
  const vectors = paddedSize(x.shape) / 4;
  const launch = { code, groups: elementGroups(vectors, 1) };
  const constants = { VECTORS: vectors };
  tape.record([{
    ...{ ...launch, kernel: "quick_gelu_forward", constants },
    bindings: { x: x.data, y: y.data },
  }], () => {
    const dy = tape.received(y);
    const { region: dx, accumulate } = tape.gradient(x);
    return [{
      ...{ ...launch, kernel: "quick_gelu_backward" },
      constants: { ...constants, ACCUMULATE: Number(accumulate) },
      bindings: { x: x.data, dy, dx },
    }];
  });
  return y;
}
