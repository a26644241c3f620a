/** A parser of files, and what it promises about any of them. */
export interface Target {
  name: string;
  /** Whole files, which the parser must accept; every mutation begins with one of them. */
  seeds(): Promise<Uint8Array[]>;
  /** The name of the file in the folder that `parse` gets; also what errors must name. */
  file: string;
  /**
   * Parses the bytes, which are in the folder's `file` too, unless `inMemory`, and uses what is
   * found as layermix does.
   */
  parse(bytes: Uint8Array, folder: string): unknown;
  /** Whether `parse` reads no file. */
  inMemory?: boolean;
  /** Names of the errors with which it may end; none for a parser that never fails. */
  errors: readonly string[];
  /** The beginning of errors that know no file, where that is not "Cannot". */
  begins?: string;
  /**
   * The most memory that it may take for a file, in bytes; never less is asked of it than twice the
   * file's size and `LEAST_BOUND`.
   */
  bound?(bytes: Uint8Array): number;
  /** Whether `mutateJson` changes half of the files: of JSON, or of lines of JSON. */
  json?: "whole" | "lines";
  /** Puts checksums right after a change, in half of the files, so that more than they is tried. */
  repair?(bytes: Uint8Array): Uint8Array;
}

/** Bytes that any parser may take: of buffers for reading, and of objects for errors. */
export const LEAST_BOUND = 2 ** 22;
