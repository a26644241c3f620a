import code from "../../kernels/concatenate.wgsl" with { type: "text" };
import type { Launch } from "../gpu/kernel.ts";
import type { Tape, Tensor } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";

/**
 * The channels of a, then those of b (both batch × height × width × channels).
 *
 * @throws {RangeError} when the pictures differ in size, or the channels are not multiples of four
 */
export function concatenate(tape: Tape, a: Tensor, b: Tensor): Tensor {
  const pixels = a.shape.slice(0, -1), channels = [a, b].map(({ shape }) => shape.at(-1)!);
  if (pixels.join() !== b.shape.slice(0, -1).join() || channels.some((count) => count % 4)) {
    throw new RangeError(
      `Cannot concatenate: expected pictures of one size and multiples of 4 channels but found ` +
        `${a.shape.join(" × ")} and ${b.shape.join(" × ")}`,
    );
  }
  const rows = pixels.reduce((product, side) => product * side, 1);
  const [a4, b4] = channels.map((count) => count / 4) as [number, number];
  const y = tape.tensor("concatenate", [...pixels, 4 * (a4 + b4)]);
  const constants = { ROWS: rows, C4: a4 + b4 };
  tape.record([{
    ...{ kernel: "concatenate_forward", code, constants: { ...constants, A4: a4 } },
    ...{
      bindings: { a: a.data, b: b.data, y: y.data },
      groups: elementGroups(rows * (a4 + b4), 1),
    },
  }], () => {
    const dy = tape.received(y);
    const backward = (operand: Tensor, own4: number, before4: number): Launch => {
      const { region: da, accumulate } = tape.gradient(operand);
      return {
        ...{ kernel: "concatenate_backward", code, bindings: { dy, da } },
        constants: { ...constants, A4: own4, BEFORE4: before4, ACCUMULATE: Number(accumulate) },
        groups: elementGroups(rows * own4, 1),
      };
    };
    return [backward(a, a4, 0), backward(b, b4, a4)];
  });
  return y;
}
