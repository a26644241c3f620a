import { dirname, join } from "node:path";
import { encodePng } from "../../lib/data/picture_file.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { TrainFlags } from "../../lib/train/flags.ts";
import { type RunOptions, trainImageNet } from "../../lib/train/run.ts";

const CLASSES = ["ant", "bee", "cat"];

/** Writes built-in pictures as a folder for each of three classes. */
async function writeTree(root: string, split: "train" | "test", count: number): Promise<void> {
  const { rgba, labels } = shapes(split, 4 * count, 5);
  for (let i = 0, written = 0; written < count; i++) {
    if (labels[i]! >= CLASSES.length && written >= CLASSES.length) continue;
    const label = written < CLASSES.length ? CLASSES[written] : CLASSES[labels[i]!];
    const picture = { width: 32, height: 32, rgba: rgba.slice(4096 * i, 4096 * (i + 1)) };
    await write(join(root, `${label}/${i}.png`), encodePng(picture));
    written++;
  }
}

/** Writes a file, and the folders above it. */
export async function write(path: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeFile(path, bytes);
}

/** Where the pictures are, and a run of two epochs on them. */
export interface Place {
  path(name: string): string;
  run(name: string, flags?: Partial<TrainFlags>, options?: Partial<RunOptions>): ReturnType<
    typeof trainImageNet
  >;
}

/** Calls `test` with folders of 22 training and 9 test pictures in three classes. */
export async function withTrees(test: (place: Place) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "layermix-test-" });
  const path = (name: string) => join(root, name);
  try {
    await writeTree(path("train"), "train", 22);
    await writeTree(path("val"), "test", 9);
    const flags: Partial<TrainFlags> = {
      ...{ dataStandard: path("train"), dataVal: path("val"), side: 32 },
      ...{ epochs: 2, batchSize: 8, evalBatchSize: 4 },
      ...{ method: "baseline", model: "imagenet_resnet18", layers: 18 },
    };
    await test({
      path,
      run: (name, more, options) =>
        trainImageNet({ flags: { ...flags, ...more }, folder: path(name), workers: 2, ...options }),
    });
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
