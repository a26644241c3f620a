import code from "../../kernels/global_average_pool.wgsl" with { type: "text" };
import { type Launch, MOST_TURNS } from "../gpu/kernel.ts";
import { padded, type Tape, type Tensor } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";

/** y (batch × channels) = the mean over height and width of x (batch × height × width × channels). */
export function globalAveragePool(tape: Tape, x: Tensor): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const y = tape.tensor("global_average_pool", [batch, channels]);
  const c4 = padded(channels) / 4, area = height * width;
  const constants = { VECTORS: batch * c4, AREA: area, C4: c4 };
  const launches = Array.from({ length: Math.ceil(area / MOST_TURNS) }, (_, i): Launch => {
    const [first, end] = [i * MOST_TURNS, Math.min((i + 1) * MOST_TURNS, area)];
    return {
      kernel: "global_average_pool_forward",
      code,
      constants: { ...constants, FIRST: first, END: end },
      bindings: { x: x.data, y: y.data },
      groups: [Math.ceil(batch * c4 / 64)],
    };
  });
  tape.record(launches, () => {
    const dy = tape.received(y);
    const dx = tape.gradient(x);
    return [{
      kernel: "global_average_pool_backward",
      code,
      constants: { ...constants, ACCUMULATE: Number(dx.accumulate) },
      bindings: { dy, dx: dx.region },
      groups: elementGroups(batch * c4 * area, 1),
    }];
  });
  return y;
}
