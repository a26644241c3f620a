import type { StoredTensor } from "../../lib/checkpoint/safetensors.ts";
import { goldenFile } from "../golden.ts";
import { ascii } from "../pickle/values.ts";
import { zip } from "./zip_writer.ts";

const halves = (values: number[]) => new Uint16Array(new Float16Array(values).buffer);
const brains = (values: number[]) =>
  Uint16Array.from(new Uint32Array(Float32Array.from(values).buffer), (word) => word >>> 16);

/** How tests make the data of PyTorch's element types. */
const types: Record<string, (values: number[]) => Pick<StoredTensor, "dtype" | "data">> = {
  float64: (values) => ({ dtype: "F64", data: Float64Array.from(values) }),
  float32: (values) => ({ dtype: "F32", data: Float32Array.from(values) }),
  float16: (values) => ({ dtype: "F16", data: halves(values) }),
  bfloat16: (values) => ({ dtype: "BF16", data: brains(values) }),
  int64: (values) => ({ dtype: "I64", data: BigInt64Array.from(values, BigInt) }),
  uint8: (values) => ({ dtype: "U8", data: Uint8Array.from(values) }),
  bool: (values) => ({ dtype: "BOOL", data: Uint8Array.from(values) }),
};

/** The state dict that PyTorch's golden files hold, in its order. */
export function goldenStateDict(): Map<string, StoredTensor> {
  const file: {
    order: string[];
    tensors: Record<string, { dtype: string; shape: number[]; values_row_major: number[] }>;
  } = JSON.parse(Deno.readTextFileSync(goldenFile("state_dict.json")));
  return new Map(file.order.map((name) => {
    const { dtype, shape, values_row_major: values } = file.tensors[name]!;
    return [name, { shape, ...types[dtype]!(values) }];
  }));
}

/** Text as a pickle of Python 3 writes it. */
export const text = (value: string) => `X${String.fromCharCode(value.length)}\0\0\0${value}`;

/** A whole number from 0 as a pickle writes it. */
function number(value: number): string {
  const bytes = [0, 8, 16, 24].map((bits) => String.fromCharCode(value >> bits & 255));
  return value < 256 ? `K${bytes[0]}` : `J${bytes.join("")}`;
}

const tuple = (values: number[]) => `(${values.map(number).join("")}t`;

/** What a pickle writes for a tensor: a strided view of the storage `key` of `elements`. */
export function tensorPickle(
  { shape = [2], strides = [1], offset = 0, elements = 4, storage = "FloatStorage", key = "0" } =
    {},
): string {
  return `ctorch._utils\n_rebuild_tensor_v2\n((${text("storage")}ctorch\n${storage}\n${text(key)}${
    text("cpu")
  }${number(elements)}tQ${number(offset)}${tuple(shape)}${tuple(strides)}\x89}tR`;
}

/** What a pickle writes for a dictionary of values as they are written. */
export function dictPickle(entries: Record<string, string>): string {
  return `}(${Object.entries(entries).map(([key, value]) => text(key) + value).join("")}u`;
}

/** A PyTorch file of a pickle, without its end, and the f32 storage "0" of 1, 2, 3, 4. */
export function torchZip(
  pickle: string | Uint8Array,
  others: { name: string; content: Uint8Array }[] = [],
): Uint8Array<ArrayBuffer> {
  const content = typeof pickle === "string" ? ascii(`\x80\x02${pickle}.`) : pickle;
  return zip([
    { name: "archive/data.pkl", content },
    { name: "archive/data/0", content: new Uint8Array(Float32Array.of(1, 2, 3, 4).buffer) },
    ...others,
  ]);
}
