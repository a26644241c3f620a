/**
 * How fast pictures are loaded: the JPEG decoder alone, on this thread, beside the loader with 1 and
 * 2 workers, from the folder and from a pack of it, and how much memory that takes.
 *
 *     deno run -A bench/loading.ts <folder of JPEG files by class> [pictures of a run]
 *
 * "a core" is pictures by seconds of processor time of all threads, which other work on the machine
 * changes little. Loading includes reading, RandomResizedCrop(224) and flips.
 *
 * @module
 */
import process from "node:process";
import { decodeJpeg } from "../lib/data/jpeg.ts";
import { PictureLoader } from "../lib/data/loader/loader.ts";
import { openPack } from "../lib/data/pack/open_pack.ts";
import { writePack } from "../lib/data/pack/write_pack.ts";
import type { PictureSource } from "../lib/data/picture_source.ts";
import { openPictureTree } from "../lib/data/picture_tree.ts";
import type { View } from "../lib/data/view.ts";

const views: View[] = [
  { kind: "training", size: 224, seed: 1 },
  { kind: "evaluation", resize: 256, size: 224 },
];
/** Each is measured so many times, by turns, and the best is told. */
const ROUNDS = 3;

const best = new Map<string, { perSecond: number; perCore: number }>();

async function measure(name: string, count: number, work: () => Promise<void>): Promise<void> {
  const before = process.cpuUsage(), began = performance.now();
  await work();
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(before);
  const { perSecond = 0, perCore = 0 } = best.get(name) ?? {};
  best.set(name, {
    perSecond: Math.max(perSecond, count / seconds),
    perCore: Math.max(perCore, count / ((user + system) / 1e6)),
  });
}

/** `count` numbers of a source's pictures, over and over. */
function order(source: PictureSource, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => i % source.count);
}

async function load(loader: PictureLoader, count: number): Promise<void> {
  for await (const _ of loader.run(order(loader.source, count), 0)) continue;
}

async function measureLoading(name: string, source: PictureSource, count: number): Promise<void> {
  for (const view of views) {
    for (const workers of [1, 2]) {
      using loader = new PictureLoader(source, { view, batch: 64, workers });
      await load(loader, 64 * workers);
      const title = `${name}, ${view.kind}, workers ${workers}`;
      await measure(title, count, () => load(loader, count));
    }
  }
}

async function showMemory(name: string, source: PictureSource): Promise<void> {
  using loader = new PictureLoader(source, { view: views[0]!, batch: 64, workers: 2 });
  let done = 0;
  const marks = [1000, 5000, 10_000], shown: string[] = [];
  for await (const { indices } of loader.run(order(source, 10_000), 0)) {
    done += indices.length;
    if (done < marks[0]!) continue;
    shown.push(`${marks.shift()}: ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB`);
  }
  console.log(`memory (RSS) of ${name} after pictures ${shown.join(", ")}`);
}

const [folder, text = "400"] = Deno.args;
if (!folder) throw new Error("Expected a folder: bench/loading.ts <folder>");
const tree = await openPictureTree(folder), file = await Deno.makeTempFile({ suffix: ".pack" });
await Deno.remove(file);
// First, while nothing else has taken memory.
await showMemory("the folder", tree);
const { bytes } = await writePack(tree, file, { size: 256, workers: 2 });
const pack = openPack(file), count = Number(text);
try {
  await showMemory("the pack", pack);
  const jpegs = Array.from(
    { length: tree.count },
    (_, i) => Deno.readFileSync(`${tree.path}/${tree.name(i)}`),
  );
  const kilobytes = jpegs.reduce((sum, { length }) => sum + length, 0) / tree.count / 1000;
  console.log(
    `${tree.count} pictures of ${kilobytes.toFixed(0)} kB; ` +
      `${(bytes / tree.count / 1000).toFixed(0)} kB in the pack`,
  );
  for (let round = 0; round < ROUNDS; round++) {
    await measure("JPEG decoder alone", tree.count, async () => {
      for (const jpeg of jpegs) await decodeJpeg(jpeg, "picture");
    });
    await measureLoading("folder", tree, count);
    await measureLoading("pack", pack, 4 * count);
  }
  for (const [name, { perSecond, perCore }] of best) {
    console.log(`${name}: ${perSecond.toFixed(0)}/s, ${perCore.toFixed(0)}/s a core`);
  }
} finally {
  pack.close();
  await Deno.remove(file);
}
