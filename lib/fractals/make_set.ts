import { stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { writeAtomic } from "../checkpoint/atomic_write.ts";
import { DataError } from "../data/error.ts";
import { withOutputFolder } from "../data/output_folder.ts";
import { encodePng } from "../data/picture_file.ts";
import type { Picture } from "../data/pixels.ts";
import { type AdapterChoice, Gpu } from "../gpu/device.ts";
import { layermixVersion } from "../version.ts";
import { contactSheet, SHEET_PICTURES } from "./contact_sheet.ts";
import { drawPicture } from "./picture.ts";
import { Renderer } from "./renderer.ts";
import { isRich } from "./richness.ts";
import { checkSame, isComplete, openSetFolder, pictureName, writeRecord } from "./set_folder.ts";

/** The sides a mixing picture may have, in pixels. */
export const SIZES = { least: 32, most: 2048 } as const;
/** Attempts at one picture; a quarter to a half are rejected, so that so many mean a fault. */
const MAX_ATTEMPTS = 100;

/** A set to make. */
export interface MixingSetOptions {
  /** Made if absent; may hold an earlier part of the same set. */
  folder: string;
  /** How many pictures, from 1. */
  count: number;
  /** Of each side, in pixels: 32 … 2048. */
  size: number;
  /** An unsigned 32-bit number. */
  seed: number;
  /** Which adapter; by default the system's choice. */
  adapter?: AdapterChoice;
  /** A PNG file with thumbnails of the first 64 pictures, outside the folder. */
  sheet?: string;
  /** Told how many pictures there are, and how many of those drawn were rejected. */
  progress?: (done: number, rejected: number) => void;
  /** Where it is aborted, the pictures in hand are written, and no more are drawn. */
  signal?: AbortSignal;
}

/** What was made. */
export interface MixingSetResult {
  /** Where they are. */
  folder: string;
  /** Pictures drawn and written now, and those that were there. */
  drawn: number;
  /** Those that were there before. */
  kept: number;
  /** Attempts that were not rich enough. */
  rejected: number;
  /** Whether the signal ended it before its end. */
  interrupted: boolean;
}

/** A picture to draw, and how many attempts at it were rejected. */
interface Attempt {
  number: number;
  attempt: number;
}

/**
 * Draws fractal mixing pictures into a folder as "00000.png" and so on: RGB PNG files, each whole at
 * any moment. Picture n is a function of (seed, n, size) on one adapter, whatever the count; one that
 * is not rich (`isRich()`) is drawn again with the next attempt's numbers. Files that are there are kept.
 *
 * @throws {RangeError} for a count, size or seed out of range
 * @throws {DataError} where the folder holds something else, or another set, or another process
 *   writes to it, or the sheet has no place
 * @throws {CheckpointError} where a file cannot be written
 * @throws {GpuError} where there is no adapter, or it fails
 */
export async function makeMixingSet(options: MixingSetOptions): Promise<MixingSetResult> {
  checkNumbers(options);
  return await withOutputFolder(options.folder, () => makeInto(options));
}

async function makeInto(options: MixingSetOptions): Promise<MixingSetResult> {
  const { folder, count, size, seed, sheet } = options;
  const wanted = { version: layermixVersion, seed, size };
  const record = await openSetFolder(folder, wanted);
  if (sheet !== undefined) await checkSheet(sheet, folder);
  const gpu = await Gpu.open(options.adapter);
  let result: MixingSetResult;
  try {
    if (record) checkSame(folder, record, { adapter: gpu.name });
    else await writeRecord(folder, { ...wanted, adapter: gpu.name });
    result = await drawMissing(gpu, options);
  } finally {
    gpu.close();
  }
  if (sheet !== undefined && !result.interrupted) {
    const shown = Math.min(count, SHEET_PICTURES);
    const files = Array.from({ length: shown }, (_, number) => join(folder, pictureName(number)));
    await writeAtomic(sheet, encodePng(await contactSheet(files)));
  }
  return result;
}

function checkNumbers({ count, size, seed }: MixingSetOptions): void {
  const check = (name: string, value: number, least: number, most: number) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw new RangeError(
      `Cannot make a mixing set: expected a ${name} of ${least} … ${most} but found ${value}`,
    );
  };
  check("count", count, 1, 2 ** 32 - 1);
  check("size", size, SIZES.least, SIZES.most);
  check("seed", seed, 0, 2 ** 32 - 1);
}

/** Before pictures are drawn, since that takes minutes. */
async function checkSheet(sheet: string, folder: string): Promise<void> {
  const place = dirname(resolve(sheet));
  if (place === resolve(folder)) {
    throw new DataError(`Cannot write ${sheet}: expected a contact sheet outside of ${folder}`);
  }
  const isFolder = await stat(place).then((found) => found.isDirectory(), () => false);
  if (!isFolder) throw new DataError(`Cannot write ${sheet}: its folder does not exist`);
}

async function drawMissing(gpu: Gpu, options: MixingSetOptions): Promise<MixingSetResult> {
  const { folder, count, size, signal } = options;
  const missing: Attempt[] = [];
  for (let number = 0; number < count; number++) {
    const isThere = await isComplete(join(folder, pictureName(number)));
    if (!isThere) missing.push({ number, attempt: 0 });
  }
  const kept = count - missing.length;
  const result = { folder, drawn: 0, kept, rejected: 0, interrupted: false };
  if (missing.length === 0) return result;
  options.progress?.(kept, 0);
  const renderer = await Renderer.create(gpu, size);
  try {
    await drawAll(renderer, missing, options, result);
  } finally {
    renderer.destroy();
  }
  return { ...result, interrupted: kept + result.drawn < count && signal?.aborted === true };
}

/** Draws a batch on the GPU while the one before is judged and written, until none is left. */
async function drawAll(
  renderer: Renderer,
  missing: Attempt[],
  { folder, seed, signal, progress }: MixingSetOptions,
  result: MixingSetResult,
): Promise<void> {
  const waiting = missing.toReversed();
  const settle = async ({ number, attempt }: Attempt, picture: Picture) => {
    if (isRich(picture)) {
      await writeAtomic(join(folder, pictureName(number)), encodePng(picture));
      result.drawn++;
    } else {
      if (attempt + 1 === MAX_ATTEMPTS) {
        throw new Error(
          `Cannot draw picture ${number} of seed ${seed}: expected a rich one among ` +
            `${MAX_ATTEMPTS} attempts but found none`,
        );
      }
      waiting.push({ number, attempt: attempt + 1 });
      result.rejected++;
    }
    progress?.(result.kept + result.drawn, result.rejected);
  };
  let batch: Attempt[] = [], pictures: Picture[] = [];
  do {
    const next = signal?.aborted ? [] : waiting.splice(-renderer.slots).reverse();
    const [drawn] = await Promise.all([
      next.length > 0
        ? renderer.render(
          next.map(({ number, attempt }) => drawPicture(seed, number, attempt)),
        )
        : [],
      ...batch.map((attempt, i) => settle(attempt, pictures[i]!)),
    ]);
    [batch, pictures] = [next, drawn];
  } while (batch.length > 0 || (waiting.length > 0 && !signal?.aborted));
}
