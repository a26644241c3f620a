import { GpuError } from "../gpu/error.ts";
import type { Region } from "../gpu/kernel.ts";
import type { Tape } from "../gpu/tape.ts";
import type { Stream } from "../random/stream.ts";
import type { MixingCrop } from "./plan.ts";

/** Pictures of any sizes, one after another, row-major. */
export interface MixingPictures {
  readonly count: number;
  /** In pixels. */
  readonly widths: Uint32Array;
  /** In pixels. */
  readonly heights: Uint32Array;
  /** Where each picture starts in `rgba`, in pixels. */
  readonly offsets: Uint32Array;
  /** Four bytes a pixel: r, g, b, ignored. */
  readonly rgba: Uint8Array;
}

/** What the draw of a mixing picture depends on. */
export interface MixingOptions {
  /** In pixels. */
  width: number;
  height: number;
  /** Whether mixing pictures become grey, and are turned at random. */
  grayMixing: boolean;
}

/** Draws a picture of the set and a place for a `width` × `height` crop of it, all equally likely. */
export function drawMixing(
  stream: Stream,
  mixing: MixingPictures,
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
 * Declares the buffer that holds a mixing set, or one unused pixel when there is none.
 *
 * @throws {RangeError} when the set is empty or has a picture smaller than `width` × `height`
 * @throws {GpuError} when it is larger than what the GPU binds
 */
export function mixingRegion(
  tape: Tape,
  width: number,
  height: number,
  mixing?: MixingPictures,
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
  const bytes = mixing.rgba.byteLength;
  const { maxStorageBufferBindingSize, maxBufferSize } = tape.gpu.device.limits;
  const most = Math.min(maxStorageBufferBindingSize, maxBufferSize);
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
