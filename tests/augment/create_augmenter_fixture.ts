import { type MethodName, methods } from "../../lib/augment/methods.ts";
import {
  type AugmenterOptions,
  type BatchAugmenter,
  createAugmenter,
  type Gpu,
} from "../../mod.ts";
import { mixingSet } from "./fixture.ts";

/** Of the pictures: small, and not square. */
export const [width, height, batch] = [9, 7, 3];
export const size = { width, height, batch, seed: 5 };
export const pixels = width * height;
/** Bytes of all values. */
export const noise = (length: number, k: number) =>
  new Uint8Array(length).map((_, i) => (i * i * k + 7 * i) % 256);
/** Two pictures a little larger. */
export const mixing = mixingSet([3, 5].map((k) => noise(4 * 12 * 10, k)), 12, 10);
/** The pictures' numbers in their data set. */
export const indices = [7, 8, 9];
/** The pictures, and the same without alpha. */
export const rgba = noise(4 * pixels * batch, 11);
export const rgb = rgba.filter((_, i) => i % 4 < 3);

/** Options for a method, the mixing set where it needs one, and what a caller without types adds. */
export function optionsOf(gpu: Gpu, method: MethodName, changes = {}): AugmenterOptions {
  const own = methods[method].mixing ? { mixing } : {};
  return { gpu, method, ...size, ...own, ...changes } as AugmenterOptions;
}

/** Lets a test use an augmenter, and destroys it. */
export async function using(
  options: AugmenterOptions,
  body: (augmenter: BatchAugmenter) => Promise<void> | void,
): Promise<void> {
  const augmenter = await createAugmenter(options);
  try {
    await body(augmenter);
  } finally {
    augmenter.destroy();
  }
}

/** A buffer that holds some bytes. */
export function bufferOf({ device }: Gpu, bytes: Uint8Array): GPUBuffer {
  const usage = GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
  const buffer = device.createBuffer({ size: bytes.length, usage });
  device.queue.writeBuffer(buffer, 0, bytes as BufferSource);
  return buffer;
}
