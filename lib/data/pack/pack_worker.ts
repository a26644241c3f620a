import { crc32 } from "node:zlib";
import { DataError } from "../error.ts";
import { openShared } from "../loader/open_shared.ts";
import type { PictureSource, SharedSource } from "../picture_source.ts";
import { resample } from "../resample.ts";
import { checkAspect, shorterSideSize } from "../resize.ts";

/** What a worker is told: first what it works on, then which picture is next. */
export type PackRequest = { source: SharedSource; size: number } | { index: number };

/** A picture as it is stored, or why there is none. */
export type PackedPicture =
  | { index: number; width: number; height: number; sum: number; rgb: Uint8Array<ArrayBuffer> }
  | { index: number; reason: string };

/** What a worker says: a picture, or why it cannot go on. */
export type PackReply = PackedPicture | { failure: string };

/** What a worker's global scope is, as far as it is used here. */
interface Scope {
  onmessage: (event: MessageEvent<PackRequest>) => void;
  postMessage(reply: PackReply, transfer?: Transferable[]): void;
}

const scope = globalThis as unknown as Scope;
let source: PictureSource, size: number;

/** One picture after another: a source may use the memory of the last one for the next. */
let turn = Promise.resolve();

scope.onmessage = ({ data }) => {
  if ("source" in data) {
    source = openShared(data.source);
    size = data.size;
  } else turn = turn.then(() => answer(data.index));
};

async function answer(index: number): Promise<void> {
  const reply = await shrunk(index).catch((error): PackReply =>
    error instanceof DataError ? { index, reason: error.message } : { failure: String(error) }
  );
  scope.postMessage(reply, "rgb" in reply ? [reply.rgb.buffer] : []);
}

/** Picture `index` with its shorter side `size` pixels long. */
async function shrunk(index: number): Promise<PackedPicture> {
  const input = await source.read(index);
  checkAspect(input, source.name(index));
  const { width, height } = shorterSideSize(input, size);
  const rgba = new Uint8Array(4 * width * height), rgb = new Uint8Array(3 * width * height);
  const whole = { top: 0, left: 0, width: input.width, height: input.height };
  resample(input, { part: whole, width, height, window: { top: 0, left: 0, width, height } }, rgba);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from]!;
    rgb[to++] = rgba[from + 1]!;
    rgb[to++] = rgba[from + 2]!;
  }
  return { index, width, height, sum: crc32(rgb), rgb };
}
