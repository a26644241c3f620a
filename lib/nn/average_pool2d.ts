import code from "../../kernels/average_pool2d.wgsl" with { type: "text" };
import { padded, type Tape, type Tensor } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";

/**
 * The mean of each square window of `kernel` × `kernel` pixels of x (batch × height × width ×
 * channels); windows lie side by side, and pixels left over at the right and at the bottom are not
 * read, as by PyTorch's AvgPool2d.
 *
 * @throws {RangeError} when the picture is smaller than the window
 */
export function averagePool2d(tape: Tape, x: Tensor, kernel: number): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  if (!Number.isInteger(kernel) || kernel < 1 || Math.min(height, width) < kernel) {
    throw new RangeError(
      `Cannot pool: expected a window no larger than the ${height} × ${width} picture ` +
        `but found ${kernel}`,
    );
  }
  const [rows, columns] = [Math.floor(height / kernel), Math.floor(width / kernel)];
  const y = tape.tensor("average_pool2d", [batch, rows, columns, channels]);
  const c4 = padded(channels) / 4;
  const [vectors, outVectors] = [batch * height * width * c4, batch * rows * columns * c4];
  const constants = {
    ...{ HEIGHT: height, WIDTH: width, OUT_HEIGHT: rows, OUT_WIDTH: columns, C4: c4 },
    ...{ VECTORS: vectors, OUT_VECTORS: outVectors, KERNEL: kernel },
  };
  tape.record([{
    ...{ kernel: "average_pool2d_forward", code, constants, groups: elementGroups(outVectors, 1) },
    bindings: { x: x.data, y: y.data },
  }], () => {
    const dy = tape.received(y);
    const { region: dx, accumulate } = tape.gradient(x);
    return [{
      ...{ kernel: "average_pool2d_backward", code, groups: elementGroups(vectors, 1) },
      constants: { ...constants, ACCUMULATE: Number(accumulate) },
      bindings: { dy, dx },
    }];
  });
  return y;
}
