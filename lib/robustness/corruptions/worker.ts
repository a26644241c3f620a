/// <reference lib="deno.worker" />
import { writeAtomic } from "../../checkpoint/atomic_write.ts";
import { DataError } from "../../data/error.ts";
import { encodeJpeg } from "../../data/jpeg/encode.ts";
import { encodeNpyHeader } from "../../data/npy.ts";
import { encodePng } from "../../data/picture_file.ts";
import { resizedPicture } from "../../data/packed_pictures.ts";
import { readPicture } from "../../data/read_picture.ts";
import type { Picture as RgbaPicture } from "../../data/pixels.ts";
import { centerCrop } from "../../data/resize.ts";
import { type CorruptionSpec, corruptPictures } from "./corrupt_batch.ts";
import { pictureOfBytes } from "./corruption.ts";
import { type Window, windowOf } from "./window.ts";
import type { BatchJob, FileJob, Job, Reply, TreeFormat, WorkerSetup } from "./worker_messages.ts";

/** That of the published ImageNet-C. */
const JPEG_QUALITY = 85;

let common: Omit<CorruptionSpec, "corruption" | "severity"> | undefined;

self.onmessage = async ({ data }: MessageEvent<WorkerSetup | Job>) => {
  if (!("corruption" in data)) {
    const frost = data.frost?.map(({ rgb, width, height }) => pictureOfBytes(rgb, width, height));
    common = { ...data, frost };
    return;
  }
  const reply = await (async () => "from" in data ? await runFile(data) : runBatch(data))()
    .catch((error: Error): Reply => ({ error: error.message }));
  self.postMessage(reply, reply.bytes ? [reply.bytes.buffer] : []);
};

function runBatch({ corruption, severity, first, ...batch }: BatchJob): Reply {
  const bytes = corruptPictures(batch, { ...common!, corruption, severity }, first);
  return { bytes: bytes as Uint8Array<ArrayBuffer> };
}

async function runFile({ corruption, from, to, index, ...options }: FileJob): Promise<Reply> {
  let picture: RgbaPicture;
  try {
    picture = prepare(await readPicture(from), from, options);
  } catch (error) {
    if (error instanceof DataError) return { unreadable: error.message };
    throw error;
  }
  const { width, height, rgba } = picture;
  const rgb = rgba.filter((_, i) => i % 4 < 3);
  for (const { severity, path } of to) {
    const spec = { ...common!, corruption, severity, shown: options.crop };
    const corrupted = corruptPictures({ width, height, rgb }, spec, index);
    await writeAtomic(path, encode(corrupted, windowOf(picture, options.crop), options));
  }
  return {};
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
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < rgb.length; i++) rgba[i + Math.floor(i / 3)] = rgb[i]!;
  return encodePng({ width, height, rgba });
}
