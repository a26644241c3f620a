import type { Mixing } from "./mixing.ts";
import type { HostPictures } from "./picture_bytes.ts";
import type { PicturePlan } from "./plan.ts";

/**
 * Refuses numbers of pictures that cannot be drawn for.
 *
 * @throws {RangeError} naming the number and its range
 */
export function checkIndices(indices: ArrayLike<number>, epoch: number, batch: number): void {
  checkCount("pictures", indices.length, batch);
  for (let i = 0; i < indices.length; i++) checkUnsigned("indices", indices[i]!);
  checkUnsigned("epoch", epoch);
}

/**
 * Refuses plans that are not those of 1 … `batch` pictures; their stages are checked when they are
 * encoded.
 *
 * @returns how many pictures they are for
 * @throws {RangeError} naming the plan that is at fault
 */
export function checkPlans(
  plans: readonly PicturePlan[],
  { batch, views }: { batch: number; views: number },
): number {
  const count = plans.length / views;
  if (!Number.isInteger(count)) {
    throw new RangeError(
      `Cannot augment: expected ${views} plans for each picture but found ${plans.length} in all`,
    );
  }
  checkCount("pictures", count, batch);
  for (const [number, plan] of plans.entries()) {
    if (!plan?.crop || !Array.isArray(plan.stages)) {
      throw new RangeError(`Cannot augment: expected plan ${number} to have a crop and stages`);
    }
    const place = plan.partner?.place ?? 0;
    if (place >>> 0 === place && place < count) continue;
    throw new RangeError(
      `Cannot augment: plan ${number} mixes in the picture at place ${place} of a batch of ${count}`,
    );
  }
  return count;
}

/**
 * Refuses pictures of a type that is not read.
 *
 * @throws {TypeError} naming the type
 */
export function checkHost(pictures: HostPictures): HostPictures {
  const types = [Uint8Array, Uint8ClampedArray, Float32Array];
  if (types.some((type) => pictures instanceof type)) return pictures;
  const found = (pictures as unknown)?.constructor.name ?? String(pictures);
  const names = types.map(({ name }) => name).join(", ");
  throw new TypeError(`Cannot augment: expected ${names} or GPUBuffer but found ${found}`);
}

/**
 * Refuses a buffer that is too short.
 *
 * @throws {RangeError} naming its size
 */
export function checkBuffer({ size }: GPUBuffer, bytes: number): void {
  if (size >= bytes) return;
  throw new RangeError(
    `Cannot augment: expected a buffer of at least ${bytes} bytes but found ${size}`,
  );
}

/**
 * Refuses a mixing set whose parts do not fit each other.
 *
 * @throws {RangeError} naming the part
 */
export function checkMixing(mixing: Mixing): Mixing {
  const { count, widths, heights } = mixing;
  const tables = "cut" in mixing
    ? { widths, heights }
    : { widths, heights, offsets: mixing.offsets };
  for (const [name, table] of Object.entries(tables)) {
    if (table?.length === count) continue;
    throw new RangeError(
      `Cannot use the mixing set: expected ${count} ${name} but found ${table?.length}`,
    );
  }
  if ("cut" in mixing) return mixing;
  const { rgba } = mixing;
  for (let i = 0; i < count; i++) {
    const end = 4 * (mixing.offsets[i]! + mixing.widths[i]! * mixing.heights[i]!);
    if (end <= rgba.length && rgba.length % 4 === 0) continue;
    throw new RangeError(
      `Cannot use mixing picture ${i}: it ends at byte ${end} but there are ${rgba.length}`,
    );
  }
  return mixing;
}

function checkCount(what: string, count: number, most: number): void {
  if (count >= 1 && count <= most) return;
  throw new RangeError(`Cannot augment: expected 1 … ${most} ${what} but found ${count}`);
}

function checkUnsigned(name: string, value: number): void {
  if (value >>> 0 === value) return;
  throw new RangeError(
    `Cannot augment: expected ${name} of 0 … ${2 ** 32 - 1}, whole, but found ${value}`,
  );
}
