import { crc32 } from "node:zlib";
import {
  decodePicture,
  encodePng,
  pictureFormat,
  pictureSize,
} from "../../../../lib/data/picture_file.ts";
import { formula, goldenPicture, toRgba } from "../../../data/golden_pictures.ts";
import type { Target } from "../target.ts";

/** RGBA, the codec's own, and what it works on; beside a codec that begins anew after an error. */
const BYTES_PER_PIXEL = 16, CODEC = 2 ** 26;

function target(format: "png" | "jpeg" | "webp", seeds: () => Uint8Array[]): Target {
  const file = `a.${format}`;
  return {
    name: format,
    seeds: () => Promise.resolve(seeds()),
    file,
    inMemory: true,
    errors: ["DataError"],
    bound: (bytes) => CODEC + BYTES_PER_PIXEL * pixelsOf(bytes),
    parse: (bytes) => decodePicture(bytes, file),
  };
}

/** Pixels that the header tells of, which are bounded: 0 where it is refused. */
function pixelsOf(bytes: Uint8Array): number {
  try {
    const { width, height } = pictureSize(bytes, "");
    return width * height;
  } catch {
    return 0;
  }
}

/** Puts the sums of chunks right, as far as chunks can be told. */
function repairPng(bytes: Uint8Array): Uint8Array {
  if (pictureFormat(bytes) !== "png") return bytes;
  const copy = bytes.slice(), view = new DataView(copy.buffer);
  for (let at = 8; at + 12 <= copy.length;) {
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > copy.length) break;
    view.setUint32(end, crc32(copy.subarray(at + 4, end)));
    at = end + 4;
  }
  return copy;
}

function pngs(): Uint8Array[] {
  const rgba = toRgba(formula(23, 17));
  return [encodePng({ width: 23, height: 17, rgba })];
}

/** Decoders of pictures. */
export const pictureTargets: Target[] = [
  { ...target("png", pngs), repair: repairPng },
  target("jpeg", () =>
    [
      ...["baseline-420", "baseline-440", "grey", "progressive-420", "restarts", "cmyk-422"],
      ...["cmyk-progressive-restarts", "ycck-progressive-420", "rgb-components"],
    ].map((name) => goldenPicture(`${name}.jpg`))),
  target(
    "webp",
    () =>
      ["lossy", "lossless", "alpha", "alpha-lossless"].map((name) => goldenPicture(`${name}.webp`)),
  ),
];
