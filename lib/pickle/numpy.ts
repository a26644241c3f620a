import { PickleError, show } from "./error.ts";
import { Global, globals, listOf, shapeOf, type Stateful, textOf } from "./values.ts";

/** The element types that are read: signed, unsigned, floating and bool, by NumPy's letters. */
const KNOWN = /^[<>|=]?(b1|[iu][1248]|f[248])$/;

/** An element type of NumPy; its order of bytes comes with its state. */
export class NumpyType implements Stateful {
  littleEndian = true;

  /** @param code such as "u1" for bytes, "f8" for f64 */
  constructor(readonly code: string) {}

  /** Of one element, in bytes. */
  get size(): number {
    return Number(this.code[1]);
  }

  /** (version, order, subarray, names, fields, size, alignment, flags) */
  setState(state: unknown): void {
    const [, order, ...structure] = listOf(state, "the state of an element type");
    const letter = textOf(order, "an order of bytes");
    if (!/^[<>|=]$/.test(letter)) throw new PickleError("an order of bytes", show(letter));
    if (structure.slice(0, 3).some((part) => part !== null)) {
      throw new PickleError("plain numbers in an array", "records");
    }
    this.littleEndian = letter !== ">";
  }

  /** Element `index` of `bytes`. */
  read(bytes: Uint8Array, index: number): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const [at, little] = [index * this.size, this.littleEndian];
    switch (this.code) {
      case "b1":
      case "u1":
        return view.getUint8(at);
      case "i1":
        return view.getInt8(at);
      case "u2":
        return view.getUint16(at, little);
      case "i2":
        return view.getInt16(at, little);
      case "u4":
        return view.getUint32(at, little);
      case "i4":
        return view.getInt32(at, little);
      case "u8":
        return Number(view.getBigUint64(at, little));
      case "i8":
        return Number(view.getBigInt64(at, little));
      case "f2":
        return view.getFloat16(at, little);
      case "f4":
        return view.getFloat32(at, little);
      default:
        return view.getFloat64(at, little);
    }
  }
}

/** An array of NumPy: `bytes` hold its elements, row-major. */
export class NumpyArray implements Stateful {
  shape: number[] = [0];
  type: NumpyType = new NumpyType("u1");
  bytes: Uint8Array = new Uint8Array(0);

  /** (version, shape, type, whether it is column-major, bytes), the version absent in old ones */
  setState(state: unknown): void {
    const parts = listOf(state, "the state of an array");
    const [shape, type, columns, bytes] = parts.length === 5 ? parts.slice(1) : parts;
    this.fill(shape, type, columns === true || columns === 1, bytes);
  }

  /** @throws {PickleError} when the bytes are not as many as shape and type say */
  fill(shape: unknown, type: unknown, columns: boolean, bytes: unknown): void {
    const sides = shapeOf(shape, "the shape of an array");
    if (!(type instanceof NumpyType)) throw new PickleError("an element type", show(type));
    if (!(bytes instanceof Uint8Array)) throw new PickleError("the bytes of an array", show(bytes));
    const size = sides.reduce((product, side) => product * side, type.size);
    if (bytes.length !== size) {
      throw new PickleError(
        `${size} bytes in an array of shape [${sides}]`,
        `${bytes.length} bytes`,
      );
    }
    if (columns && sides.filter((side) => side !== 1).length > 1) {
      throw new PickleError("a row-major array", "a column-major one");
    }
    Object.assign(this, { shape: sides, type, bytes });
  }
}

function elementType([name]: unknown[]): NumpyType {
  const text = textOf(name, "an element type");
  if (!KNOWN.test(text)) throw new PickleError("an element type of numbers", show(text));
  const type = new NumpyType(text.slice(-2));
  type.littleEndian = !text.startsWith(">");
  return type;
}

/** `scalar(type, bytes)`: the number. */
function scalar([type, bytes]: unknown[]): number {
  if (!(type instanceof NumpyType)) throw new PickleError("an element type", show(type));
  if (!(bytes instanceof Uint8Array) || bytes.length !== type.size) {
    throw new PickleError(`${type.size} bytes of a number`, show(bytes));
  }
  return type.read(bytes, 0);
}

/** `_frombuffer(bytes, type, shape, order)`: how protocol 5 writes arrays. */
function fromBuffer([bytes, type, shape, order]: unknown[]): NumpyArray {
  const array = new NumpyArray();
  array.fill(shape, type, textOf(order, "an order of elements") === "F", bytes);
  return array;
}

/** NumPy's arrays, element types and numbers, under the module names of NumPy 1 and 2. */
export const numpyGlobals: ReadonlyMap<string, Global> = new Map([
  ...globals({
    "numpy.dtype": elementType,
    ...Object.fromEntries(
      ["numpy.core", "numpy._core"].flatMap((core) => [
        [`${core}.multiarray._reconstruct`, () => new NumpyArray()],
        [`${core}.multiarray.scalar`, scalar],
        [`${core}.numeric._frombuffer`, fromBuffer],
      ]),
    ),
  }),
  // Only an argument of _reconstruct().
  ["numpy.ndarray", new Global("numpy.ndarray")],
]);
