import { mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DataError } from "../../data/error.ts";
import type { SkippedFile } from "../../data/picture_folder.ts";
import type { Severity } from "./corruption.ts";
import { takeStock } from "./record.ts";
import { inParallel, type Made, type Target } from "./target.ts";
import type { TreeFormat } from "./worker_messages.ts";
import type { WorkerPool } from "./worker_pool.ts";

/**
 * ImageNet-C's layout: `<corruption>/<severity>/<path of the picture below its folder>`. Of
 * perturbations, ImageNet-P's: `<perturbation>/<path>`, with `.npy` of (frames, height, width, 3)
 * bytes where the published set has a video. Files that are no pictures are passed over, and listed
 * once in `unreadable`.
 */
export class PictureTree implements Target {
  readonly total: number;
  /** In the order in which they were found. */
  readonly unreadable = new Map<string, SkippedFile>();
  /** Names of the files of each picture, in their order. */
  readonly #targets: string[];

  /** @throws {DataError} where two pictures would have one name */
  constructor(
    readonly folder: string,
    readonly images: string,
    readonly files: readonly string[],
    readonly severities: readonly Severity[],
    readonly format: TreeFormat,
  ) {
    this.total = severities.length * files.length;
    this.#targets = files.map((file) => targetName(file, format.format));
    const sources = new Map<string, string>();
    this.#targets.forEach((target, i) => {
      const other = sources.get(target);
      if (other !== undefined) {
        throw new DataError(
          `Cannot corrupt ${images}: expected pictures that differ by more than their ending but ` +
            `found ${other} and ${files[i]}`,
        );
      }
      sources.set(target, files[i]!);
    });
  }

  async prepare(): Promise<void> {}

  async make(
    corruption: string,
    pool: WorkerPool,
    done: (pictures: number) => void,
    signal?: AbortSignal,
  ): Promise<Made> {
    const result = { made: 0, kept: 0 };
    done(0);
    const stock = new Map<string, Promise<Set<string>>>();
    const isThere = async (path: string) => {
      const folder = dirname(path);
      const names = stock.get(folder) ?? openFolder(folder);
      stock.set(folder, names);
      return (await names).has(basename(path));
    };
    const places = this.files.map((file, index) => ({ file, index }));
    const isWhole = await inParallel(places, pool.size, async ({ file, index }) => {
      const to: { severity: Severity; path: string }[] = [];
      for (const severity of this.unreadable.has(file) ? [] : this.severities) {
        const level = this.format.format === "npy" ? "" : String(severity);
        const path = join(this.folder, corruption, level, this.#targets[index]!);
        if (await isThere(path)) result.kept++;
        else to.push({ severity, path });
      }
      if (to.length > 0) {
        const from = join(this.images, file);
        const { unreadable } = await pool.run({ ...this.format, corruption, from, to, index });
        if (unreadable === undefined) result.made += to.length;
        else this.unreadable.set(file, { file, reason: unreadable });
      }
      done(this.severities.length);
    }, signal);
    return isWhole ? result : { ...result, interrupted: true };
  }
}

async function openFolder(folder: string): Promise<Set<string>> {
  await mkdir(folder, { recursive: true });
  return new Set(await takeStock(folder));
}

/** A JPEG's name stays where JPEG is written; any other ending is replaced. */
function targetName(file: string, format: TreeFormat["format"]): string {
  if (format === "jpeg" && /\.jpe?g$/i.test(file)) return file;
  const ending = { png: ".png", jpeg: ".JPEG", npy: ".npy" }[format];
  return /\.(png|jpe?g)$/i.test(file) ? file.replace(/\.\w+$/, ending) : file + ending;
}
