import { CountingSort } from "./counting_sort.ts";
import {
  chunkCount,
  GROUP_WORDS,
  groupCount,
  launchWords,
  type MachineShape,
  rowWords,
} from "./machine_shape.ts";
import type { Turn } from "./schedule.ts";

/** Which workgroup carries out which jobs when, as the kernels read it. */
export class LaunchTables {
  /** (levels of workgroups × `rowWords`): where the jobs of each kind begin and end. */
  readonly rows: Uint32Array<ArrayBuffer>;
  /**
   * For each launch, chunk by chunk and round by round, `launchWords`: for each workgroup its first
   * row, how many rows it has, and the first picture of the launch.
   */
  readonly launches: Uint32Array<ArrayBuffer>;
  /** How many rows there are. */
  rowCount = 0;
  readonly #kinds: number;
  /** For each job: launch and workgroup as a number; level and kind as one. */
  readonly #groups: Uint32Array;
  readonly #turns: Uint32Array;
  readonly #sorting: CountingSort;

  constructor(readonly shape: MachineShape) {
    const most = shape.batch * shape.jobs, launches = chunkCount(shape) * shape.rounds;
    this.#kinds = rowWords(shape) - 1;
    this.rows = new Uint32Array(most * rowWords(shape));
    this.launches = new Uint32Array(launches * launchWords(shape));
    this.#groups = new Uint32Array(most);
    this.#turns = new Uint32Array(most);
    this.#sorting = new CountingSort(most);
    this.#eachLaunch((launch, first) => {
      for (let group = 0; group < groupCount(shape); group++) {
        this.launches[launch + group * GROUP_WORDS + 2] = first;
      }
    });
  }

  /** Says when a job is carried out; `picture` is its place in the batch. */
  place(job: number, picture: number, { round, level }: Turn, kind: number): void {
    const { chunk, rounds, together } = this.shape;
    const launch = Math.floor(picture / chunk) * rounds + round;
    const group = Math.floor(picture % chunk / together);
    this.#groups[job] = launch * groupCount(this.shape) + group;
    this.#turns[job] = level * this.#kinds + kind;
  }

  /**
   * Fills the tables for the first `count` jobs, all of which were placed.
   *
   * @returns the jobs in the order that the tables speak of, until the next call
   */
  fill(count: number): Uint32Array {
    const launches = chunkCount(this.shape) * this.shape.rounds;
    this.#sorting.begin(count);
    this.#sorting.by(this.#turns, Math.max(1, this.shape.jobs) * this.#kinds);
    const order = this.#sorting.by(this.#groups, launches * groupCount(this.shape));
    this.#eachLaunch((launch) => {
      for (let group = 0; group < groupCount(this.shape); group++) {
        this.launches[launch + group * GROUP_WORDS + 1] = 0;
      }
    });
    this.#fillRows(order, count);
    return order;
  }

  /** Calls with the first word of each launch, and its first picture. */
  #eachLaunch(each: (launch: number, picture: number) => void): void {
    const { chunk, rounds } = this.shape, words = launchWords(this.shape);
    for (let launch = 0; launch < chunkCount(this.shape) * rounds; launch++) {
      each(launch * words, Math.floor(launch / rounds) * chunk);
    }
  }

  #fillRows(order: Uint32Array, count: number): void {
    const { rows } = this, kinds = this.#kinds, words = kinds + 1;
    const groups = groupCount(this.shape), stride = launchWords(this.shape);
    let last = -1, lastLevel = -1, kind = words, row = -words;
    this.rowCount = 0;
    for (let place = 0; place < count; place++) {
      const job = order[place]!, key = this.#groups[job]!, turn = this.#turns[job]!;
      const level = Math.floor(turn / kinds);
      if (key !== last || level !== lastLevel) {
        while (kind < words) rows[row + kind++] = place;
        const at = Math.floor(key / groups) * stride + key % groups * GROUP_WORDS;
        if (key !== last) this.launches[at] = this.rowCount;
        this.launches[at + 1]!++;
        this.rowCount++;
        row += words;
        [last, lastLevel, kind] = [key, level, 0];
      }
      while (kind <= turn - level * kinds) rows[row + kind++] = place;
    }
    while (kind < words) rows[row + kind++] = count;
  }
}
