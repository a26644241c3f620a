import { isInside, type Mixing } from "./mixing.ts";
import { encodeMap, kernelFor } from "./encode_map.ts";
import { LaunchTables } from "./launch_tables.ts";
import { jobKinds, type MachineShape, toBytes } from "./machine_shape.ts";
import { type Op, type OpName, ops } from "./ops.ts";
import { type Crop, type PicturePlan, usesMixing } from "./plan.ts";
import { Scheduler } from "./schedule.ts";
import type { BlendJob, JobSink, Place, Turn, UnaryJob } from "./jobs.ts";

// The struct `Job` and the special destination of kernels/augment/machine.wgsl.
const OUTPUT = 0xffffffff;
/** 32-bit words of a job. */
export const JOB_WORDS = 20;
/** Stages of a plan at the most; the draws per pixel of another view count on from there. */
const STAGES = 2 ** 16;

/** The words the kernels read: jobs of a batch, written into the same memory again and again. */
export class JobTable implements JobSink {
  /** (jobs × JOB_WORDS), sorted by launch, workgroup, level and kind. */
  readonly jobs: Uint32Array<ArrayBuffer>;
  /** Which jobs are carried out when. */
  readonly tables: LaunchTables;
  /** How many jobs there are. */
  count = 0;
  readonly #unsorted: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array;
  readonly #scheduler: Scheduler;
  readonly #kinds: ReadonlyMap<string, number>;
  #plan!: PicturePlan;
  #picture = 0;
  #first = 0;
  /** Plans before the present one that use their mixing pictures. */
  #mixed = 0;

  constructor(readonly shape: MachineShape, readonly mixing?: Mixing) {
    const most = shape.batch * shape.jobs;
    this.jobs = new Uint32Array(most * JOB_WORDS);
    this.tables = new LaunchTables(shape);
    this.#unsorted = new Uint32Array(most * JOB_WORDS);
    this.#floats = new Float32Array(this.#unsorted.buffer);
    this.#scheduler = new Scheduler(shape);
    const { measuring, unary, blends } = jobKinds(shape);
    this.#kinds = new Map([...measuring, ...unary, ...blends].map((name, i) => [name, i]));
  }

  /**
   * Encodes the plans of the first pictures of the batch; the others become zero.
   *
   * @param first the place of the first one's picture among those given
   * @throws {RangeError} when a plan does not fit what was recorded, or breaks the rules of `Stage`
   */
  encode(plans: readonly PicturePlan[], first = 0): void {
    const { batch } = this.shape;
    this.#first = first;
    if (plans.length > batch) {
      throw new RangeError(
        `Cannot encode plans: expected at most ${batch} but found ${plans.length}`,
      );
    }
    this.count = this.#mixed = 0;
    for (this.#picture = 0; this.#picture < batch; this.#picture++) {
      this.#plan = plans[this.#picture]!;
      this.#scheduler.schedule(this.#plan, this);
      if (this.#plan && usesMixing(this.#plan)) this.#mixed++;
    }
    this.#sort();
  }

  unary(job: UnaryJob): void {
    const { kind, from, to, value, table } = job;
    const op: Op | undefined = ops[kind as OpName];
    const map = op?.affine?.(value, this.shape.width, this.shape.height);
    const kernel = kind === "partner" ? "crop" : op ? kernelFor(op, map) : kind;
    const at = this.#add(job, this.#numberOf(kernel), from, to);
    const words = this.#unsorted;
    words[at + 2] = table;
    this.#floats[at + 4] = value;
    if (kind === "crop") {
      const source = this.#first + Math.floor(this.#picture / this.shape.views);
      this.#crop(at + 8, this.#plan.crop, source);
    } else if (kind === "partner") {
      const { crop, place } = this.#plan.partner!;
      this.#crop(at + 8, crop, place);
    } else if (kind === "mixing") {
      this.#mixingPlace(at + 8);
    } else if (kind === "finish_trimmed") {
      // Pillow's count of pixels that are left out, for a value in percent.
      words[at + 8] = Math.floor(this.shape.width * this.shape.height * value / 100);
    } else if (map) {
      encodeMap(kernel, map, words, at + 8);
    }
  }

  #crop(at: number, { top, left, flip }: Crop, source: number): void {
    const words = this.#unsorted;
    words[at] = top;
    words[at + 1] = left;
    words[at + 2] = Number(flip);
    words[at + 3] = source;
  }

  blend(job: BlendJob): void {
    const { a, b, to, blend, within, bytes, stage } = job;
    const kind = this.#numberOf(bytes && this.shape.byteSlots ? toBytes(blend.kind) : blend.kind);
    const at = this.#add(job, kind, a, to);
    const words = this.#unsorted, floats = this.#floats;
    words[at + 2] = b;
    if ("keep" in blend) {
      floats[at + 6] = blend.keep;
    } else if ("a" in blend) {
      floats[at + 4] = blend.a;
      floats[at + 5] = blend.b;
    }
    words[at + 8] = within ? within.left | within.top << 16 : 0;
    words[at + 9] = within
      ? within.left + within.width | (within.top + within.height) << 16
      : 0xffffffff;
    words[at + 10] = this.#plan.index;
    words[at + 11] = this.#plan.epoch;
    words[at + 12] = stage + STAGES * (this.#plan.view ?? 0);
    words[at + 13] = Number(bytes ?? false);
  }

  #numberOf(kind: string): number {
    const number = this.#kinds.get(kind);
    if (number === undefined) {
      throw new RangeError(`Cannot encode a plan: ${kind} is not among the kinds that are used`);
    }
    return number;
  }

  /** Begins a job; the first of its words. */
  #add(turn: Turn, kind: number, a: number, to: Place): number {
    const { batch, jobs, chunk } = this.shape;
    if (this.count === batch * jobs) {
      throw new RangeError(`Cannot encode plans: expected at most ${jobs} jobs for a picture`);
    }
    this.tables.place(this.count, this.#picture, turn, kind);
    const at = this.count++ * JOB_WORDS;
    const words = this.#unsorted;
    words[at] = this.#picture % chunk;
    words[at + 1] = a;
    words[at + 3] = to === "output" ? OUTPUT : to;
    return at;
  }

  #mixingPlace(at: number): void {
    const crop = this.#plan.mixing!, { picture, top, left, mirrored, upsideDown, gray } = crop;
    const { mixing, shape: { width, height } } = this;
    if (!mixing || !isInside(mixing, crop, { width, height })) {
      throw new RangeError(
        `Cannot encode a plan: mixing crop ${JSON.stringify(this.#plan.mixing)} ` +
          "is outside the mixing set",
      );
    }
    const stride = mixing.widths[picture]!;
    const words = this.#unsorted;
    const isWhole = "rgba" in mixing;
    words[at] = isWhole
      ? mixing.offsets[picture]! + top * stride + left
      : this.#mixed * width * height;
    words[at + 1] = isWhole ? stride : width;
    words[at + 2] = Number(mirrored ?? false) + 2 * Number(upsideDown ?? false);
    words[at + 3] = Number(gray ?? false);
  }

  #sort(): void {
    const order = this.tables.fill(this.count), words = this.#unsorted;
    for (let place = 0; place < this.count; place++) {
      const from = order[place]! * JOB_WORDS, to = place * JOB_WORDS;
      for (let word = 0; word < JOB_WORDS; word++) this.jobs[to + word] = words[from + word]!;
    }
  }
}
