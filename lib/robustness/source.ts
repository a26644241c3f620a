import type { CorruptPicture } from "../data/corrupt_pictures.ts";
import type { LabelledPictures } from "../data/dataset.ts";
import type { Scale } from "./corruptions/corruption.ts";
import type { CorruptionSuiteName, ListSuiteName } from "./suites.ts";

/** One corruption that is there, and how strong. */
export interface FoundCorruption {
  /** Its official name. */
  name: string;
  /** In rising order, of 1 … 5. */
  severities: number[];
  /** Pictures of each severity, where the sets of a suite are not all of the same pictures. */
  counts?: number[];
}

/** One sequence that is there. */
export interface FoundSequence {
  /** Its official name. */
  name: string;
  /** How many there are. */
  videos: number;
  /** Of each video, at least 2. */
  frames: number;
}

/** What is known of a source without reading a picture; part of every result. */
export interface SourceDescription {
  /** The folder, or what made the pictures. */
  from: string;
  /** What the pictures are, such as the severities of a table that they were made by. */
  pictures: string;
  /** Files and folders that belong to no corruption, or to no class. */
  unknown_files: string[];
  /** SHA-256 of all that can be told of the pictures without reading them. */
  fingerprint: string;
}

/** Pictures of a suite that are read, or made, a few at a time. */
export interface Source {
  readonly description: SourceDescription;
  /** Changes when files may have been replaced: times of array files, or of the folders of pictures. */
  readonly stamp: string;
  close(): Promise<void>;
}

/** Told of each picture or video that cannot be read. */
export type Unreadable = (picture: CorruptPicture) => void;

/**
 * Bytes r, g, b (count × height × width × 3) of pictures `first` … `first + count - 1`. Where one
 * cannot be read it is black, so that it counts as an error, most likely, and is told of.
 */
export type ReadPictures = (
  first: number,
  count: number,
  unreadable?: Unreadable,
) => Promise<Uint8Array>;

/** A test set that is not in memory. */
export interface StreamedTest extends LabelledPictures {
  read: ReadPictures;
}

/** The pictures of a corruption suite. */
export interface CorruptionDescription extends SourceDescription {
  /** What is there, by name. */
  found: FoundCorruption[];
  /** Pictures of each corruption and severity; where they differ, the most. */
  count: number;
  /** Whose list of corruptions is meant; CIFAR's where it is absent. */
  scale?: Scale;
  /** SHA-256 of the names of the pictures, where they have names. */
  names?: string;
  /** Classes of the network that are not in all sets; absent where all are. */
  missing_classes?: string[];
  /** Folders that are no classes of the network; absent where there are none. */
  unknown_classes?: string[];
}

/** Corrupted versions of one list of pictures. */
export interface CorruptionSource extends Source {
  readonly description: CorruptionDescription;
  /** (count) class of each picture. */
  labels(severity: number, name?: string): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** As `ReadPictures`, of one corruption and severity. */
  read(
    name: string,
    severity: number,
    ...which: Parameters<ReadPictures>
  ): Promise<Uint8Array>;
}

/** The pictures of R or A, and the classes that answers are looked for among. */
export interface ListDescription extends SourceDescription {
  /** How many pictures there are. */
  count: number;
  /** Classes that the network and the suite have in common: others are masked. */
  classes: number;
  /** Classes of the suite. */
  suite_classes: number;
  /** Classes of the network. */
  network_classes: number;
}

/** Pictures of some of the network's classes. */
export interface ListSource extends Source {
  readonly description: ListDescription;
  /** The columns of the logits that count: classes of the network, in rising order. */
  readonly columns: readonly number[];
  /** (count) places in `columns`. */
  labels: ArrayLike<number>;
  read: ReadPictures;
}

/** The videos of P. */
export interface SequenceDescription extends SourceDescription {
  /** What is there, by name. */
  found: FoundSequence[];
  /** As of corruptions. */
  missing_classes?: string[];
  /** Folders of classes that the network does not know. */
  unknown_classes?: string[];
}

/** Short videos of pictures that are perturbed little by little. */
export interface SequenceSource extends Source {
  readonly description: SequenceDescription;
  /**
   * Bytes r, g, b (count × frames × height × width × 3) of videos `first` … `first + count - 1`, but
   * for those that cannot be read: what is black all the time would not flip.
   */
  read(name: string, ...which: Parameters<ReadPictures>): Promise<Uint8Array>;
}

/** What was opened for an evaluation. */
export type Sources =
  & Partial<Record<CorruptionSuiteName, CorruptionSource>>
  & Partial<Record<ListSuiteName, ListSource>>
  & { p?: SequenceSource };

/** What was found for each suite that has pictures of its own. */
export type SourceDescriptions =
  & Partial<Record<CorruptionSuiteName, CorruptionDescription>>
  & Partial<Record<ListSuiteName, ListDescription>>
  & { p?: SequenceDescription };

/** How the sources of some suites are opened. */
export type Openers = {
  [Suite in keyof Sources]: () => Promise<Required<Sources>[Suite]>;
};

/** Opens the sources of the suites that have any; closes them again when one cannot be opened. */
export async function openAll(suites: readonly string[], openers: Openers): Promise<Sources> {
  const sources: Record<string, Source> = {};
  try {
    for (const [suite, open] of Object.entries(openers)) {
      if (suites.includes(suite)) sources[suite] = await open();
    }
    return sources as Sources;
  } catch (error) {
    await closeAll(sources as Sources);
    throw error;
  }
}

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
