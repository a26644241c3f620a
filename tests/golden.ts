/** One tensor of a golden file: row-major values, as made by PyTorch, torchvision or PIL. */
export interface GoldenTensor {
  dtype: "U8" | "I32" | "I64" | "F32" | "F64";
  shape: number[];
  data: Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;
}

const arrays = {
  U8: Uint8Array,
  I32: Int32Array,
  I64: BigInt64Array,
  F32: Float32Array,
  F64: Float64Array,
};

/** The address of a file below tests/golden. */
export function goldenFile(name: string): URL {
  return new URL(`./golden/${name}`, import.meta.url);
}

/**
 * Every tensor of `tests/golden/<file>.safetensors` by name.
 *
 * Layout: u64 header length, JSON header {name: {dtype, shape, data_offsets}}, then the values,
 * all little endian.
 */
export function golden(file: string): Map<string, GoldenTensor> {
  const bytes = Deno.readFileSync(goldenFile(`${file}.safetensors`));
  const start = 8 + Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const header: Record<
    string,
    { dtype: GoldenTensor["dtype"]; shape: number[]; data_offsets: [number, number] }
  > = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const tensors = new Map<string, GoldenTensor>();
  for (
    const [name, { dtype, shape, data_offsets: [from, to] = [0, 0] }] of Object.entries(header)
  ) {
    if (name === "__metadata__") continue;
    const data = new arrays[dtype](bytes.slice(start + from, start + to).buffer);
    tensors.set(name, { dtype, shape, data });
  }
  return tensors;
}
