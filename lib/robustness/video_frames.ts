import { cannotRead, DataError } from "../data/error.ts";
import { MAX_PIXELS } from "../data/picture_file.ts";
import type { Picture } from "../data/pixels.ts";

/** The longest header of a frame, "P6\n<width> <height>\n255\n". */
const HEADER = /^P6\n(\d{1,5}) (\d{1,5})\n255\n/;
const HEADER_BYTES = 20;
/** How much of what a decoder says is kept. */
const MESSAGE_BYTES = 4096;

/** Decodes videos, a frame at a time. */
export interface VideoDecoder {
  /**
   * The frames of an MP4 file. The memory that it takes is that of one frame.
   *
   * @throws {DataError} that names the file, when it holds no video that can be decoded
   */
  frames(path: string): AsyncGenerator<Picture, void>;
}

/**
 * The decoder of ffmpeg, a program that has to be installed.
 *
 * @throws {DataError} when it is not
 */
export async function openVideoDecoder(): Promise<VideoDecoder> {
  const help = await run(["-h", "long"]);
  // Frames are taken as they are, not dropped or doubled to keep a rate; an option with two names.
  const rate = help.includes("-fps_mode") ? "-fps_mode" : "-vsync";
  return { frames: (path) => decode(path, [rate, "passthrough"]) };
}

async function run(args: readonly string[]): Promise<string> {
  const command = new Deno.Command("ffmpeg", {
    args: ["-hide_banner", ...args],
    ...{ stdin: "null", stdout: "piped", stderr: "null" },
  });
  // Where there is no such program, it throws at once.
  const { stdout } = await Promise.try(() => command.output()).catch((error: Error) => {
    const found = error instanceof Deno.errors.NotFound ? "none" : error.message;
    throw new DataError(
      `Cannot read videos: expected the program ffmpeg but found ${found}; install it (Debian: ` +
        "apt-get install ffmpeg), or give the .npy files of layermix corrupt p",
    );
  });
  return new TextDecoder().decode(stdout);
}

async function* decode(path: string, rate: readonly string[]): AsyncGenerator<Picture, void> {
  const process = new Deno.Command("ffmpeg", {
    args: [
      ...["-hide_banner", "-v", "error", "-nostdin", "-threads", "1"],
      // Nothing else than this file is read, whatever it says.
      ...["-protocol_whitelist", "file", "-f", "mp4", "-i", `file:${path}`],
      ...["-map", "0:v:0", ...rate, "-f", "image2pipe", "-c:v", "ppm", "-"],
    ],
    ...{ stdin: "null", stdout: "piped", stderr: "piped" },
  }).spawn();
  const message = firstLine(process.stderr);
  const stdout = new ByteReader(process.stdout);
  let isWhole = false;
  try {
    for (;;) {
      const picture = await nextFrame(stdout, path);
      if (!picture) break;
      yield picture;
    }
    isWhole = true;
  } finally {
    // Without a reader it would wait for ever.
    if (!isWhole) kill(process);
    await stdout.cancel();
    const [{ success }, reason] = await Promise.all([process.status, message]);
    // deno-lint-ignore no-unsafe-finally
    if (isWhole && !success) throw cannotRead(path, "an MP4 video", reason || "none");
  }
}

function kill(process: Deno.ChildProcess): void {
  try {
    process.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}

async function nextFrame(bytes: ByteReader, path: string): Promise<Picture | undefined> {
  const head = new TextDecoder("latin1").decode(await bytes.peek(HEADER_BYTES));
  if (head === "") return undefined;
  const [header, width, height] = HEADER.exec(head) ?? [];
  const size = { width: Number(width), height: Number(height) }, pixels = size.width * size.height;
  if (header === undefined || !(pixels > 0 && pixels <= MAX_PIXELS)) {
    throw cannotRead(path, `frames of 1 to ${MAX_PIXELS} pixels`, JSON.stringify(head));
  }
  await bytes.take(header.length);
  const rgb = await bytes.take(3 * pixels);
  if (rgb.length < 3 * pixels) throw cannotRead(path, "whole frames", "a part of one");
  const rgba = new Uint8Array(4 * pixels).fill(255);
  for (let from = 0, to = 0; from < rgb.length; to += 4) {
    for (let channel = 0; channel < 3; channel++) rgba[to + channel] = rgb[from++]!;
  }
  return { ...size, rgba };
}

/** The first line of a stream, which is read to its end. */
async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) {
    if (text.length < MESSAGE_BYTES) text += decoder.decode(chunk, { stream: true });
  }
  return text.split("\n")[0]!.slice(0, MESSAGE_BYTES).replace(/^\[[^\]]*\] /, "");
}

/** Bytes of a stream, so many at a time. */
class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #rest: Uint8Array = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array>) {
    this.#reader = stream.getReader();
  }

  /** The next bytes, which stay; fewer where the stream ends before. */
  async peek(count: number): Promise<Uint8Array> {
    if (this.#rest.length < count) this.#rest = await this.#gather(count);
    return this.#rest.subarray(0, count);
  }

  /** The next bytes; fewer where the stream ends before. */
  async take(count: number): Promise<Uint8Array> {
    const bytes = await this.peek(count);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  async #gather(count: number): Promise<Uint8Array> {
    const parts = [this.#rest];
    for (let length = this.#rest.length; length < count;) {
      const { value } = await this.#reader.read();
      if (!value) break;
      parts.push(value);
      length += value.length;
    }
    const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
    for (let i = 0, at = 0; i < parts.length; at += parts[i++]!.length) all.set(parts[i]!, at);
    return all;
  }
}
