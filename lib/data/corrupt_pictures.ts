import { DataError } from "./error.ts";

/** A picture that could not be read, and why. */
export interface CorruptPicture {
  /** The file's path below its folder. */
  name: string;
  /** Why not, in a few words. */
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
   * Counts a picture, once however often it is met.
   *
   * @throws {DataError} that names the first few once more than 1 % of all pictures are corrupt
   */
  add(index: number, picture: CorruptPicture): void {
    this.#found.set(index, picture);
    const most = Math.floor(this.count * MOST);
    if (this.#found.size <= most) return;
    const shown = this.found.slice(0, SHOWN).map(({ reason }) => reason).join("; ");
    throw new DataError(
      `Cannot go on with ${this.path}: expected at most ${most} unreadable pictures of ` +
        `${this.count} (1 %) but found ${this.#found.size}: ${shown}`,
    );
  }
}
