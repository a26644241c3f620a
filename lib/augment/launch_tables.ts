import { CountingSort } from "./counting_sort.ts";
import {
  chunkCount,
  GROUP_WORDS,
  groupCount,
  launchCount,
  launchWords,
  type MachineShape,
  rowWords,
} from "./machine_shape.ts";
import type { Turn } from "./jobs.ts";

/** Which workgroup carries out which jobs when, as the kernels read it. */
export class LaunchTables {
  /** (levels of workgroups × `rowWords`): where the jobs of each kind begin and end. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /**
   * For each launch, chunk by chunk and round by round, `launchWords`: for each of its rounds and each
   * workgroup its first row, how many rows it has, and the first picture of the chunk.
   */
  readonly launches: Uint32Array<ArrayBuffer>;
  /** How many rows there are. */
  rowCount = 0;
  readonly #kinds: number;
  readonly #groups: number;
  /** For each job: chunk, round and workgroup as a number; level and kind as one. */
  readonly #places: Uint32Array;
  readonly #turns: Uint32Array;
  readonly #sorting: CountingSort;

  constructor(readonly shape: MachineShape) {
    const most = shape.batch * shape.jobs;
    this.#kinds = rowWords(shape) - 1;
    this.#groups = groupCount(shape);
    this.rows = new Uint32Array(most * rowWords(shape));
    this.launches = new Uint32Array(launchCount(shape) * launchWords(shape));
    this.#places = new Uint32Array(most);
    this.#turns = new Uint32Array(most);
    this.#sorting = new CountingSort(most);
    for (let place = 0; place < this.#placeCount(); place++) {
      const chunk = Math.floor(place / (this.#groups * shape.rounds));
      this.launches[this.#entry(place) + 2] = chunk * shape.chunk;
    }
  }

  /** Says when a job is carried out; `picture` is its place in the batch. */
  place(job: number, picture: number, { round, level }: Turn, kind: number): void {
    const { chunk, rounds, together } = this.shape;
    const group = Math.floor(picture % chunk / together);
    this.#places[job] = (Math.floor(picture / chunk) * rounds + round) * this.#groups + group;
    this.#turns[job] = level * this.#kinds + kind;
  }

  /**
   * Fills the tables for the first `count` jobs, all of which were placed.
   *
   * @returns the jobs in the order that the tables speak of, until the next call
   */
  fill(count: number): Uint32Array {
    this.#sorting.begin(count);
    this.#sorting.by(this.#turns, Math.max(1, this.shape.jobs) * this.#kinds);
    const order = this.#sorting.by(this.#places, this.#placeCount());
    for (let place = 0; place < this.#placeCount(); place++) {
      this.launches[this.#entry(place) + 1] = 0;
    }
    this.#fillRows(order, count);
    return order;
  }

  #placeCount(): number {
    return chunkCount(this.shape) * this.shape.rounds * this.#groups;
  }

  /** The first word in `launches` of a chunk's, round's and workgroup's number. */
  #entry(place: number): number {
    const { rounds, roundsTogether } = this.shape;
    const perLaunch = roundsTogether * this.#groups, perChunk = rounds * this.#groups;
    const chunk = Math.floor(place / perChunk), within = place % perChunk;
    const launch = chunk * Math.ceil(rounds / roundsTogether) + Math.floor(within / perLaunch);
    return launch * launchWords(this.shape) + within % perLaunch * GROUP_WORDS;
  }

  #fillRows(order: Uint32Array, count: number): void {
    const { rows } = this, kinds = this.#kinds, words = kinds + 1;
    let last = -1, lastLevel = -1, kind = words, row = -words;
    this.rowCount = 0;
    for (let at = 0; at < count; at++) {
      const job = order[at]!, place = this.#places[job]!, turn = this.#turns[job]!;
      const level = Math.floor(turn / kinds);
      if (place !== last || level !== lastLevel) {
        while (kind < words) rows[row + kind++] = at;
        const entry = this.#entry(place);
        if (place !== last) this.launches[entry] = this.rowCount;
        this.launches[entry + 1]!++;
        this.rowCount++;
        row += words;
        [last, lastLevel, kind] = [place, level, 0];
      }
      while (kind <= turn - level * kinds) rows[row + kind++] = at;
    }
    while (kind < words) rows[row + kind++] = count;
  }
}
