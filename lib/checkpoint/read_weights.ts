import { createHash } from "node:crypto";
import { PickleError, RefusedGlobalError } from "../pickle/error.ts";
import { unpickle } from "../pickle/unpickle.ts";
import { CheckpointError } from "./error.ts";
import { convertFloats } from "./floats.ts";
import { MOMENTUM, partAverages } from "./network_state.ts";
import { decodeSafetensors, type StoredTensor } from "./safetensors.ts";
import { findStateDict, isNetworkClass, stripPrefixes } from "./state_dict.ts";
import { isTorchLegacy, isZip, readTorchLegacy, readTorchZip } from "./torch_file.ts";
import { torchGlobals } from "./torch_globals.ts";
import { TorchTensor } from "./torch_tensor.ts";

/** How weights are read. */
export interface ReadWeightsOptions {
  /**
   * "f32" (when absent) makes every F16, BF16 and F64 an F32; "stored" leaves numbers as they are.
   */
  floats?: "f32" | "stored";
  /** Keeps all of a training checkpoint, momenta and moving averages too; false when absent. */
  keepOptimizer?: boolean;
  /** Of layermix's own checkpoints with a moving average: that ("averaged", when absent) or not. */
  which?: "averaged" | "trained";
}

/** The weights of a network as read from a file, under PyTorch's names and in its layout. */
export interface Weights {
  /** Where they were read. */
  file: string;
  /** Of the whole file, 64 hexadecimal digits. */
  sha256: string;
  /** How the file is written, by its content: PyTorch's is a zip archive since 1.6. */
  format: "safetensors" | "pytorch" | "pytorch-legacy";
  /** Where in the file the state dict was found, such as "state_dict"; "" for the file itself. */
  foundAt: string;
  /** Prefixes that all names had and have lost, in order, such as "module.". */
  stripped: string[];
  /** Names of what was left out: momenta, and the weights or their moving average. */
  leftOut: string[];
  /** Parameters and buffers, in the file's order. */
  tensors: Map<string, StoredTensor>;
  /** A safetensors file's own; empty otherwise. */
  metadata: Record<string, string>;
}

type Found = Pick<Weights, "format" | "foundAt" | "tensors" | "metadata">;

/**
 * Reads weights from a safetensors file, or from a PyTorch file (`.pth`, `.pt`, `.pth.tar`) in the
 * zip format of 1.6 and later or the one before it, known by its content. A PyTorch file may be the
 * state dict itself or hold it under `state_dict`, `model_state_dict`, `model` or `net`; `module.`
 * and `_orig_mod.` before every name are taken off. Nothing in a file is run: a pickle that names
 * other code than tensors and plain data is refused.
 *
 * @throws {CheckpointError} one line that names the file, what was expected and what was found
 */
export async function readWeights(
  file: string,
  options: ReadWeightsOptions = {},
): Promise<Weights> {
  const bytes = await Deno.readFile(file).catch((cause: Error) => {
    const found = cause instanceof Deno.errors.NotFound ? "nothing there" : cause.message;
    throw new CheckpointError(`Cannot read ${file}: expected weights but found ${found}`, {
      cause,
    });
  });
  const weights = decodeWeights(bytes, file, options);
  return { ...weights, sha256: createHash("sha256").update(bytes).digest("hex") };
}

/**
 * Weights from the bytes of a file, as `readWeights` does it.
 *
 * @param file its name, for errors
 * @throws {CheckpointError} as `readWeights`
 */
export function decodeWeights(
  bytes: Uint8Array,
  file: string,
  { floats = "f32", keepOptimizer = false, which = "averaged" }: ReadWeightsOptions = {},
): Omit<Weights, "sha256"> {
  const { tensors, ...found } = decode(bytes, file);
  const { chosen, leftOut } = keepOptimizer
    ? { chosen: tensors, leftOut: [] }
    : chooseWeights(tensors, which);
  const { stripped, renamed } = stripPrefixes(chosen);
  const kept = new Map([...renamed].map(([name, tensor]) => {
    return [name, floats === "f32" ? convertFloats(tensor, "F32") : tensor];
  }));
  if (kept.size === 0) {
    throw new CheckpointError(`Cannot read ${file}: expected weights but found no tensors`);
  }
  return { file, ...found, stripped, leftOut, tensors: kept };
}

/** What a network needs that is to be evaluated: not momenta, and one of the two sets of weights. */
function chooseWeights(
  tensors: ReadonlyMap<string, StoredTensor>,
  which: "averaged" | "trained",
): { chosen: Map<string, StoredTensor>; leftOut: string[] } {
  const { own, averages } = partAverages(tensors);
  const trained = new Map([...own].filter(([name]) => !name.startsWith(MOMENTUM)));
  const chosen = which === "averaged" ? averages ?? trained : trained;
  const kept = new Set(chosen.values());
  return { chosen, leftOut: [...tensors].flatMap(([name, one]) => kept.has(one) ? [] : [name]) };
}

function decode(bytes: Uint8Array, file: string): Found {
  try {
    if (isZip(bytes)) return fromTorch(readTorchZip(bytes), "pytorch");
    if (isTorchLegacy(bytes)) return fromTorch(readTorchLegacy(bytes), "pytorch-legacy");
    if (isSafetensors(bytes)) {
      return { format: "safetensors", foundAt: "", ...decodeSafetensors(bytes, file) };
    }
    refuseCode(bytes);
    throw new PickleError("a safetensors or PyTorch file", `neither in its ${bytes.length} bytes`);
  } catch (cause) {
    if (!(cause instanceof PickleError)) throw cause;
    const hint = cause instanceof RefusedGlobalError && isNetworkClass(cause.global)
      ? "; save model.state_dict() instead"
      : "";
    throw new CheckpointError(`Cannot read ${file}: ${cause.message}${hint}`, { cause });
  }
}

/** Whether a file begins with a length and a JSON object, as a safetensors file does. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === 0x7b || (bytes.length > 0 && bytes.length < 9);
}

/** Pickles of the text protocol begin like any text; one that names code is to be called that. */
function refuseCode(bytes: Uint8Array): void {
  try {
    unpickle(bytes, { globals: torchGlobals });
  } catch (error) {
    if (error instanceof RefusedGlobalError) throw error;
  }
}

function fromTorch(
  { value, reader }: ReturnType<typeof readTorchZip>,
  format: Found["format"],
): Found {
  const { path, entries } = findStateDict(value);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, tensor] of entries) {
    if (typeof name === "string" && tensor instanceof TorchTensor) {
      tensors.set(name, reader.read(name, tensor));
    }
  }
  return { format, foundAt: path.join("."), tensors, metadata: {} };
}
