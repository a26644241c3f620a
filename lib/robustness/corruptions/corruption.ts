import type { Stream } from "../../random/stream.ts";

/** A picture of f64 values in [0, 1], row after row, red, green and blue of a pixel together. */
export interface Picture {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** (height × width × 3) */
  readonly rgb: Float64Array;
}

/** Which published table of severities is meant: that for 32 × 32 or that for 224 × 224 pictures. */
export type Scale = "cifar" | "imagenet";

/** A severity of the published benchmarks. */
export type Severity = 1 | 2 | 3 | 4 | 5;

/** What a corruption may draw from and read. */
export interface Surroundings {
  /** Random numbers of this picture, corruption and severity alone. */
  random: Stream;
  /** Which table of settings. */
  scale: Scale;
  /** Pictures of frost, as large as they are; our own are drawn where there are none. */
  frost?: readonly Picture[];
}

/** One corruption of a benchmark, such as gaussian_noise of C. */
export interface Corruption {
  /** The official name of its file or folder. */
  readonly name: string;
  /** The corrupted picture, not yet clipped nor rounded; the picture given is left as it is. */
  corrupt(picture: Picture, severity: Severity, surroundings: Surroundings): Picture;
}

/** The bytes the benchmarks store: clipped to [0, 1], times 255, without the fraction. */
export function storedBytes({ rgb }: Picture): Uint8Array {
  const bytes = new Uint8Array(rgb.length);
  for (let i = 0; i < rgb.length; i++) bytes[i] = Math.min(Math.max(rgb[i]!, 0), 1) * 255;
  return bytes;
}

/** A picture of (height × width × 3) bytes. */
export function pictureOfBytes(bytes: ArrayLike<number>, width: number, height: number): Picture {
  const rgb = new Float64Array(bytes.length);
  for (let i = 0; i < rgb.length; i++) rgb[i] = bytes[i]! / 255;
  return { width, height, rgb };
}
