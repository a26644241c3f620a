import { Buffer } from "node:buffer";
import type { CorruptPicture } from "../data/corrupt_pictures.ts";
import type { Answers } from "./classification.ts";
import type { PerturbationSums } from "./perturbation.ts";
import type { Unit } from "./units.ts";

/** What was measured of a unit: answers to its pictures, or sums over its pairs of frames. */
export type Outcome = (Answers | PerturbationSums) & {
  /** Its pictures or videos that could not be read, where there are any. */
  unreadable?: CorruptPicture[];
};

/** An outcome as JSON holds it, without loss. */
export type EncodedOutcome = Record<string, number | string | null | CorruptPicture[]>;

/**
 * An outcome for JSON: confidences as f64 in base64, right and wrong as bits in base64, first
 * picture in the lowest bit. A sum that is no finite number, which JSON cannot hold, becomes null.
 */
export function encodeOutcome(outcome: Outcome): EncodedOutcome {
  if (!("confidence" in outcome)) return { ...outcome };
  const { confidence, correct, ...sums } = outcome;
  const bits = new Uint8Array(Math.ceil(correct.length / 8));
  correct.forEach((right, i) => bits[i >> 3]! |= right << (i & 7));
  return {
    ...sums,
    confidence: Buffer.from(confidence.buffer, confidence.byteOffset, confidence.byteLength)
      .toString("base64"),
    correct: Buffer.from(bits).toString("base64"),
  };
}

/**
 * The outcome that `encodeOutcome` encoded; null is read as NaN.
 *
 * @throws {TypeError} when it is none of those
 */
export function decodeOutcome({ unreadable, ...encoded }: EncodedOutcome): Outcome {
  const decoded = decode(encoded);
  return unreadable === undefined ? decoded : { ...decoded, unreadable: namesIn(unreadable) };
}

function decode(encoded: EncodedOutcome): Outcome {
  if ("confidence" in encoded) {
    const { count, missed5, loss_sum, confidence, correct } = encoded;
    const floats = new Float64Array(new Uint8Array(bytesOf(confidence)).buffer);
    const bits = bytesOf(correct), pictures = numberOf(count);
    if (floats.length !== pictures || bits.length !== Math.ceil(pictures / 8)) {
      throw new TypeError(`answers to ${floats.length} pictures are not the ${pictures} it names`);
    }
    return {
      count: pictures,
      missed5: numberOf(missed5),
      loss_sum: numberOf(loss_sum),
      confidence: floats,
      correct: Uint8Array.from({ length: pictures }, (_, i) => bits[i >> 3]! >> (i & 7) & 1),
    };
  }
  const { pairs, flips, top5_distance, zipf_distance } = encoded;
  return {
    pairs: numberOf(pairs),
    flips: numberOf(flips),
    top5_distance: numberOf(top5_distance),
    zipf_distance: numberOf(zipf_distance),
  };
}

function namesIn(value: unknown): CorruptPicture[] {
  const isNamed = (one: CorruptPicture | null) =>
    typeof one?.name === "string" && typeof one.reason === "string";
  if (Array.isArray(value) && value.every(isNamed)) return value;
  throw new TypeError("names of unreadable pictures are missing");
}

/** Whether an outcome is of the unit's kind, and of as many pictures. */
export function isOutcomeOf({ suite, count }: Unit, outcome: Outcome): boolean {
  return "confidence" in outcome ? suite !== "p" && outcome.count === count : suite === "p";
}

function numberOf(value: unknown): number {
  if (value === null) return NaN;
  if (typeof value === "number") return value;
  throw new TypeError("a number is missing");
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value !== "string") throw new TypeError("bytes in base64 are missing");
  return Buffer.from(value, "base64");
}
