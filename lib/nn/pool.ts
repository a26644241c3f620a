import code from "../../kernels/global_average_pool.wgsl" with { type: "text" };
import { padded, type Tape, type Tensor } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";

/** y (batch × channels) = the mean over height and width of x (batch × height × width × channels). */
export function globalAveragePool(tape: Tape, x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const y = tape.tensor("global_average_pool", [batch, channels]);
  const c4 = padded(channels) / 4;
  const constants = { VECTORS: batch * c4, AREA: height * width, C4: c4 };
  tape.record([{
    kernel: "global_average_pool_forward",
    code,
    constants,
    bindings: { x: x.data, y: y.data },
    groups: [Math.ceil(batch * c4 / 64)],
  }], () => {
    const dy = tape.received(y);
    const dx = tape.gradient(x);
    return [{
      kernel: "global_average_pool_backward",
      code,
      constants: { ...constants, ACCUMULATE: Number(dx.accumulate) },
      bindings: { dy, dx: dx.region },
      groups: elementGroups(batch * c4 * height * width, 1),
    }];
  });
  return y;
}
