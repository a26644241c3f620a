import type { Gpu } from "../gpu/device.ts";
import { initialValues } from "../nn/initialize.ts";
import type { Parameters } from "../nn/parameters.ts";
import { matchWeights } from "./match_weights.ts";
import { writeState } from "./network_state.ts";
import type { StoredTensor } from "./safetensors.ts";

/** PyTorch's shape of every parameter and statistic of a network. */
export function shapesOf(parameters: Parameters): Map<string, readonly number[]> {
  const all = [...parameters.parameters, ...parameters.statistics];
  return new Map(all.map(({ name, shape }) => [name, shape]));
}

/** Whose weights are loaded, and how far they must fit. */
export interface LoadOptions {
  /** The file, for errors. */
  file: string;
  /** For fine-tuning: where the classes are others, the classifier is drawn anew by this seed. */
  seed?: number;
}

/**
 * Writes weights to allocated parameters. The classifier is what was declared last: a weight and a
 * bias.
 *
 * @returns the names of what was drawn anew
 * @throws {CheckpointError} that names what is unknown, missing or of another shape
 */
export function loadWeights(
  gpu: Gpu,
  parameters: Parameters,
  tensors: ReadonlyMap<string, StoredTensor>,
  { file, seed }: LoadOptions,
): string[] {
  const last = parameters.parameters.length - 2;
  const classifier = seed === undefined ? [] : parameters.parameters.slice(last);
  const names = classifier.map(({ name }) => name);
  const matched = matchWeights(shapesOf(parameters), tensors, { file, classifier: names });
  const drawn = classifier.filter(({ name }) => matched.leftOut.includes(name));
  drawn.forEach((parameter) => {
    const number = parameters.parameters.indexOf(parameter);
    const { name, shape } = parameter, data = initialValues(parameter, seed!, number);
    matched.tensors.set(name, { dtype: "F32", shape: [...shape], data });
  });
  writeState(gpu, parameters, matched.tensors, file);
  return matched.leftOut;
}
