import type { Precision } from "./half.ts";
import type { Tape } from "./tape.ts";

/** One of several kernels that give the same result to rounding. */
export interface Alternative {
  /** Names the kernel and its parameters; kept in caches, so it must tell all alternatives apart. */
  readonly name: string;
  /** Records the kernel alone, over buffers of its own, so that it can be timed. */
  record(tape: Tape): void;
}

/** A choice that has to be made by timing. */
export interface Question {
  /** The kernels to choose from. */
  readonly alternatives: readonly Alternative[];
  /** Of the activations that they are to be timed with. */
  readonly precision: Precision;
  /** How often it came up. */
  asked: number;
}

/**
 * Which alternative each kernel of a recording uses: the known best, else the first, which is the
 * fixed default. It keeps what was asked for and not known, to be timed and recorded anew.
 */
export class Tuning {
  readonly #best: ReadonlyMap<string, string>;
  readonly #chosen = new Map<string, string>();
  readonly #open = new Map<string, Question>();

  /** `best` holds the name of the best alternative by key. */
  constructor(best: ReadonlyMap<string, string> = new Map()) {
    this.#best = best;
  }

  /**
   * The alternative to use for the kernel and sizes that `name` tells. A name that is none of the
   * alternatives counts as not known. Choices of one precision say nothing of another.
   */
  choose<Choice extends Alternative>(
    name: string,
    alternatives: readonly Choice[],
    precision: Precision = "f32",
  ): Choice {
    const key = precision === "f32" ? name : `${name} in ${precision}`;
    const best = this.#best.get(key);
    const known = alternatives.find(({ name }) => name === best);
    if (known) this.#chosen.set(key, known.name);
    else if (alternatives.length > 1) {
      const question = this.#open.get(key) ?? { alternatives, precision, asked: 0 };
      question.asked++;
      this.#open.set(key, question);
    }
    return known ?? alternatives[0]!;
  }

  /** The names of the best that were known and are used, by key. */
  get chosen(): ReadonlyMap<string, string> {
    return this.#chosen;
  }

  /**
   * Keys that were asked for and not known, with their questions: those asked for most often
   * first, since most is gained there, and else in the order of their first use.
   */
  get open(): ReadonlyMap<string, Question> {
    return new Map([...this.#open].sort(([, a], [, b]) => b.asked - a.asked));
  }
}
