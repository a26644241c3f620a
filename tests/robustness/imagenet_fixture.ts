import { join } from "node:path";
import { saveCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { imagenet200, imagenetA } from "../../lib/data/class_list.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { shapes } from "../../lib/data/shapes.ts";
import { Gpu } from "../../lib/gpu/device.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { Parameters } from "../../lib/nn/parameters.ts";
import { recordPredictor } from "../../lib/robustness/predict.ts";
import { withFolder } from "../data/folder.ts";
import { write } from "../data/trees.ts";

/** Pixels of a side of what networks of tests see. */
export const SIDE = 32;

/** Six classes of ImageNet-R, of which the last three are ImageNet-A's too. */
export const six: readonly string[] = [
  ...imagenet200.filter((name) => !imagenetA.includes(name)).slice(0, 3),
  ...imagenet200.filter((name) => imagenetA.includes(name)).slice(0, 3),
].sort();

const pictures = shapes("test", 400, 5);

/** A built-in picture, darker by some levels. */
export function png(number: number, darker = 0): Uint8Array<ArrayBuffer> {
  const start = 4096 * (number % pictures.count);
  const rgba = pictures.rgba.slice(start, start + 4096)
    .map((value, i) => i % 4 === 3 ? 255 : Math.max(0, value - darker));
  return encodePng({ width: 32, height: 32, rgba }) as Uint8Array<ArrayBuffer>;
}

/** Pictures of some classes, so many of each, by their paths. */
export function tree(
  classes: readonly string[],
  each: number,
  darker = 0,
): Record<string, Uint8Array> {
  return Object.fromEntries(
    classes.flatMap((name, label) =>
      Array.from({ length: each }, (_, i) => {
        return [`${name}/${String(i).padStart(3, "0")}.png`, png(label * each + i, darker)];
      })
    ),
  );
}

/** Files below a folder. */
export function below<Content>(
  folder: string,
  files: Record<string, Content>,
): Record<string, Content> {
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [`${folder}/${name}`, content]),
  );
}

/** Calls `test` with a path below a new folder in which these files are. */
export function withImageNet(
  files: Record<string, Uint8Array | null>,
  test: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  return withFolder(async (folder) => {
    await write(folder, files);
    await test((name) => join(folder, name));
  });
}

/** Writes a ResNet-18 that was drawn at random, as if it had been trained on these classes. */
export async function writeNetwork(file: string, classes: readonly string[]): Promise<void> {
  const gpu = await Gpu.open();
  try {
    const shape = { name: "imagenet_resnet18", layers: 18, widenFactor: 1, dropRate: 0 } as const;
    const model = { ...shape, classes: classes.length }, size = { width: SIDE, height: SIDE };
    const parameters = new Parameters();
    recordPredictor(gpu, parameters, model, size, 1);
    parameters.allocate(gpu);
    initialize(gpu, parameters, 1);
    await saveCheckpoint(gpu, parameters, file, {
      ...{ dataset: "imagenet", classes: [...classes], ...size, model },
      settings: { method: "baseline", seed: 1, epochs: 0 },
      progress: { step: 0 },
    });
    parameters.destroy();
  } finally {
    gpu.close();
  }
}
