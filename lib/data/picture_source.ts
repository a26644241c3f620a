import type { NameTableMemory } from "./name_table.ts";
import type { PixelBytes } from "./resample.ts";
import type { Size } from "./resize.ts";

/** Labelled pictures of any size that are read one at a time, from a folder tree or a pack. */
export interface PictureSource {
  /** The folder or file. */
  readonly path: string;
  /** How many pictures there are, at least 1. */
  readonly count: number;
  /** The name of every class, in the order of their labels. */
  readonly classes: readonly string[];
  /** One for each picture, in {0, …, classes.length-1}; in memory that workers can share. */
  readonly labels: Uint32Array<SharedArrayBuffer>;
  /** SHA-256 of what is told apart: of a folder the names of all files, of a pack its pictures too. */
  readonly fingerprint: string;
  /** What the workers of a loader open it from. */
  readonly shared: SharedSource;
  /** A picture's path below the folder, or below the one that was packed. */
  name(index: number): string;
  /**
   * Its size in pixels, without its pixels.
   *
   * @throws {DataError} that names the file, where its header says none
   */
  size(index: number): Promise<Size>;
  /**
   * The pixels of a picture; they may be overwritten by the next read.
   *
   * @throws {DataError} that names the file, where it holds no picture or is damaged
   */
  read(index: number): Promise<PixelBytes>;
  /** Gives files back. */
  close(): void;
}

/** A source in a form that is sent to workers, its tables in shared memory. */
export type SharedSource = SharedTree | SharedPack;

/** A folder tree. */
export interface SharedTree {
  /** Which kind of source it is. */
  kind: "tree";
  /** Where it is. */
  path: string;
  /** Their names; labels are numbers in this list. */
  classes: readonly string[];
  /** The class of each picture. */
  labels: Uint32Array<SharedArrayBuffer>;
  /** SHA-256 of what it holds, as far as that is known without decoding. */
  fingerprint: string;
  /** The name of each picture. */
  names: NameTableMemory;
}

/** A pack. */
export interface SharedPack {
  /** Which kind of source it is. */
  kind: "pack";
  /** Where it is. */
  path: string;
  /** Their names; labels are numbers in this list. */
  classes: readonly string[];
  /** The class of each picture. */
  labels: Uint32Array<SharedArrayBuffer>;
  /** SHA-256 of what it holds, as far as that is known without decoding. */
  fingerprint: string;
  /** The name of each picture. */
  names: NameTableMemory;
  /** (count × 3): the width, height and CRC-32 of each picture. */
  index: Uint32Array<SharedArrayBuffer>;
  /** (count): where each picture begins in the file, in bytes. */
  offsets: Float64Array<SharedArrayBuffer>;
}
