import { PickleError, show } from "../pickle/error.ts";
import { type Dtype, type StoredTensor, tensorArrays, type TensorData } from "./safetensors.ts";

/** The memory that tensors of a PyTorch file are views of; its bytes come apart from the pickle. */
export interface StorageName {
  key: string;
  /** Of its elements; absent in an untyped storage, which counts bytes. */
  dtype: Dtype | undefined;
  /** How many elements, or bytes, the pickle says that it has. */
  elements: number;
  /** Where an old PyTorch's view of a storage begins, in elements. */
  first: number;
}

/** A tensor of a PyTorch file before its numbers are read: a strided view of a storage. */
export class TorchTensor {
  constructor(
    readonly storage: StorageName,
    readonly dtype: Dtype,
    /** In elements, as the strides. */
    readonly offset: number,
    readonly shape: number[],
    readonly strides: number[],
  ) {}
}

/** Reads tensors out of the storages of one file. */
export class TensorReader {
  #left: number;

  /**
   * @param storage the bytes of a storage, undefined where there is none of that key
   * @param size of the file, in bytes
   */
  constructor(readonly storage: (key: string) => Uint8Array | undefined, size: number) {
    // Views of one storage may overlap and repeat elements, but not without bound.
    this.#left = 8 * size + 2 ** 26;
  }

  /**
   * The tensor's elements in row-major order, copied.
   *
   * @param name for errors
   * @throws {PickleError} when it lies outside its storage, or the storage is too small
   */
  read(name: string, { storage, dtype, offset, shape, strides }: TorchTensor): StoredTensor {
    const array = tensorArrays[dtype];
    const size = array.BYTES_PER_ELEMENT;
    const bytes = this.#bytes(name, storage, dtype);
    const count = shape.reduce((product, side) => product * side, 1);
    const last = strides.reduce((sum, stride, axis) => sum + stride * (shape[axis]! - 1), 0);
    const from = storage.first + offset;
    const span = count === 0 ? 0 : last + 1;
    if (!(from + span <= bytes.length / size)) {
      throw new PickleError(
        `tensor ${show(name)} within storage ${storage.key} of ${
          Math.floor(bytes.length / size)
        } elements`,
        `that it needs ${from + span}: the storage is too small`,
      );
    }
    this.#left -= (span + count) * size;
    if (this.#left < 0) {
      throw new PickleError("tensors in proportion to the file's size", "far larger ones");
    }
    // A copy begins at a multiple of the element's size, which the file's bytes need not.
    const whole = new array(bytes.slice(from * size, (from + span) * size).buffer);
    const data = isRowMajor(shape, strides) ? whole : gather(whole, shape, strides, count);
    return { dtype, shape: [...shape], data };
  }

  #bytes(name: string, { key, elements, dtype: stored }: StorageName, dtype: Dtype): Uint8Array {
    if (stored && stored !== dtype) {
      throw new PickleError(`${dtype} in the storage of ${show(name)}`, stored);
    }
    const bytes = this.storage(key);
    if (!bytes) throw new PickleError(`storage ${key} of tensor ${show(name)}`, "none");
    const size = elements * (stored ? tensorArrays[stored].BYTES_PER_ELEMENT : 1);
    if (bytes.length !== size) {
      throw new PickleError(
        `${size} bytes in storage ${key}`,
        `${bytes.length}: the storage is too ${bytes.length < size ? "small" : "large"}`,
      );
    }
    return bytes;
  }
}

/** Whether elements lie one after another; strides of sides of 1 do not matter. */
function isRowMajor(shape: number[], strides: number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] === 0) return true;
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis]!;
  }
  return true;
}

/** Elements of a strided view in row-major order. */
function gather(
  source: TensorData,
  shape: number[],
  strides: number[],
  count: number,
): TensorData {
  const Data = source.constructor as new (length: number) => TensorData;
  const data = new Data(count);
  const index = shape.map(() => 0);
  for (let i = 0, at = 0; i < count; i++) {
    data[i] = source[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return data;
}
