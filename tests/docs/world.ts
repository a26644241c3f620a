import { join } from "node:path";
import { imagenet200, imagenetA } from "../../lib/data/class_list.ts";
import { fractals } from "../../lib/data/fractals.ts";
import { encodeNpyHeader } from "../../lib/data/npy.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { shapes } from "../../lib/data/shapes.ts";
import { trainCifar, trainImageNet } from "../../lib/train/run.ts";
import { writeCorruptions, writeSequences } from "../robustness/layouts.ts";
import { write } from "../data/trees.ts";
import { below, tree } from "../robustness/imagenet_fixture.ts";
import { writeCifar } from "../train/fixture.ts";

/** What stands for the data sets, runs and weights that documents name, all of it small. */
export async function writeWorld(root: string): Promise<void> {
  const path = (name: string) => join(root, name);
  await Deno.mkdir(path("data"));
  for (const base of [".", "data"]) {
    await writeCifar(path(`${base}/cifar-10-batches-bin`), 10);
    await writeCorruptions(path(`${base}/CIFAR-10-C`), ["fog"]);
    await writeCorruptions(path(`${base}/CIFAR-10-C-bar`), ["lines"]);
    await writeSequences(path(`${base}/CIFAR-10-P`), ["snow"]);
  }
  for (const name of ["mixing", "data/mixing", "data/mixing-256", "data/fractals"]) {
    await writePictures(path(name), fractals(3, 40, 3));
  }
  const frost = ["frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg"];
  const [texture] = fractals(1, 256, 3);
  await Deno.mkdir(path("frost"));
  for (const name of frost) {
    await Deno.writeFile(path(`frost/${name}`), encodePng(texture!.picture));
  }
  await writeTree(path("imagenet"));
  await writeSuites(path);
  await writeRuns(path);
}

/** Parts of ImageNet's other suites: two classes of R that are A's too, a picture or video of each. */
async function writeSuites(path: (name: string) => string): Promise<void> {
  const classes = imagenet200.filter((name) => imagenetA.includes(name)).slice(0, 2);
  const pictures = tree(classes, 1);
  const header = encodeNpyHeader("|u1", [2, 32, 32, 3]);
  const video = new Uint8Array(header.length + 2 * 3072).fill(99);
  video.set(header);
  const videos = Object.fromEntries(classes.map((name) => [`${name}/1.npy`, video]));
  await write(path("."), {
    ...below("imagenet-c/fog/1", pictures),
    ...below("imagenet-c-bar/sparkles/1", pictures),
    ...below("imagenet-r", pictures),
    ...below("imagenet-a", pictures),
    ...below("imagenet-p/snow", videos),
  });
}

async function writePictures(
  folder: string,
  pictures: ReturnType<typeof fractals>,
): Promise<void> {
  await Deno.mkdir(folder);
  for (const { name, picture } of pictures) {
    await Deno.writeFile(join(folder, `${name}.png`), encodePng(picture));
  }
}

/** A picture of each class of ImageNet-200, to train by and to test by. */
async function writeTree(root: string): Promise<void> {
  const { rgba } = shapes("test", imagenet200.length, 1);
  for (const part of ["train", "val"]) {
    for (const [i, name] of imagenet200.entries()) {
      await Deno.mkdir(join(root, part, name), { recursive: true });
      const picture = { width: 32, height: 32, rgba: rgba.subarray(4096 * i, 4096 * (i + 1)) };
      await Deno.writeFile(join(root, part, name, "1.png"), encodePng(picture));
    }
  }
}

/** A network that was trained for a moment, under every name that it has. */
async function writeRuns(path: (name: string) => string): Promise<void> {
  const { folder } = await trainCifar({
    flags: {
      ...{ dataset: "cifar10", dataPath: path("cifar-10-batches-bin"), method: "baseline" },
      ...{ layers: 10, widenFactor: 1, droprate: 0, epochs: 1, batchSize: 22 },
    },
    folder: path("runs/layermix"),
  });
  await Deno.copyFile(join(folder, "best.safetensors"), path("best.safetensors"));
  const imageNet = await trainImageNet({
    flags: {
      ...{ dataset: "imagenet", dataStandard: path("imagenet/val"), dataVal: path("imagenet/val") },
      ...{ method: "baseline", model: "imagenet_resnet18", side: 32, epochs: 1, batchSize: 100 },
    },
    folder: path("imagenet-run"),
  });
  // What a file holds decides its format, not its name.
  await Deno.rename(join(imageNet.folder, "last.safetensors"), path("resnet50.pth"));
  for (const name of ["layermix-1", "baseline-1"]) {
    await Deno.mkdir(path(`runs/${name}`));
    for (const { name: file } of Deno.readDirSync(folder)) {
      await Deno.copyFile(join(folder, file), path(`runs/${name}/${file}`));
    }
  }
}
