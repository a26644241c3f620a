import { show } from "../pickle/error.ts";
import { writeAtomic } from "./atomic_write.ts";
import { CheckpointError } from "./error.ts";
import { convertFloats, type FloatType } from "./floats.ts";
import { MOMENTUM } from "./network_state.ts";
import { readWeights, type Weights } from "./read_weights.ts";
import { encodeSafetensors, type StoredTensor } from "./safetensors.ts";

/** How a weights file is converted. */
export interface ConvertOptions {
  /** What floating-point numbers become; they stay as they are when absent. */
  dtype?: FloatType;
  /** Keeps momenta; false when absent. */
  keepOptimizer?: boolean;
}

/** What a weights file holds, in numbers. */
export interface WeightsSummary extends Omit<Weights, "tensors" | "metadata"> {
  /** What is in the file, in its order. */
  tensors: { name: string; dtype: string; shape: number[] }[];
  /** Numbers that were learnt: all but buffers and momenta. */
  parameters: number;
  /** Running statistics and counts of batch norms. */
  buffers: number;
}

/** Names of a batch norm's buffers, which are no parameters. */
const BUFFER = /(^|\.)(running_mean|running_var|num_batches_tracked)$/;

/** Counts what was read. */
export function summarizeWeights({ tensors, metadata: _, ...found }: Weights): WeightsSummary {
  const list = [...tensors].map(([name, { dtype, shape }]) => ({ name, dtype, shape }));
  const learnt = list.filter(({ name }) => !BUFFER.test(name) && !name.startsWith(MOMENTUM));
  const parameters = learnt.reduce(
    (sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
  const buffers = list.filter(({ name }) => BUFFER.test(name) && !name.startsWith(MOMENTUM)).length;
  return { ...found, tensors: list, parameters, buffers };
}

/**
 * Writes the weights of `input`, any file that `readWeights` reads, to a safetensors file that
 * PyTorch loads with `load_state_dict(load_file(output))`: the same names, shapes and numbers.
 * The file is written whole or not at all. The metadata of layermix's own checkpoints stays, so
 * that they can still be evaluated.
 *
 * @returns what was written
 * @throws {CheckpointError} when the input cannot be read, or the output is the input or cannot
 *   be written
 */
export async function convertWeights(
  input: string,
  output: string,
  { dtype, keepOptimizer }: ConvertOptions = {},
): Promise<WeightsSummary> {
  const weights = await readWeights(input, { floats: "stored", keepOptimizer });
  if (await isSameFile(input, output)) {
    throw new CheckpointError(`Cannot write ${output}: it is the file that is converted`);
  }
  if (dtype) {
    for (const [name, tensor] of weights.tensors) {
      const converted = convertFloats(tensor, dtype);
      checkRange(output, name, tensor, converted);
      weights.tensors.set(name, converted);
    }
  }
  // What safetensors' own libraries write, and some readers ask for.
  const metadata = { ...weights.metadata, format: "pt" };
  await writeAtomic(output, encodeSafetensors(aligned(weights.tensors), metadata));
  return summarizeWeights(weights);
}

/** Refuses to make a finite number infinite, as F16 does to those of 65520 and more. */
function checkRange(
  output: string,
  name: string,
  before: StoredTensor,
  after: StoredTensor,
): void {
  if (before === after) return;
  const wide = before.dtype === "F64" ? before.data : convertFloats(before, "F32").data;
  const narrow = convertFloats(after, "F32").data;
  for (let i = 0; i < narrow.length; i++) {
    if (Math.abs(narrow[i] as number) === Infinity && Number.isFinite(wide[i])) {
      throw new CheckpointError(
        `Cannot write ${output}: expected numbers that ${after.dtype} holds but found ${
          wide[i]
        } in ${show(name)}`,
      );
    }
  }
}

/** The tensors with the widest elements first: PyTorch needs each to begin at a multiple of its own. */
function aligned(tensors: ReadonlyMap<string, StoredTensor>): Map<string, StoredTensor> {
  const width = ({ data }: StoredTensor) => data.BYTES_PER_ELEMENT;
  return new Map([...tensors].sort(([, a], [, b]) => width(b) - width(a)));
}

/** Whether two paths lead to one file, through links too. */
async function isSameFile(a: string, b: string): Promise<boolean> {
  const [first, second] = await Promise.all(
    [a, b].map((path) => Deno.stat(path).catch(() => undefined)),
  );
  if (!first || !second) return false;
  if (first.ino !== null && second.ino !== null) {
    return first.ino === second.ino && first.dev === second.dev;
  }
  return await Deno.realPath(a) === await Deno.realPath(b);
}
