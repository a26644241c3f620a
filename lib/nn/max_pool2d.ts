import code from "../../kernels/max_pool2d.wgsl" with { type: "text" };
import { padded, paddedSize, type Tape, type Tensor } from "../gpu/tape.ts";
import { elementGroups } from "./elementwise.ts";

/** How a max pool is run; sizes in pixels, the same in both directions. */
export interface MaxPoolOptions {
  /** Side of the square window, up to 16. */
  kernel: number;
  /** Pixels from window to window. */
  stride: number;
  /** Pixels beyond the edge that windows may reach, up to half of the window. */
  padding?: number;
}

/**
 * The largest value of each window of x (batch × height × width × channels), as PyTorch's MaxPool2d:
 * the first of equal values, row by row, gets the gradient.
 *
 * @throws {RangeError} when a size is out of range or the picture is smaller than the window
 */
export function maxPool2d(
  tape: Tape,
  x: Tensor,
  { kernel, stride, padding = 0 }: MaxPoolOptions,
): Tensor {
  const [batch, height, width, channels] = x.shape as [number, number, number, number];
  const isCount = (value: number, low: number, high: number) =>
    Number.isInteger(value) && value >= low && value <= high;
  if (
    !isCount(kernel, 1, 16) || !isCount(stride, 1, Infinity) || !isCount(padding, 0, kernel / 2) ||
    Math.min(height, width) + 2 * padding < kernel
  ) {
    throw new RangeError(
      `Cannot pool: expected a window of 1 … 16, padded by half of it at most and no larger than ` +
        `the ${height} × ${width} picture, but found ${kernel}, stride ${stride}, padding ${padding}`,
    );
  }
  const side = (size: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1;
  const y = tape.tensor("max_pool2d", [batch, side(height), side(width), channels]);
  const chosen = tape.scratch("max_pool2d.chosen", paddedSize(y.shape));
  const c4 = padded(channels) / 4;
  const [vectors, outVectors] = [batch * height * width, batch * side(height) * side(width)]
    .map((pixels) => pixels * c4) as [number, number];
  const constants = {
    ...{ HEIGHT: height, WIDTH: width, OUT_HEIGHT: side(height), OUT_WIDTH: side(width), C4: c4 },
    ...{ VECTORS: vectors, OUT_VECTORS: outVectors },
    ...{ KERNEL: kernel, STRIDE: stride, PADDING: padding },
  };
  tape.record([{
    ...{ kernel: "max_pool2d_forward", code, constants, groups: elementGroups(outVectors, 1) },
    bindings: { x: x.data, y: y.data, chosen },
  }], () => {
    const dy = tape.received(y);
    const { region: dx, accumulate } = tape.gradient(x);
    return [{
      ...{ kernel: "max_pool2d_backward", code, groups: elementGroups(vectors, 1) },
      constants: { ...constants, ACCUMULATE: Number(accumulate) },
      bindings: { dy, taken: chosen, dx },
    }];
  });
  return y;
}
