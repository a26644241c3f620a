import type { CutPictures, MixingStream } from "../data/mixing_stream.ts";
import type { Gpu } from "../gpu/device.ts";
import { GpuError } from "../gpu/error.ts";
import type { Region } from "../gpu/kernel.ts";
import type { Tape } from "../gpu/tape.ts";
import type { Stream } from "../random/stream.ts";
import { type MixingCrop, type PicturePlan, usesMixing } from "./plan.ts";

/** How large the pictures of a mixing set are, which is all that draws depend on. */
export interface MixingSizes {
  /** How many pictures there are. */
  readonly count: number;
  /** In pixels. */
  readonly widths: Uint32Array;
  /** In pixels. */
  readonly heights: Uint32Array;
}

/** Pictures of any sizes, one after another, row-major. */
export interface MixingPictures extends MixingSizes {
  /** Where each picture starts in `rgba`, in pixels. */
  readonly offsets: Uint32Array;
  /** Four bytes a pixel: r, g, b, ignored. */
  readonly rgba: Uint8Array;
}

/** A set whose pictures are not in memory, but read and cut when they are needed. */
export type StreamedMixing = MixingSizes & Pick<MixingStream, "cut">;

/** A mixing set in memory, or one that is read when it is needed: both give the same pictures. */
export type Mixing = MixingPictures | StreamedMixing;

/** Bytes of a mixing set that are kept on a GPU, where nothing else is said. */
export const MIXING_BYTES = 2 ** 30;

/** Bytes of a mixing set that a GPU can keep, `most` at the most. */
export function mixingRoom({ device: { limits } }: Gpu, most = MIXING_BYTES): number {
  return Math.min(most, limits.maxStorageBufferBindingSize, limits.maxBufferSize);
}

/** Whether a crop lies in one of a set's pictures. */
export function isInside(
  { widths, heights }: MixingSizes,
  { picture, top, left }: MixingCrop,
  { width, height }: { width: number; height: number },
): boolean {
  return left >= 0 && top >= 0 && left + width <= widths[picture]! &&
    top + height <= heights[picture]!;
}

/**
 * Cuts what plans mix in out of a set that is not in memory; of others there is nothing to wait for. What
 * is outside the set is left out, since plans are checked when they are encoded.
 */
export function cutMixing(
  mixing: Mixing | undefined,
  plans: readonly PicturePlan[],
  size: { width: number; height: number },
): Promise<CutPictures> | undefined {
  if (!mixing || "rgba" in mixing) return undefined;
  const crops = plans.flatMap((plan) =>
    usesMixing(plan) && plan.mixing && isInside(mixing, plan.mixing, size) ? plan.mixing : []
  );
  return crops.length ? mixing.cut(crops, size) : undefined;
}

/** What the draw of a mixing picture depends on. */
export interface MixingOptions {
  /** In pixels. */
  width: number;
  /** Pixels down. */
  height: number;
  /** Whether mixing pictures become grey, and are turned at random. */
  grayMixing: boolean;
}

/** Draws a picture of the set and a place for a `width` × `height` crop of it, all equally likely. */
export function drawMixing(
  stream: Stream,
  mixing: MixingSizes,
  { width, height, grayMixing }: MixingOptions,
): MixingCrop {
  const picture = stream.integer(mixing.count);
  const top = stream.integer(mixing.heights[picture]! - height + 1);
  const left = stream.integer(mixing.widths[picture]! - width + 1);
  if (!grayMixing) return { picture, top, left };
  const [mirrored, upsideDown] = [stream.chance(), stream.chance()];
  return { picture, top, left, mirrored, upsideDown, gray: true };
}

/**
 * Declares the buffer that holds a mixing set, or what is cut out of one for `batch` pictures; or one
 * unused pixel when there is none.
 *
 * @throws {RangeError} when the set is empty or has a picture smaller than `width` × `height`
 * @throws {GpuError} when it is larger than what the GPU binds
 */
export function mixingRegion(
  tape: Tape,
  { width, height, batch }: { width: number; height: number; batch: number },
  mixing?: Mixing,
): Region {
  if (!mixing) return tape.region("mixing pictures", 4);
  if (mixing.count < 1) {
    throw new RangeError("Cannot use the mixing set: expected pictures but found none");
  }
  for (let i = 0; i < mixing.count; i++) {
    const [w, h] = [mixing.widths[i]!, mixing.heights[i]!];
    if (w >= width && h >= height) continue;
    throw new RangeError(
      `Cannot use mixing picture ${i}: expected at least ${width} × ${height} pixels ` +
        `but found ${w} × ${h}`,
    );
  }
  if (!("rgba" in mixing)) return tape.region("mixing pictures", 4 * batch * width * height);
  const bytes = mixing.rgba.byteLength, most = mixingRoom(tape.gpu, Infinity);
  if (bytes > most) {
    throw new GpuError(
      `Cannot hold the mixing set: its ${mixing.count} pictures take ${bytes} bytes but ` +
        `${tape.gpu.name} binds at most ${most}; use ${
          Math.floor(mixing.count * most / bytes)
        } pictures or smaller ones`,
    );
  }
  return tape.region("mixing pictures", bytes);
}
