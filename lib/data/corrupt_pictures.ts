import { DataError } from "./error.ts";

/** A picture that could not be read, and why. */
export interface CorruptPicture {
  name: string;
  reason: string;
}

/** The largest share of a source's pictures that may be unreadable before work stops. */
const MOST = 0.01;
/** How many an error names. */
const SHOWN = 3;

/** The pictures of a source that could not be read, each counted once. */
export class CorruptPictures {
  readonly #found = new Map<number, CorruptPicture>();

  /** @param path of the source, which has `count` pictures */
  constructor(readonly path: string, readonly count: number) {}

  /** All that were found, in the order they were. */
  get found(): CorruptPicture[] {
    return [...this.#found.values()];
  }

  /**
   * Counts a picture that was not counted before; says whether that is so.
   *
   * @throws {DataError} that names the first few once more than 1 % of all pictures are corrupt
   */
  add(index: number, picture: CorruptPicture): boolean {
    if (this.#found.has(index)) return false;
    this.#found.set(index, picture);
    const most = Math.floor(this.count * MOST);
    if (this.#found.size <= most) return true;
    const shown = this.found.slice(0, SHOWN).map(({ reason }) => reason).join("; ");
    throw new DataError(
      `Cannot go on with ${this.path}: expected at most ${most} unreadable pictures of ` +
        `${this.count} (1 %) but found ${this.#found.size}: ${shown}`,
    );
  }
}
