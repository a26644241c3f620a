/// <reference lib="deno.worker" />
import { writeAtomic } from "../../checkpoint/atomic_write.ts";
import { DataError } from "../../data/error.ts";
import { encodeJpeg } from "../../data/jpeg/encode.ts";
import { encodeNpyHeader } from "../../data/npy.ts";
import { encodePng } from "../../data/picture_file.ts";
import { openShared } from "../../data/loader/open_shared.ts";
import type { PictureSource } from "../../data/picture_source.ts";
import { resizedPicture } from "../../data/packed_pictures.ts";
import { readPicture } from "../../data/read_picture.ts";
import type { PixelBytes } from "../../data/resample.ts";
import type { Picture as RgbaPicture } from "../../data/pixels.ts";
import { centerCrop } from "../../data/resize.ts";
import { type CorruptionSpec, corruptPictures, type RgbBatch } from "./corrupt_batch.ts";
import { pictureOfBytes } from "./corruption.ts";
import { type Window, windowOf } from "./window.ts";
import type {
  BatchJob,
  FileJob,
  Job,
  NumberJob,
  Reply,
  TreeFormat,
  WorkerSetup,
} from "./worker_messages.ts";

/** That of the published ImageNet-C. */
const JPEG_QUALITY = 85;

let common: Omit<CorruptionSpec, "corruption" | "severity"> | undefined;
let pictures:
  | (Omit<NonNullable<WorkerSetup["pictures"]>, "source"> & {
    source: PictureSource;
  })
  | undefined;

self.onmessage = async ({ data }: MessageEvent<WorkerSetup | Job>) => {
  if (!("corruption" in data)) {
    const { pictures: shared, ...setup } = data;
    const frost = data.frost?.map(({ rgb, width, height }) => pictureOfBytes(rgb, width, height));
    common = { ...setup, frost };
    pictures = shared && { ...shared, source: openShared(shared.source) };
    return;
  }
  const reply = await run(data).catch((error: Error): Reply => ({ error: error.message }));
  self.postMessage(reply, reply.bytes ? [reply.bytes.buffer] : []);
};

async function run(job: Job): Promise<Reply> {
  if ("from" in job) return await runFile(job);
  return "number" in job ? await runNumber(job) : runBatch(job);
}

function runBatch({ corruption, severity, first, ...batch }: BatchJob): Reply {
  const bytes = corruptPictures(batch, { ...common!, corruption, severity }, first);
  return { bytes: bytes as Uint8Array<ArrayBuffer> };
}

async function runFile({ corruption, from, to, index, ...options }: FileJob): Promise<Reply> {
  const picture = await prepared(() => readPicture(from), from, options);
  if ("unreadable" in picture) return picture;
  for (const { severity, path } of to) {
    const spec = { ...common!, corruption, severity, shown: options.crop };
    const corrupted = corruptPictures(picture, spec, index);
    await writeAtomic(path, encode(corrupted, windowOf(picture, options.crop), options));
  }
  return {};
}

async function runNumber({ corruption, severity, number, index }: NumberJob): Promise<Reply> {
  const { source, resize, crop } = pictures!;
  const format = common!.suite === "p" ? "npy" : "png";
  const read = async () => rgbaOf(await source.read(number));
  const picture = await prepared(read, source.name(number), { resize, crop, format });
  if ("unreadable" in picture) return picture;
  const spec = { ...common!, corruption, severity, shown: crop };
  return { bytes: corruptPictures(picture, spec, index) as Uint8Array<ArrayBuffer> };
}

/** A picture made ready, without its fourth bytes; or why there is none. */
async function prepared(
  read: () => Promise<RgbaPicture>,
  name: string,
  options: TreeFormat,
): Promise<RgbBatch | { unreadable: string }> {
  try {
    const { width, height, rgba } = prepare(await read(), name, options);
    return { width, height, rgb: rgba.filter((_, i) => i % 4 < 3) };
  } catch (error) {
    if (error instanceof DataError) return { unreadable: error.message };
    throw error;
  }
}

function rgbaOf({ width, height, channels, data }: PixelBytes): RgbaPicture {
  if (channels === 4) return { width, height, rgba: new Uint8Array(data) };
  return { width, height, rgba: withAlpha(data) };
}

/** Bytes r, g, b as r, g, b, 255. */
function withAlpha(rgb: Uint8Array | Uint8ClampedArray): Uint8Array {
  const rgba = new Uint8Array(rgb.length / 3 * 4).fill(255);
  for (let i = 0; i < rgb.length; i++) rgba[i + Math.floor(i / 3)] = rgb[i]!;
  return rgba;
}

/** Of perturbations the picture stays whole: what lies outside of the crop moves into it. */
function prepare(
  picture: RgbaPicture,
  name: string,
  { resize, crop, format }: TreeFormat,
): RgbaPicture {
  const resized = resize === undefined ? picture : resizedPicture(picture, resize, name);
  return crop === undefined || format === "npy" ? resized : centerCrop(resized, crop);
}

function encode(
  rgb: Uint8Array,
  { width, height }: Window,
  { format }: TreeFormat,
): Uint8Array {
  if (format === "npy") {
    const header = encodeNpyHeader("|u1", [rgb.length / (width * height * 3), height, width, 3]);
    const bytes = new Uint8Array(header.length + rgb.length);
    bytes.set(header);
    bytes.set(rgb, header.length);
    return bytes;
  }
  if (format === "jpeg") return encodeJpeg(rgb, width, height, JPEG_QUALITY);
  return encodePng({ width, height, rgba: withAlpha(rgb) });
}
