import { GpuError } from "./error.ts";
import type { Gpu } from "./device.ts";
import { build, type Launch, type Region } from "./kernel.ts";
import { Program } from "./program.ts";

/** Channels are stored in groups of four, so that every kernel reads vec4; the rest stay zero. */
export function padded(channels: number): number {
  return Math.ceil(channels / 4) * 4;
}

/** Buffers end on 64 bytes, so that element-wise kernels may handle 16 floats at once. */
const GRANULE = 64;

/** Numbers on the GPU, NHWC (or batch × channels), the last axis padded to a multiple of four. */
export interface Tensor {
  readonly shape: readonly number[];
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
  region: Region;
  accumulate: boolean;
}

/**
 * Records the launches of one step, forward and backward, over buffers that are declared now and
 * allocated by `compile`. Recording uses no GPU memory, so a step can be weighed before it is run.
 */
export class Tape {
  readonly #forward: Launch[] = [];
  readonly #backward: (() => Launch[])[] = [];
  readonly #update: Launch[] = [];
  readonly #regions: Region[] = [];
  readonly #scratch = new Map<string, Region>();
  readonly #gradients = new Map<Region, Region>();
  readonly #written = new Set<Region>();
  #finished: Launch[] | undefined;

  /** With `differentiate` false the backward pass is left out: for evaluation. */
  constructor(readonly gpu: Gpu, readonly differentiate = true) {}

  /** Declares a buffer of `bytes` bytes, rounded up to whole granules. */
  region(name: string, bytes: number): Region {
    const region: Region = {
      name,
      bytes: Math.max(1, Math.ceil(bytes / GRANULE)) * GRANULE,
      offset: 0,
    };
    this.#regions.push(region);
    return region;
  }

  /**
   * A buffer that launches share by name, as large as the largest asks for. Its content lasts only
   * from the launch that writes it to the next launches of the same layer.
   */
  scratch(name: string, bytes: number): Region {
    const region = this.#scratch.get(name) ?? this.region(name, bytes);
    this.#scratch.set(name, region);
    region.bytes = Math.max(region.bytes, Math.ceil(bytes / GRANULE) * GRANULE);
    return region;
  }

  /** Declares a tensor of f32. */
  tensor(name: string, shape: readonly number[], differentiable = true): Tensor {
    return { shape, data: this.region(name, 4 * paddedSize(shape)), differentiable };
  }

  /**
   * The gradient of `x` for one more writer, to be asked for while the backward pass is recorded:
   * the first writer overwrites, later ones accumulate, so nothing is zeroed.
   */
  gradient(x: Tensor): Gradient {
    const region = x.grad ?? this.#gradients.get(x.data) ??
      this.region(`${x.data.name}.grad`, x.data.bytes);
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

  /** Bytes of all declared buffers, gradients included. */
  bytes(): number {
    this.finish();
    return this.#regions.reduce((sum, region) => sum + region.bytes, 0);
  }

  /** The largest buffer. */
  largest(): Region {
    this.finish();
    return this.#regions.reduce((a, b) => a.bytes >= b.bytes ? a : b);
  }

  /**
   * Allocates the buffers and builds the pipelines.
   *
   * @throws {GpuError} when a kernel does not build or a buffer cannot be had
   */
  async compile(): Promise<Program> {
    const launches = this.finish();
    await this.#allocate();
    return new Program(this.gpu, await build(this.gpu, launches), this.#regions);
  }

  async #allocate(): Promise<void> {
    const { device } = this.gpu;
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST |
      GPUBufferUsage.COPY_SRC;
    device.pushErrorScope("validation");
    device.pushErrorScope("out-of-memory");
    for (const region of this.#regions) {
      region.buffer = device.createBuffer({ label: region.name, size: region.bytes, usage });
    }
    const scopes = [device.popErrorScope(), device.popErrorScope()];
    const error = (await Promise.all(scopes)).find((found) => found);
    if (error) {
      throw new GpuError(
        `Cannot allocate ${(this.bytes() / 2 ** 20).toFixed(0)} MiB on ${this.gpu.name}: ` +
          `${error.message.trim()}; use a smaller batch`,
      );
    }
  }
}
