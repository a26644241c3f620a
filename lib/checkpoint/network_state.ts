import type { Gpu } from "../gpu/device.ts";
import type { Region } from "../gpu/kernel.ts";
import { readFloats, write } from "../gpu/program.ts";
import { fromStored, type Parameters, toStored } from "../nn/parameters.ts";
import { CheckpointError } from "./error.ts";
import type { StoredTensor } from "./safetensors.ts";

/** Momenta are kept under their parameter's name after this. */
export const MOMENTUM = "optimizer.momentum.";
/** The moving average of parameters and statistics is kept under their names after this. */
const AVERAGE = "average.";

/**
 * Everything a network has learnt, under PyTorch's names and in its layout: parameters, running
 * statistics, and momenta as `optimizer.momentum.<name>`.
 *
 * @param steps becomes every `num_batches_tracked`
 */
export async function readState(
  gpu: Gpu,
  parameters: Parameters,
  steps: number,
): Promise<Map<string, StoredTensor>> {
  const { values, momenta, statistics } = parameters.buffers;
  const [value, statistic] = await Promise.all(
    [values, statistics].map((region) => readFloats(gpu, region)),
  ) as [Float32Array, Float32Array];
  // What is not trained has none.
  const momentum = momenta.buffer && await readFloats(gpu, momenta);
  const part = (all: Float32Array, { offset, bytes }: Region) =>
    all.subarray(offset / 4, (offset + bytes) / 4);
  const state = new Map<string, StoredTensor>();
  const put = (name: string, shape: readonly number[], data: Float32Array) =>
    state.set(name, { dtype: "F32", shape: [...shape], data });
  for (const { name, shape, data } of parameters.parameters) {
    put(name, shape, fromStored(part(value, data), shape));
  }
  for (const { name, shape, data } of parameters.statistics) {
    put(name, shape, part(statistic, data).slice(0, shape[0]));
    if (name.endsWith(".running_var")) {
      const tracked = name.replace(/running_var$/, "num_batches_tracked");
      state.set(tracked, { dtype: "I64", shape: [], data: BigInt64Array.of(BigInt(steps)) });
    }
  }
  if (!momentum) return state;
  for (const { name, shape, momentum: { offset, bytes } } of parameters.parameters) {
    put(MOMENTUM + name, shape, fromStored(part(momentum, { name, offset, bytes }), shape));
  }
  return state;
}

/** The state of a moving average, to be kept beside that of the network. */
export async function readAverages(
  gpu: Gpu,
  averages: Parameters,
  steps: number,
): Promise<Map<string, StoredTensor>> {
  const state = await readState(gpu, averages, steps);
  return new Map([...state].map(([name, tensor]) => [AVERAGE + name, tensor]));
}

/** The network's own state and that of its moving average, if there is one, each without prefix. */
export function partAverages(
  tensors: ReadonlyMap<string, StoredTensor>,
): { own: Map<string, StoredTensor>; averages?: Map<string, StoredTensor> } {
  const [own, averages] = [new Map<string, StoredTensor>(), new Map<string, StoredTensor>()];
  for (const [name, tensor] of tensors) {
    if (name.startsWith(AVERAGE)) averages.set(name.slice(AVERAGE.length), tensor);
    else own.set(name, tensor);
  }
  return { own, averages: averages.size ? averages : undefined };
}

/**
 * Writes a state that `readState` made, or the parameters and statistics of a PyTorch state_dict.
 *
 * @param file named in errors
 * @param momenta whether momenta must be there, as for training to go on with the same bits
 * @throws {CheckpointError} when a tensor is missing, has another shape, or belongs to no parameter
 */
export function writeState(
  gpu: Gpu,
  parameters: Parameters,
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
  momenta = false,
): void {
  const names = new Set<string>();
  const take = (name: string, shape: readonly number[]) => {
    names.add(name);
    return take32(tensors, name, shape, file);
  };
  const writes: [Region, Float32Array<ArrayBuffer>][] = [];
  for (const { name, shape, data } of parameters.parameters) {
    writes.push([data, toStored(take(name, shape), shape)]);
  }
  for (const { name, shape, data } of parameters.statistics) {
    names.add(name.replace(/running_var$/, "num_batches_tracked"));
    writes.push([data, toStored(take(name, shape), shape)]);
  }
  for (const { name, shape, momentum } of parameters.parameters) {
    if (momenta || tensors.has(MOMENTUM + name)) {
      writes.push([momentum, toStored(take(MOMENTUM + name, shape), shape)]);
    }
  }
  const unknown = [...tensors.keys()].find((name) => !names.has(name));
  if (unknown) {
    throw new CheckpointError(
      `Cannot load ${file}: the network has no ${unknown}; it was made by another architecture`,
    );
  }
  for (const [region, data] of writes) {
    write(gpu, region, data);
    gpu.flush();
  }
}

function take32(
  tensors: ReadonlyMap<string, StoredTensor>,
  name: string,
  shape: readonly number[],
  file: string,
): Float32Array {
  const tensor = tensors.get(name);
  const expected = `${name} of shape ${shape.join(" × ")}`;
  const found = !tensor
    ? "none"
    : tensor.shape.join() !== shape.join()
    ? tensor.shape.join(" × ") || "a single number"
    : tensor.data instanceof Float32Array
    ? undefined
    : tensor.dtype;
  if (found) {
    throw new CheckpointError(`Cannot load ${file}: expected ${expected} but found ${found}`);
  }
  return tensor!.data as Float32Array;
}
