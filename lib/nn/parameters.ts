import { GpuError } from "../gpu/error.ts";
import type { Gpu } from "../gpu/device.ts";
import type { Region } from "../gpu/kernel.ts";
import { write } from "../gpu/program.ts";
import { padded, type Tensor } from "../gpu/tape.ts";

/** Parameters start on these bytes, the alignment of bindings that every adapter accepts. */
export const ALIGNMENT = 256;

/** A trained tensor under its PyTorch name and shape; on the GPU kernel × kernel × in × out. */
export interface Parameter extends Tensor {
  /** PyTorch's name. */
  readonly name: string;
  /** PyTorch's shape: (out × in × k × k), (out × in) or (channels). */
  readonly shape: readonly number[];
  /** Where its gradient is. */
  readonly grad: Region;
  /** Where its momentum is. */
  readonly momentum: Region;
}

/** A tensor that is kept and saved but not trained: running statistics. */
export interface Statistic {
  /** PyTorch's name. */
  readonly name: string;
  /** Its dimensions. */
  readonly shape: readonly number[];
  /** Its numbers. */
  readonly data: Region;
  /** The value before training. */
  readonly initial: number;
}

/** One GPU buffer cut into regions while it is declared. */
class Arena {
  readonly whole: Region;
  readonly #regions: Region[] = [];

  constructor(name: string) {
    this.whole = { name, bytes: 0, offset: 0 };
  }

  region(name: string, bytes: number): Region {
    const region = { name, bytes, offset: this.whole.bytes };
    this.whole.bytes += Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
    this.#regions.push(region);
    return region;
  }

  allocate(gpu: Gpu): void {
    const { name, bytes } = this.whole;
    const limit = gpu.device.limits.maxBufferSize;
    if (bytes > limit) {
      throw new GpuError(
        `Cannot allocate ${name}: ${bytes} bytes exceed the ${limit} of ${gpu.name}`,
      );
    }
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const buffer = gpu.device.createBuffer({
      label: name,
      size: Math.max(bytes, ALIGNMENT),
      usage,
    });
    for (const region of [this.whole, ...this.#regions]) region.buffer = buffer;
  }
}

/**
 * All parameters, gradients, momenta and statistics of a network, in four buffers, so that one
 * dispatch updates everything. Declared in the order of PyTorch's `state_dict`.
 */
export class Parameters {
  readonly #values = new Arena("parameters");
  readonly #gradients = new Arena("gradients");
  readonly #momenta = new Arena("momenta");
  readonly #statistics = new Arena("statistics");
  #isTrained = true;
  readonly #parameters = new Map<string, Parameter>();
  readonly #kept = new Map<string, Statistic>();

  /**
   * @param isFrozen whether gradients stop at weights and biases, which saves their part of the
   * backward pass where only that of the pictures is wanted; a batch norm's are made all the same
   */
  /** Frozen ones have neither gradients nor momenta. */
  constructor(readonly isFrozen = false) {}

  /** Declares a parameter, or returns the one that has the name already. */
  parameter(name: string, shape: readonly number[]): Parameter {
    const known = this.#parameters.get(name);
    if (known) return known;
    const bytes = 4 * storedSize(shape);
    const parameter = {
      name,
      shape,
      differentiable: !this.isFrozen,
      data: this.#values.region(name, bytes),
      grad: this.#gradients.region(`${name}.grad`, bytes),
      momentum: this.#momenta.region(`${name}.momentum`, bytes),
    };
    this.#parameters.set(name, parameter);
    return parameter;
  }

  /** Declares a statistic of `count` numbers, or returns the one that has the name already. */
  statistic(name: string, count: number, initial: number): Statistic {
    const known = this.#kept.get(name);
    if (known) return known;
    const region = this.#statistics.region(name, 4 * padded(count));
    const statistic = { name, shape: [count], data: region, initial };
    this.#kept.set(name, statistic);
    return statistic;
  }

  /** In the order of declaration. */
  get parameters(): Parameter[] {
    return [...this.#parameters.values()];
  }

  /** All statistics, as they were declared. */
  get statistics(): Statistic[] {
    return [...this.#kept.values()];
  }

  /** How many numbers are trained, padding not counted. */
  get count(): number {
    return this.parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
  }

  /** The same once more, laid out alike, but not trained: gradients and momenta get no memory. */
  untrainedTwin(): Parameters {
    const twin = new Parameters();
    twin.#isTrained = false;
    for (const { name, shape } of this.parameters) twin.parameter(name, shape);
    for (const { name, shape, initial } of this.statistics) {
      twin.statistic(name, shape[0]!, initial);
    }
    return twin;
  }

  /** Bytes of the buffers. */
  get bytes(): number {
    return this.#arenas.reduce((sum, { whole }) => sum + whole.bytes, 0);
  }

  /** The whole buffers; padding between tensors is zero and stays zero. */
  get buffers(): Record<"values" | "gradients" | "momenta" | "statistics", Region> {
    return {
      values: this.#values.whole,
      gradients: this.#gradients.whole,
      momenta: this.#momenta.whole,
      statistics: this.#statistics.whole,
    };
  }

  get #arenas(): Arena[] {
    const trained = this.#isTrained ? [this.#gradients, this.#momenta] : [];
    return [this.#values, ...trained, this.#statistics];
  }

  /** Allocates the buffers that are needed, all zero but for the statistics, which get their initial values. */
  allocate(gpu: Gpu): void {
    for (const arena of this.#arenas) arena.allocate(gpu);
    for (const { data, shape, initial } of this.statistics) {
      write(gpu, data, new Float32Array(shape[0]!).fill(initial));
    }
  }

  /** Frees the buffers. */
  destroy(): void {
    for (const { whole } of this.#arenas) whole.buffer?.destroy();
  }
}

/** How many f32 a parameter of PyTorch's `shape` takes on the GPU. */
export function storedSize(shape: readonly number[]): number {
  const [outputs, inputs, kernel = 1] = shape as [number, number?, number?];
  return inputs === undefined
    ? padded(outputs)
    : kernel * kernel * padded(inputs) * padded(outputs);
}

/** PyTorch's order (out × in × k × k) → the GPU's (k × k × in × out), padded with zeros. */
export function toStored(
  values: ArrayLike<number>,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const stored = new Float32Array(storedSize(shape));
  eachElement(shape, (torch, at) => stored[at] = values[torch]!);
  return stored;
}

/** The GPU's order → PyTorch's order. */
export function fromStored(
  stored: ArrayLike<number>,
  shape: readonly number[],
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  eachElement(shape, (torch, at) => values[torch] = stored[at]!);
  return values;
}

function eachElement(
  shape: readonly number[],
  visit: (torch: number, stored: number) => void,
): void {
  const [outputs, inputs, kernel = 1] = shape as [number, number?, number?];
  const taps = kernel * kernel;
  if (inputs === undefined) {
    for (let i = 0; i < outputs; i++) visit(i, i);
    return;
  }
  let torch = 0;
  for (let o = 0; o < outputs; o++) {
    for (let i = 0; i < inputs; i++) {
      for (let tap = 0; tap < taps; tap++) {
        visit(torch++, (tap * padded(inputs) + i) * padded(outputs) + o);
      }
    }
  }
}
