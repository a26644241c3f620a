import { createHash } from "node:crypto";

/** Labelled pictures of one size, all in memory. */
export interface Dataset {
  /** "cifar10", "cifar100" or "shapes". */
  name: string;
  split: Split;
  /** The name of every class; a label is an index into it. */
  classes: string[];
  /** Of each picture, in pixels. */
  width: number;
  /** Of each picture, in pixels. */
  height: number;
  /** How many pictures there are, at least 1. */
  count: number;
  /** One for each picture, in {0, …, classes.length-1}. */
  labels: Uint8Array;
  /** (count × height × width × 4): red, green, blue and 255 for each pixel. */
  rgba: Uint8Array;
  /** Official files that are not there, so that the set is only a part; absent for built-in data. */
  missing?: string[];
  /** What `fingerprint()` gives for the labels and the pixels. */
  fingerprint: string;
}

/** The part of a data set that is trained on, or the part that is evaluated. */
export type Split = "train" | "test";

/** SHA-256 of the given bytes, one part after another, as 64 hexadecimal digits. */
export function fingerprint(...parts: Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
