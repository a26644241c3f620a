import { allocate, bytesOf, destroy, type Memory } from "./buffers.ts";
import type { Gpu } from "./device.ts";
import { GpuError } from "./error.ts";
import type { Precision } from "./half.ts";
import { build, type BuildProgress, type Launch, type Region } from "./kernel.ts";
import { lifetimesOf } from "./lifetime.ts";
import { Program } from "./program.ts";
import { assignSlots } from "./slots.ts";
import { type Alternative, Tuning } from "./tuning.ts";

/** Channels are stored in groups of four, so that every kernel reads vec4; the rest stay zero. */
export function padded(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

/** Buffers end on 64 bytes, so that element-wise kernels may handle 16 floats at once. */
const GRANULE = 64;

/** Numbers on the GPU, NHWC (or batch × channels), the last axis padded to a multiple of four. */
export interface Tensor {
  /** Without padding. */
  readonly shape: readonly number[];
  /** Its numbers. */
  readonly data: Region;
  /** Where the gradient goes, for tensors that bring their own buffer; else the tape declares one. */
  readonly grad?: Region;
  /** False for what needs no gradient: pictures, and all that is made from them alone. */
  readonly differentiable: boolean;
}

/** How many f32 a tensor of this shape holds, padding included. */
export function paddedSize(shape: readonly number[]): number {
  return shape.slice(0, -1).reduce((a, b) => a * b, 1) * padded(shape.at(-1)!);
}

/** The gradient of a tensor, and whether a writer has to add to what is there already. */
export interface Gradient {
  /** Where it is. */
  region: Region;
  /** Whether it has to add to what is there. */
  accumulate: boolean;
}

/**
 * Records the launches of one step, forward and backward, over buffers that are declared now and
 * allocated by `compile`. Recording uses no GPU memory, so a step can be weighed before it is run.
 *
 * What `region` declares is for the host and for state: it has memory of its own. Tensors, gradients
 * and scratch share memory with others that are not needed by the same launches, so nothing is left
 * of them after a run, and nothing is zero before it. They have memory of their own only where the
 * launches show that the host takes part: read before any launch wrote it (an input), not read after
 * the last launch wrote it (a result), or bound by no launch. Everything else that the host is to
 * write or read has to be kept, by `keep`.
 */
export class Tape {
  readonly #forward: Launch[] = [];
  readonly #backward: (() => Launch[])[] = [];
  readonly #update: Launch[] = [];
  readonly #regions: Region[] = [];
  readonly #sharing = new Set<Region>();
  readonly #gradients = new Map<Region, Region>();
  readonly #written = new Set<Region>();
  #finished: Launch[] | undefined;
  #memory: Memory | undefined;

  /**
   * With `differentiate` false the backward pass is left out: for evaluation. `tuning` picks the
   * kernels where there are several; by default the fixed ones. `precision` is that of activations
   * and their gradients in memory.
   */
  constructor(
    readonly gpu: Gpu,
    readonly differentiate = true,
    readonly tuning: Tuning = new Tuning(),
    readonly precision: Precision = "f32",
  ) {}

  /**
   * Declares a buffer of `bytes` bytes, rounded up to whole granules, with memory of its own: for
   * what the host writes or reads, and for what is kept from run to run; `half` where it is of f16.
   */
  region(name: string, bytes: number, half = false): Region {
    const whole = Math.max(1, Math.ceil(bytes / GRANULE)) * GRANULE;
    const region: Region = { name, bytes: whole, half, offset: 0 };
    this.#regions.push(region);
    return region;
  }

  /**
   * Declares a buffer that only launches write and read. Its content lasts from its first launch to
   * its last; before and after, its memory is used by others.
   */
  scratch(name: string, bytes: number, half = false): Region {
    const region = this.region(name, bytes, half);
    this.#sharing.add(region);
    return region;
  }

  /** Gives a region memory of its own, so that the host can write it, or read it after a run. */
  keep(region: Region): void {
    this.#sharing.delete(region);
  }

  /** Declares a tensor: of the tape's precision, or of f32 where it needs no gradient. */
  tensor(name: string, shape: readonly number[], differentiable = true): Tensor {
    const half = differentiable && this.precision === "f16";
    const data = this.scratch(name, (half ? 2 : 4) * paddedSize(shape), half);
    return { shape, data, differentiable };
  }

  /** Which of several kernels to use for what `key` names; see `Tuning`. */
  choose<Choice extends Alternative>(key: string, alternatives: readonly Choice[]): Choice {
    return this.tuning.choose(key, alternatives, this.precision);
  }

  /**
   * The gradient of `x` for one more writer, to be asked for while the backward pass is recorded:
   * the first writer overwrites, later ones accumulate, so nothing is zeroed.
   */
  gradient(x: Tensor): Gradient {
    const region = x.grad ?? this.#gradients.get(x.data) ??
      this.scratch(`${x.data.name}.grad`, x.data.bytes, x.data.half);
    this.#gradients.set(x.data, region);
    const accumulate = this.#written.has(region);
    this.#written.add(region);
    return { region, accumulate };
  }

  /**
   * The gradient of `x` for a writer that only overwrites, as those of parameters do.
   *
   * @throws {GpuError} when another writer came before it
   */
  soleGradient(x: Tensor): Region {
    const { region, accumulate } = this.gradient(x);
    if (accumulate) {
      throw new GpuError(
        `Cannot differentiate ${x.data.name}: expected one layer to use it but found several`,
      );
    }
    return region;
  }

  /**
   * Makes `region` the gradient of `x`, without a copy: for a sum, whose operands get its gradient
   * as it is. Later writers accumulate in place, so `region` must have no readers after them.
   *
   * @returns false when x has a gradient already, to which the caller has to add
   */
  shareGradient(x: Tensor, region: Region): boolean {
    if (x.grad || this.#gradients.has(x.data)) return false;
    this.#gradients.set(x.data, region);
    this.#written.add(region);
    return true;
  }

  /**
   * The gradient of `y` for its reader, after all its writers.
   *
   * @throws {GpuError} when nothing that was recorded uses y
   */
  received(y: Tensor): Region {
    const region = this.#gradients.get(y.data);
    if (!region) {
      throw new GpuError(`Cannot differentiate ${y.data.name}: no recorded layer uses it`);
    }
    return region;
  }

  /** Appends launches to the forward pass and, when given, their part of the backward pass. */
  record(forward: readonly Launch[], backward?: () => Launch[]): void {
    this.#forward.push(...forward);
    if (backward && this.differentiate) this.#backward.push(backward);
  }

  /** Appends launches that run after the backward pass. */
  update(launches: readonly Launch[]): void {
    this.#update.push(...launches);
  }

  /** All launches in order. No more can be recorded afterwards. */
  finish(): readonly Launch[] {
    return this.#finished ??= [
      ...this.#forward,
      ...this.#backward.toReversed().flatMap((emit) => emit()),
      ...this.#update,
    ];
  }

  /** Bytes that `compile` allocates. */
  bytes(): number {
    return bytesOf(this.#plan());
  }

  /** The largest buffer. */
  largest(): Region {
    this.finish();
    return this.#regions.reduce((a, b) => a.bytes >= b.bytes ? a : b);
  }

  /**
   * Allocates the buffers and builds the pipelines.
   *
   * @param progress told how many pipelines are ready; where it is given, drivers that compile no
   *   sooner than at the first dispatch do so now
   * @throws {GpuError} when a kernel does not build or a buffer cannot be had
   */
  async compile(progress?: BuildProgress): Promise<Program> {
    const buffers = await allocate(this.gpu, this.#plan());
    try {
      return new Program(this.gpu, await build(this.gpu, this.finish(), progress), buffers);
    } catch (error) {
      destroy(buffers);
      throw error;
    }
  }

  /** Which region is where, once all launches are known. */
  #plan(): Memory {
    if (this.#memory) return this.#memory;
    const lifetimes = lifetimesOf(this.finish(), this.#sharing);
    const shared = new Set(lifetimes.map(({ region }) => region));
    const kept = this.#regions.filter((region) => !shared.has(region));
    return this.#memory = { kept, shared: assignSlots(lifetimes) };
  }
}
