import type { Tensor4D } from "./tensorflow.ts";
import type { PackedType } from "./pack.ts";

/** Of the pictures of a batch; sizes in pixels. */
export interface PictureShape {
  width: number;
  height: number;
  /** Pictures at the most. */
  batch: number;
  /** Plans of each; 1 by default. */
  views?: number;
}

/**
 * Refuses tensors that are no pictures of the size, or not those of so many plans.
 *
 * @returns the tensor's type
 * @throws {TypeError} for a tensor that was disposed, or of another type
 * @throws {RangeError} for another shape
 */
export function checkTensor(
  tensor: Tensor4D,
  { width, height, batch, views = 1 }: PictureShape,
  plans: number,
): PackedType {
  if (tensor.isDisposed) throw new TypeError("Cannot augment: the tensor was disposed");
  const { dtype } = tensor;
  const shape: readonly number[] = tensor.shape;
  if (dtype !== "int32" && dtype !== "float32") {
    throw new TypeError(
      `Cannot augment: expected a tensor of int32 or float32 but found ${dtype}`,
    );
  }
  const [count = 0, ...rest] = shape;
  if (!(rest.join() === `${height},${width},3` && count >= 1 && count <= batch)) {
    throw new RangeError(
      `Cannot augment: expected a tensor of 1 … ${batch} × ${height} × ${width} × 3 ` +
        `but found ${shape.join(" × ")}`,
    );
  }
  if (count * views === plans) return dtype;
  throw new RangeError(
    `Cannot augment: expected plans of ${count} pictures but found ${plans / views}`,
  );
}
