/** Sorts numbers of things by one key after another; what has the same key keeps its order. */
export class CountingSort {
  #order: Uint32Array<ArrayBuffer>;
  #next: Uint32Array<ArrayBuffer>;
  #starts = new Uint32Array(1024);
  #count = 0;

  /** For at most `most` things. */
  constructor(most: number) {
    this.#order = new Uint32Array(most);
    this.#next = new Uint32Array(most);
  }

  /** Begins with things 0 … count - 1, in their order. */
  begin(count: number): void {
    this.#count = count;
    for (let i = 0; i < count; i++) this.#order[i] = i;
  }

  /**
   * Sorts by a key in 0 … keys - 1 of each thing.
   *
   * @returns the things in their order, until the next call
   */
  by(key: Uint32Array, keys: number): Uint32Array<ArrayBuffer> {
    if (this.#starts.length < keys) this.#starts = new Uint32Array(keys);
    const starts = this.#starts.fill(0, 0, keys), order = this.#order, next = this.#next;
    for (let i = 0; i < this.#count; i++) starts[key[order[i]!]!]!++;
    let begin = 0;
    for (let i = 0; i < keys; i++) {
      const found = starts[i]!;
      starts[i] = begin;
      begin += found;
    }
    for (let i = 0; i < this.#count; i++) next[starts[key[order[i]!]!]!++] = order[i]!;
    [this.#order, this.#next] = [next, order];
    return this.#order;
  }
}
