import { deepEqual, equal, match, notDeepEqual, ok, rejects } from "node:assert/strict";
import { readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { statistics } from "../../bench/mixing_set_statistics.ts";
import { decodePicture } from "../../lib/data/picture_file.ts";
import type { Picture } from "../../lib/data/pixels.ts";
import { makeMixingSet } from "../../lib/fractals/make_set.ts";
import { drawPicture, kindShares } from "../../lib/fractals/picture.ts";
import { Renderer } from "../../lib/fractals/renderer.ts";
import { isRich, leastRichness, richness } from "../../lib/fractals/richness.ts";
import { Stream } from "../../lib/random/stream.ts";
import { gpuTest } from "../gpu.ts";
import { agrees } from "../random/distribution.ts";
import { withFolder } from "../data/folder.ts";

function pictureOf(side: number, light: (x: number, y: number) => number): Picture {
  const rgba = new Uint8Array(4 * side * side).map((_, i) =>
    i % 4 === 3 ? 255 : light((i >> 2) % side, Math.floor((i >> 2) / side))
  );
  return { width: side, height: side, rgba };
}

Deno.test("pictures that are nearly empty, uniform or noise are not rich", () => {
  const stream = new Stream(1, 99);
  const poor = {
    black: pictureOf(64, () => 0),
    grey: pictureOf(64, () => 128),
    slope: pictureOf(64, (x) => 100 + x / 8),
    "a dot": pictureOf(64, (x, y) => Math.hypot(x - 30, y - 20) < 6 ? 255 : 0),
    stripes: pictureOf(64, (x) => x % 2 * 255),
    noise: pictureOf(64, () => stream.integer(256)),
  };
  for (const [name, picture] of Object.entries(poor)) ok(!isRich(picture), name);
  const waves = pictureOf(
    64,
    (x, y) => 128 + 60 * Math.sin(x / 5 + Math.sin(y / 9)) + 60 * Math.sin(y / 3 + x / 17),
  );
  ok(isRich(waves));
  deepEqual(richness(poor.black), { entropy: 0, lively: 0, smoothness: 0 });
  // 64 levels, each as often: 6 bits.
  equal(richness(pictureOf(64, (x) => 4 * x + 2)).entropy, 6);
});

Deno.test("a picture is a function of seed, number and attempt, and kinds have their shares", () => {
  deepEqual(drawPicture(1, 5, 0), drawPicture(1, 5, 0));
  for (const [seed, number, attempt] of [[2, 5, 0], [1, 6, 0], [1, 5, 1]] as const) {
    notDeepEqual(drawPicture(seed, number, attempt), drawPicture(1, 5, 0));
  }
  const kindOf = (number: number, attempt: number) => drawPicture(1, number, attempt).kind;
  equal(kindOf(5, 15), kindOf(5, 0));
  // A kind that is always rejected ends.
  ok([0, 1, 2, 3, 4].some((number) => kindOf(number, 16) !== kindOf(number, 0)));
  const kinds = Array.from({ length: 4000 }, (_, number) => drawPicture(9, number, 0).kind);
  agrees(
    kindShares.map(([name]) => kinds.filter((kind) => kind === name).length),
    kindShares.map(([, share]) => share / 100),
    "kinds",
  );
});

gpuTest("a picture has the same bits alone, among others and in any place", async (gpu) => {
  const renderer = await Renderer.create(gpu, 48);
  const described = Array.from({ length: 7 }, (_, number) => drawPicture(3, number, 0));
  const together = await renderer.render(described);
  const again = await renderer.render(described.toReversed());
  deepEqual(again.toReversed(), together);
  for (const [i, one] of described.entries()) {
    deepEqual((await renderer.render([one]))[0], together[i]);
  }
  await rejects(renderer.render([]), /expected 1 to \d+ at once but found 0/);
  renderer.destroy();
});

gpuTest(
  "a set goes on where it stopped, with the bits of one that never did",
  (_gpu) =>
    withFolder(async (place) => {
      const set = { size: 64, seed: 7, adapter: "default" } as const;
      const [whole, parts] = [join(place, "whole"), join(place, "parts")];
      const first = await makeMixingSet({ ...set, folder: whole, count: 12 });
      deepEqual([first.drawn, first.kept, first.interrupted], [12, 0, false]);
      const two = [1, 2].map(() => makeMixingSet({ ...set, folder: parts, count: 5 }));
      const refused = (await Promise.allSettled(two)).filter(({ status }) => status === "rejected");
      match(String((refused[0] as PromiseRejectedResult).reason), /another process is writing to/);
      equal(refused.length, 1);
      await rm(join(parts, "00001.png"));
      await truncate(join(parts, "00003.png"), 100);
      await writeFile(join(parts, "00004.png.tmp-12-3"), "left behind");
      const rest = await makeMixingSet({ ...set, folder: parts, count: 12 });
      deepEqual([rest.drawn, rest.kept], [9, 3]);
      const names = await readdir(whole);
      deepEqual((await readdir(parts)).toSorted(), names.toSorted());
      equal(names.length, 13);
      const pictures: Picture[] = [];
      for (const name of names.filter((name) => name.endsWith(".png"))) {
        const bytes = await readFile(join(whole, name));
        deepEqual(await readFile(join(parts, name)), bytes, name);
        pictures.push(await decodePicture(bytes, name));
      }
      ok(pictures.every(isRich));
      const figures = pictures.map(statistics);
      const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
      ok(mean(figures.map(({ entropy }) => entropy)) > leastRichness.entropy);
      const slope = mean(figures.map((one) => one.slope));
      ok(slope > -3.6 && slope < -1.2, `power falls with frequency to the power of ${slope}`);
      ok(mean(figures.map(({ colourfulness }) => colourfulness)) > 30);
      await rejects(
        makeMixingSet({ ...set, seed: 8, folder: parts, count: 12 }),
        /expected seed 7/,
      );
      await rejects(
        makeMixingSet({ ...set, size: 32, folder: parts, count: 1 }),
        /expected size 64/,
      );
      const stop = AbortSignal.abort();
      const stopped = await makeMixingSet({ ...set, folder: parts, count: 30, signal: stop });
      deepEqual([stopped.drawn, stopped.kept, stopped.interrupted], [0, 12, true]);
    }),
);
