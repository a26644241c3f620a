import type { CorruptionSuiteName } from "./suites.ts";

/** One corruption that is there, and how strong. */
export interface FoundCorruption {
  name: string;
  /** In rising order, of 1 … 5. */
  severities: number[];
}

/** One sequence that is there. */
export interface FoundSequence {
  name: string;
  videos: number;
  /** Of each video, at least 2. */
  frames: number;
}

/** What is known of a source without reading a picture; part of every result. */
export interface SourceDescription<Found> {
  /** The folder, or what made the pictures. */
  from: string;
  /** What the pictures are, such as the severities of a table that they were made by. */
  pictures: string;
  found: Found[];
  /** Files in the folder that belong to no corruption. */
  unknown_files: string[];
  /** SHA-256 of all that can be told of the pictures without reading them. */
  fingerprint: string;
}

/** Pictures of a suite that are read, or made, a few at a time. */
export interface Source<Found> {
  readonly description: SourceDescription<Found>;
  /** Changes when the pictures may have changed in place, such as the times of files. */
  readonly stamp: string;
  close(): Promise<void>;
}

/** The pictures of a corruption suite. */
export interface CorruptionDescription extends SourceDescription<FoundCorruption> {
  /** Pictures of each corruption and severity. */
  count: number;
}

/** Corrupted versions of one list of pictures. */
export interface CorruptionSource extends Source<FoundCorruption> {
  readonly description: CorruptionDescription;
  /** (count) class of each picture. */
  labels(severity: number): ArrayLike<number>;
  /** Bytes r, g, b (count × height × width × 3) of pictures `first` … `first + count - 1`. */
  read(name: string, severity: number, first: number, count: number): Promise<Uint8Array>;
}

/** Short videos of pictures that are perturbed little by little. */
export interface SequenceSource extends Source<FoundSequence> {
  /** Bytes r, g, b (count × frames × height × width × 3) of videos `first` … `first + count - 1`. */
  read(name: string, first: number, count: number): Promise<Uint8Array>;
}

/** What was opened for an evaluation. */
export type Sources = Partial<Record<CorruptionSuiteName, CorruptionSource>> & {
  p?: SequenceSource;
};

/** What was found for each suite that has pictures of its own. */
export type SourceDescriptions =
  & Partial<Record<CorruptionSuiteName, CorruptionDescription>>
  & { p?: SourceDescription<FoundSequence> };

/** Names of `wanted` that are not among those found. */
export function missingOf(wanted: readonly string[], found: readonly { name: string }[]): string[] {
  return wanted.filter((name) => !found.some((one) => one.name === name));
}

/** Closes the files of all suites. */
export async function closeAll(sources: Sources): Promise<void> {
  for (const source of Object.values(sources)) await source.close();
}

/** What was found, by suite. */
export function describe(sources: Sources): SourceDescriptions {
  return Object.fromEntries(
    Object.entries(sources).map(([suite, { description }]) => [suite, description]),
  );
}
