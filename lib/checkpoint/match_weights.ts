import { CheckpointError } from "./error.ts";
import type { StoredTensor } from "./safetensors.ts";

/** A tensor whose shape is not the network's. */
export interface ShapeMismatch {
  name: string;
  expected: readonly number[];
  found: readonly number[];
}

/** How the tensors of a file differ from what a network has. */
export interface WeightDifferences {
  /** Names in the file that the network does not have. */
  unknown: string[];
  /** Names of the network that are not in the file. */
  missing: string[];
  mismatched: ShapeMismatch[];
}

/** How weights are matched. */
export interface MatchOptions {
  /** The file, for errors. */
  file: string;
  /**
   * Names of the classifier's weight and bias, to leave both out when their first side (the number
   * of classes) is another one, so that a network may be fine-tuned to other classes.
   */
  classifier?: readonly string[];
}

/** Weights that fit a network. */
export interface MatchedWeights {
  /** Those that the network takes, by its names. */
  tensors: Map<string, StoredTensor>;
  /** The classifier's names where it was left out, to be drawn anew. */
  leftOut: string[];
}

/** Each batch norm's count of batches: PyTorch 0.4 wrote none, and evaluation needs none. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/**
 * All differences between a network's names and shapes and a file's. A `num_batches_tracked` may
 * be missing, and is known wherever the network has the `running_var` beside it.
 */
export function compareWeights(
  expected: ReadonlyMap<string, readonly number[]>,
  tensors: ReadonlyMap<string, { shape: readonly number[] }>,
): WeightDifferences {
  const isKnown = (name: string) =>
    expected.has(name) ||
    COUNTER.test(name) && expected.has(name.replace(/num_batches_tracked$/, "running_var"));
  const mismatched: ShapeMismatch[] = [];
  for (const [name, shape] of expected) {
    const found = tensors.get(name)?.shape;
    if (found && found.join() !== shape.join()) mismatched.push({ name, expected: shape, found });
  }
  return {
    unknown: [...tensors.keys()].filter((name) => !isKnown(name)),
    missing: [...expected.keys()].filter((name) => !tensors.has(name) && !COUNTER.test(name)),
    mismatched,
  };
}

/**
 * The tensors, checked against a network's names and shapes; all that is wrong is said at once.
 *
 * @param expected PyTorch's shape of every parameter and buffer
 * @throws {CheckpointError} one line with the first few unknown, missing and misshapen names of
 *   each kind, and how many there are
 */
export function matchWeights(
  expected: ReadonlyMap<string, readonly number[]>,
  tensors: ReadonlyMap<string, StoredTensor>,
  { file, classifier = [] }: MatchOptions,
): MatchedWeights {
  const { unknown, missing, mismatched } = compareWeights(expected, tensors);
  const replaced = mismatched.some(({ name, expected, found }) =>
    classifier.includes(name) && expected.length === found.length &&
    expected[0] !== found[0] && expected.slice(1).join() === found.slice(1).join()
  );
  const leftOut = replaced ? classifier.filter((name) => tensors.has(name)) : [];
  const wrong = mismatched.filter(({ name, expected, found }) =>
    !leftOut.includes(name) || expected.slice(1).join() !== found.slice(1).join()
  );
  const problems = [
    summarize("unknown", unknown),
    summarize("missing", missing),
    summarize("of another shape", wrong.map(describe)),
  ].filter((problem) => problem !== "");
  if (problems.length > 0) {
    throw new CheckpointError(
      `Cannot load ${file}: expected the network's ${expected.size} tensors but found ${
        problems.join("; ")
      }`,
    );
  }
  const kept = new Map([...tensors].filter(([name]) => !leftOut.includes(name)));
  return { tensors: kept, leftOut };
}

/** How many names of each kind an error shows. */
const SHOWN = 4;

function summarize(kind: string, names: readonly string[]): string {
  if (names.length === 0) return "";
  const shown = names.slice(0, SHOWN).map((name) =>
    name.replaceAll(/[^\x20-\x7e×]/g, "?").slice(0, 120)
  );
  const rest = names.length > SHOWN ? ", …" : "";
  return `${names.length} ${kind} (${shown.join(", ")}${rest})`;
}

function describe({ name, expected, found }: ShapeMismatch): string {
  const sides = (shape: readonly number[]) => shape.join(" × ") || "a single number";
  return `${name}: ${sides(found)} for ${sides(expected)}`;
}
