import { cannotRead, DataError } from "./error.ts";
import type { Unreadable } from "./loader/messages.ts";
import { openShared } from "./loader/open_shared.ts";
import { replacements } from "./loader/replacements.ts";
import type { PictureSource, SharedSource } from "./picture_source.ts";
import { resample } from "./resample.ts";
import { shorterSideSize, type Size } from "./resize.ts";
import { type Answer, serve } from "./thread_worker.ts";

/** The set that a worker cuts pictures out of. */
export interface MixingSetup {
  source: SharedSource;
  /** The shorter side of every picture, in pixels. */
  size: number;
  /** Of each picture its number in the source, and its size in pixels. */
  numbers: Uint32Array<SharedArrayBuffer>;
  widths: Uint32Array<SharedArrayBuffer>;
  heights: Uint32Array<SharedArrayBuffer>;
}

/** What is cut out of picture number `picture`, and where it is written. */
export interface MixingRequest extends Size {
  picture: number;
  top: number;
  left: number;
  /** (height × width × 4) */
  output: Uint8Array<SharedArrayBuffer>;
}

/** Of all sets alike: which picture stands in for one depends on its number alone. */
const SEED = 0;

let set: MixingSetup, source: PictureSource, labels: Uint8Array;

serve({
  setUp(setup: MixingSetup) {
    set = setup;
    source = openShared(setup.source);
    labels = new Uint8Array(setup.numbers.length);
  },
  async answer(request: MixingRequest): Promise<Answer<Unreadable[]>> {
    const unreadable: Unreadable[] = [];
    for (const index of replacements(SEED, request.picture, labels)) {
      try {
        await cut(request, index);
        return { answer: unreadable };
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        unreadable.push({ index, reason: error.message });
      }
    }
    request.output.fill(0);
    return { answer: unreadable };
  },
});

/** Cuts the request's part out of picture `index`; of another than its own, at a like place. */
async function cut({ picture, output, ...part }: MixingRequest, index: number): Promise<void> {
  const { numbers, widths, heights, size } = set, number = numbers[index]!;
  const input = await source.read(number);
  const { width, height } = shorterSideSize(input, size);
  if (width !== widths[index] || height !== heights[index]) {
    const found = `one of ${input.width}x${input.height} pixels`;
    throw cannotRead(source.name(number), "the picture that was there before", found);
  }
  const moved = (at: number, length: number, sides: Uint32Array) =>
    Math.floor(at * (sides[index]! - length + 1) / (sides[picture]! - length + 1));
  const whole = { top: 0, left: 0, width: input.width, height: input.height };
  const top = moved(part.top, part.height, heights), left = moved(part.left, part.width, widths);
  resample(input, { part: whole, width, height, window: { ...part, top, left } }, output);
}
