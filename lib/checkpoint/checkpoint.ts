import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Gpu } from "../gpu/device.ts";
import { parseJson } from "../json.ts";
import { modelNames, type ModelOptions } from "../models/model.ts";
import type { Parameters } from "../nn/parameters.ts";
import { layermixVersion } from "../version.ts";
import { writeAtomic } from "./atomic_write.ts";
import { CheckpointError, NotFiniteError } from "./error.ts";
import { partAverages, readAverages, readState, writeState } from "./network_state.ts";
import { decodeSafetensors, encodeSafetensors, type StoredTensor } from "./safetensors.ts";

/** What a checkpoint says beside its tensors; kept as JSON in the file's `__metadata__`. */
export interface CheckpointHeader {
  /** "cifar10", "cifar100" or "shapes". */
  dataset: string;
  /** The name of every class. */
  classes: string[];
  /** Of the pictures, in pixels. */
  width: number;
  /** Pixels down. */
  height: number;
  /** The network. */
  model: ModelOptions;
  /** How it was trained. */
  settings: Record<string, unknown>;
  /** Steps done, and what else training needs to go on. */
  progress: { step: number } & Record<string, unknown>;
}

/** A checkpoint file as read. */
export interface Checkpoint {
  /** Where it was read. */
  file: string;
  /** Of the whole file, 64 hexadecimal digits. */
  sha256: string;
  /** Absent in files that layermix did not write. */
  header?: CheckpointHeader;
  /** Parameters, statistics and momenta under PyTorch's names. */
  tensors: Map<string, StoredTensor>;
}

/** The two checkpoints of a run folder. */
export function checkpointFiles(folder: string): { last: string; best: string } {
  return { last: join(folder, "last.safetensors"), best: join(folder, "best.safetensors") };
}

/**
 * Writes parameters, running statistics, momenta, their moving average if there is one, and header to
 * one file, all or nothing.
 *
 * @throws {NotFiniteError} when a number is not finite: such a network is not worth keeping
 */
export async function saveCheckpoint(
  gpu: Gpu,
  parameters: Parameters,
  file: string,
  header: CheckpointHeader,
  averages?: Parameters,
): Promise<void> {
  const { step } = header.progress;
  const state = await readState(gpu, parameters, step);
  for (const [name, tensor] of averages ? await readAverages(gpu, averages, step) : []) {
    state.set(name, tensor);
  }
  for (const [name, { data }] of state) {
    if (data instanceof Float32Array && !data.every(Number.isFinite)) {
      throw new NotFiniteError(file, name);
    }
  }
  const metadata = { layermix: layermixVersion, header: JSON.stringify(header) };
  await writeAtomic(file, encodeSafetensors(state, metadata));
}

/**
 * Reads a safetensors file.
 *
 * @throws {CheckpointError} when there is no such file or it is damaged
 */
export async function readCheckpoint(file: string): Promise<Checkpoint> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (cause) {
    const found = cause instanceof Deno.errors.NotFound
      ? "nothing there"
      : (cause as Error).message;
    throw new CheckpointError(
      `Cannot read ${file}: expected a safetensors file but found ${found}`,
      { cause },
    );
  }
  const { tensors, metadata } = decodeSafetensors(bytes, file);
  const header = metadata.header === undefined ? undefined : parseHeader(metadata.header, file);
  return { file, sha256: createHash("sha256").update(bytes).digest("hex"), header, tensors };
}

/** No network is deeper, wider or has more classes: a file that says so is not to be believed. */
const LARGEST = { layers: 1000, widenFactor: 64, classes: 100_000 };

/**
 * The header of a checkpoint, from its metadata.
 *
 * @throws {CheckpointError} when it is damaged
 */
export function parseHeader(text: string, file: string): CheckpointHeader {
  try {
    const header = parseJson(text) as CheckpointHeader;
    const { model, progress, settings, classes, width, height } = header;
    const whole = (value: unknown, low: number, high: number) =>
      Number.isInteger(value) && value as number >= low && value as number <= high;
    const sound = modelNames.includes(model.name) && Array.isArray(classes) &&
      typeof settings === "object" && settings !== null && whole(progress.step, 0, 2 ** 53) &&
      Object.entries(LARGEST).every(([key, most]) =>
        whole(model[key as keyof typeof LARGEST], 1, most)
      ) &&
      [width, height].every((side) => whole(side, 1, 4096));
    if (!sound) throw new TypeError("a field is missing or out of range");
    return header;
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new CheckpointError(
      `Cannot read ${file}: expected a layermix header but found a damaged one (${reason})`,
      { cause },
    );
  }
}

/** What of a checkpoint is written where. */
export interface RestoreOptions {
  /** Whether momenta must be there, as for training to go on; false by default. */
  momenta?: boolean;
  /** Gets the moving average, which must be there then. */
  averages?: Parameters;
}

/**
 * Writes a checkpoint's tensors to allocated parameters of `model`.
 *
 * @throws {CheckpointError} when the architectures differ
 */
export function restore(
  gpu: Gpu,
  parameters: Parameters,
  { file, tensors, header }: Checkpoint,
  model: ModelOptions,
  { momenta, averages }: RestoreOptions = {},
): void {
  checkHeader(file, header, model);
  const parts = partAverages(tensors);
  if (averages && !parts.averages) {
    throw new CheckpointError(
      `Cannot load ${file}: expected a moving average of the weights but found none`,
    );
  }
  if (averages) writeState(gpu, averages, parts.averages!, file);
  writeState(gpu, parameters, parts.own, file, momenta);
}

/** @throws {CheckpointError} when a file says that it is of another network than `model` */
export function checkHeader(
  file: string,
  header: CheckpointHeader | undefined,
  model: ModelOptions,
): void {
  for (const field of ["name", "layers", "widenFactor", "classes"] as const) {
    if (header && header.model[field] !== model[field]) {
      throw new CheckpointError(
        `Cannot load ${file}: expected a network with ${field} ${model[field]} but found ${
          header.model[field]
        }`,
      );
    }
  }
}
