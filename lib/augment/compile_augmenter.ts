import { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/error.ts";
import type { Region } from "../gpu/kernel.ts";
import type { Program } from "../gpu/program.ts";
import { Tape } from "../gpu/tape.ts";
import { type Augmenter, type AugmentOptions, recordAugment } from "./augmenter.ts";
import type { AugmenterOptions, MixingSourceOptions } from "./augmenter_options.ts";
import type { AugmentedPictures, BatchAugmenter } from "./batch_augmenter.ts";
import { checkBuffer, checkHost, checkIndices, checkMixing, checkPlans } from "./check_batch.ts";
import { completeOptions } from "./complete_options.ts";
import type { Mixing } from "./mixing.ts";
import { type HostPictures, pictureBytes } from "./picture_bytes.ts";
import type { PicturePlan } from "./plan.ts";

/**
 * Opens a mixing set that is given by its name or path. What it gives is disposed with the
 * augmenter, where it can be.
 */
export type OpenMixing = (
  path: string,
  source: MixingSourceOptions,
  options: AugmentOptions,
  gpu: Gpu,
) => Promise<Mixing & Partial<Disposable>> | Mixing;

/**
 * Gets a method ready for batches, as `createAugmenter` does. It imports nothing that needs files, so
 * that it runs in a page.
 *
 * @throws {RangeError} naming a setting that is out of range or not the method's, or a mixing
 *   picture that is smaller than `width` × `height`
 * @throws {GpuError} when there is no adapter, or batch or mixing set are larger than it holds
 */
export async function compileAugmenter(
  options: AugmenterOptions,
  openMixing: OpenMixing,
): Promise<BatchAugmenter> {
  const complete = completeOptions(options);
  const source = "mixing" in options && options.mixing ? options : undefined;
  const gpu = options.gpu ?? await Gpu.open();
  let opened: Mixing & Partial<Disposable> | undefined;
  const close = () => {
    opened?.[Symbol.dispose]?.();
    if (!options.gpu) gpu.close();
  };
  try {
    const { mixing } = source ?? {};
    if (typeof mixing === "string") opened = await openMixing(mixing, source!, complete, gpu);
    const tape = new Tape(gpu, false);
    const given = typeof mixing === "object" ? checkMixing(mixing) : opened;
    const augmenter = recordAugment(tape, complete, given);
    const output = tape.region("augmented pictures", augmenter.output.data.bytes);
    const recorded: Recorded = {
      ...{ gpu, close, augmenter, output },
      options: { ...complete, views: complete.views ?? 1 },
      pictures: tape.finish().map(({ bindings }) => bindings.pictures).find((found) => found)!,
    };
    return new CompiledAugmenter(recorded, await tape.compile());
  } catch (error) {
    close();
    throw error;
  }
}

interface Recorded {
  gpu: Gpu;
  /** Closes what was opened for it. */
  close: () => void;
  augmenter: Augmenter;
  options: AugmentOptions & { views: number };
  /** Bytes r, g, b, ignored, before they are augmented. */
  pictures: Region;
  /** A copy of what was made last, since the tape's own output shares a buffer with other things. */
  output: Region;
}

/** Batches that are submitted before the host waits, so that the queue does not grow without end. */
const IN_FLIGHT = 8;

class CompiledAugmenter implements BatchAugmenter {
  readonly gpu: Gpu;
  readonly #recorded: Recorded;
  readonly #program: Program;
  #scratch: Uint8Array<ArrayBuffer> | undefined;
  #isDestroyed = false;
  /** Batches that were applied; and of them, those since the host last waited. */
  #applied = 0;
  #inFlight = 0;
  /** Of the last wait but one: promises of a GPU that is idle come late, so none is awaited at once. */
  #waiting: Promise<void> | undefined;

  constructor(recorded: Recorded, program: Program) {
    this.gpu = recorded.gpu;
    this.#recorded = recorded;
    this.#program = program;
  }

  plan(indices: ArrayLike<number>, epoch: number): PicturePlan[] {
    const { augmenter, options } = this.#recorded;
    checkIndices(indices, epoch, options.batch);
    return augmenter.plan(indices, epoch);
  }

  async apply(
    pictures: HostPictures | GPUBuffer,
    plans: readonly PicturePlan[],
  ): Promise<AugmentedPictures> {
    this.#checkUsable();
    const { augmenter, options } = this.#recorded;
    const count = checkPlans(plans, options), pixels = count * options.width * options.height;
    const isBuffer = pictures instanceof GPUBuffer;
    if (isBuffer) checkBuffer(pictures, 4 * pixels);
    let given = isBuffer ? count : this.#hostBytes(pictures, pixels);
    const cutting = augmenter.cut(plans);
    // Until it is cut, the caller may change the pictures, and another call the scratch memory.
    if (cutting && typeof given === "object") given = given.slice();
    const cut = cutting && await cutting;
    this.#checkUsable();
    augmenter.upload(this.gpu, given, plans, 0, cut);
    const copied = isBuffer && this.#copyIn(pictures, 4 * pixels);
    this.#program.run();
    this.#copyOut();
    const output = this.#outputOf(++this.#applied, count * options.views);
    // Nothing is awaited since the upload, so that another call cannot come between.
    const fault = copied && await copied;
    if (fault) throw new GpuError(`Cannot augment from this buffer: ${fault.message.trim()}`);
    if (++this.#inFlight === IN_FLIGHT) {
      this.#inFlight = 0;
      const earlier = this.#waiting;
      this.#waiting = this.gpu.idle();
      // The next wait throws; until then a lost device must not end the process.
      this.#waiting.catch(() => {});
      await earlier;
    }
    return output;
  }

  async augment(
    pictures: HostPictures | GPUBuffer,
    indices: ArrayLike<number>,
    epoch: number,
  ): Promise<AugmentedPictures> {
    return await this.apply(pictures, this.plan(indices, epoch));
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#program.destroy();
    this.#recorded.close();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #checkUsable(): void {
    if (this.#isDestroyed) throw new GpuError("Cannot augment: the augmenter was destroyed");
  }

  /** Pictures as the machine reads them. */
  #hostBytes(pictures: HostPictures, pixels: number): Uint8Array {
    const { batch, width, height } = this.#recorded.options;
    const scratch = () => this.#scratch ??= new Uint8Array(4 * batch * width * height);
    return pictureBytes(checkHost(pictures), pixels, scratch);
  }

  /** Copies pictures from a buffer, in a scope of its own: it may be of another device. */
  #copyIn(from: GPUBuffer, bytes: number): Promise<GPUError | null> {
    const { device } = this.gpu, { buffer, offset } = this.#recorded.pictures;
    device.pushErrorScope("validation");
    const encoder = device.createCommandEncoder();
    encoder.copyBufferToBuffer(from, 0, buffer!, offset, bytes);
    device.queue.submit([encoder.finish()]);
    const fault = device.popErrorScope();
    // Where the launches throw first, no one awaits it.
    fault.catch(() => {});
    return fault;
  }

  #copyOut(): void {
    const { augmenter: { output: { data } }, output } = this.#recorded;
    const encoder = this.gpu.device.createCommandEncoder();
    encoder.copyBufferToBuffer(data.buffer!, data.offset, output.buffer!, 0, data.bytes);
    this.gpu.submit(encoder);
  }

  #outputOf(number: number, count: number): AugmentedPictures {
    const { options: { width, height }, output } = this.#recorded;
    const read = async () => {
      this.#checkUsable();
      if (number !== this.#applied) {
        throw new GpuError("Cannot read augmented pictures: a later batch has taken their place");
      }
      const bytes = 16 * count * width * height;
      const rgb0 = new Float32Array(await this.gpu.read(output.buffer!, 0, bytes));
      return withoutPadding(rgb0);
    };
    return { buffer: output.buffer!, shape: [count, height, width, 3], read };
  }
}

/** The r, g, b of pixels r, g, b, 0. */
function withoutPadding(rgb0: Float32Array): Float32Array<ArrayBuffer> {
  const rgb = new Float32Array(rgb0.length / 4 * 3);
  for (let from = 0, to = 0; from < rgb0.length; from += 4) {
    rgb[to++] = rgb0[from]!;
    rgb[to++] = rgb0[from + 1]!;
    rgb[to++] = rgb0[from + 2]!;
  }
  return rgb;
}
