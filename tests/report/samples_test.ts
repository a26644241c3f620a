import assert from "node:assert/strict";
import { methodNames } from "../../lib/augment/methods.ts";
import { fractals } from "../../lib/data/fractals.ts";
import { mixingSetFromPictures } from "../../lib/data/mixing_set.ts";
import { decodePicture } from "../../lib/data/picture_file.ts";
import type { Picture } from "../../lib/data/pixels.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import type { Draw, Frame } from "../../lib/report/draws.ts";
import { drawSamples, type Samples, samples } from "../../lib/report/samples.ts";
import { datasetSubjects, type Subjects } from "../../lib/report/subjects.ts";
import { cifarNormalization } from "../../lib/robustness/predict.ts";
import { gpuTest } from "../gpu.ts";
import { digest, withPlace } from "../train/fixture.ts";
import { cut, data, find, mixing, original, places, seed, trained } from "./fixture.ts";

gpuTest("samples() show what training sees, whatever else is in the batch", async (gpu) => {
  const [indices, epochs] = [[3, 12], [2, 3]];
  const subjects = datasetSubjects(data, indices);
  const options = { seed, method: "layermix", epoch: 2, draws: 2, scale: 1 } as const;
  const { picture, draws } = await samples(gpu, options, subjects, mixing);
  const seen = await Promise.all(
    epochs.map((epoch) => trained(gpu, "layermix", [20, 12, 7, 3], epoch - 1)),
  );
  let above = 0;
  for (const [row, index] of indices.entries()) {
    const places = [find(picture, original(index))];
    for (const [column, pictures] of seen.entries()) {
      const { plan, epoch } = draws[2 * row + column]!;
      assert.deepEqual([plan.index, epoch, plan.epoch], [index, epochs[column], epoch - 1]);
      if (plan.mixing) places.push(find(picture, cut(plan.mixing)));
      places.push(find(picture, pictures.get(index)!));
    }
    const lefts = places.map(([left]) => left);
    assert.deepEqual(lefts, lefts.toSorted((a, b) => a - b), "from left to right");
    assert.equal(new Set(places.map(([, top]) => top)).size, 1, "in one row");
    assert(places[0]![1] > above);
    above = places[0]![1];
  }
  assert(draws.some(({ mixed }) => mixed));
});

let drawn: Promise<Samples & { frames: Frame[] }> | undefined;

/** Two pictures by all methods in two epochs, drawn once for several tests. */
function allMethods(gpu: Gpu): Promise<Samples & { frames: Frame[] }> {
  const frames: Frame[] = [];
  const frame = (frame: Frame) => Promise.resolve(void frames.push(frame));
  const options = { seed, method: methodNames, epoch: 1, draws: 2, scale: 1, frame } as const;
  return drawn ??= samples(gpu, options, datasetSubjects(data, [5, 9]), mixing)
    .then((drawn) => ({ ...drawn, frames }));
}

gpuTest("samples() of all methods have a column for each, with its own settings", async (gpu) => {
  const { picture, draws } = await allMethods(gpu);
  let last = 0;
  for (const [m, method] of methodNames.entries()) {
    const found: [number, number][][] = [];
    for (const [e, epoch] of [1, 2].entries()) {
      const seen = await trained(gpu, method, [5, 9], epoch - 1);
      for (const [row, index] of [5, 9].entries()) {
        const draw = draws[(2 * row + e) * methodNames.length + m]!;
        assert.deepEqual([draw.method, draw.epoch, draw.plan.index], [method, epoch, index]);
        assert.equal(digest(draw.picture.rgba), digest(seen.get(index)!.rgba), method);
        found[2 * row + e] = places(picture, draw.picture).filter(([left]) => left > last);
      }
    }
    // Other methods may have left a picture as it was, too: then it is there several times.
    const column = found[0]!.map(([left]) => left).find((left) =>
      found.every((places) => places.some(([x]) => x === left))
    );
    assert(column, `one column of ${method}`);
    last = column;
    const tops = found.map((places) =>
      places.filter(([left]) => left === column).map(([, y]) => y)
    );
    for (const [row, [top]] of tops.entries()) assert(row === 0 || top! > tops[row - 1]![0]!);
  }
});

gpuTest("samples() give frames from the original to what the grid shows", async (gpu) => {
  const { draws, frames } = await allMethods(gpu);
  const keyOf = ({ method, subject, epoch }: Draw | Frame) => `${method} ${subject.index} ${epoch}`;
  const byDraw = Map.groupBy(frames, keyOf);
  assert.equal(byDraw.size, draws.length);
  assert(draws.filter(({ mixed }) => mixed).length > 8);
  for (const draw of draws) {
    const key = keyOf(draw), shown = byDraw.get(key)!;
    const baseline = draws.find(({ method, subject, epoch }) =>
      method === "baseline" && subject === draw.subject && epoch === draw.epoch
    )!;
    assert.deepEqual(shown.map(({ number }) => number), [...shown.keys()], key);
    assert.deepEqual(shown[0]!.picture, draw.subject.picture, key);
    assert.equal(digest(shown[1]!.picture.rgba), digest(baseline.picture.rgba), key);
    assert.equal(digest(shown.at(-1)!.picture.rgba), digest(draw.picture.rgba), key);
    const mixed = shown.find(({ what }) => what === "mixing" || what === "partner");
    assert.deepEqual(mixed?.picture, draw.mixed, key);
  }
});

gpuTest("samples() heed settings that are given, for every method", async (gpu) => {
  const subjects = datasetSubjects(data, [5]);
  const options = { seed, method: ["layermix", "augmix"], epoch: 1, draws: 3 } as const;
  const given = { ...options, magnitude: 10, ops: "corrected" } as const;
  const [own, other] = [
    await samples(gpu, options, subjects, mixing),
    await samples(gpu, given, subjects, mixing),
  ];
  const names = ({ draws }: { draws: Draw[] }) => JSON.stringify(draws.map(({ plan }) => plan));
  assert.match(names(own), /"pil_/);
  assert.doesNotMatch(names(other), /"pil_/);
});

/** A picture of no two equal pixels. */
function colourful(width: number, height: number): Picture {
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set([60 + i, 250 - 2 * i, 30 + 3 * i], 4 * i);
  return { width, height, rgba };
}

gpuTest("samples() show pictures of any sizes, down to one pixel", async (gpu) => {
  const pictures = [colourful(1, 1), colourful(5, 3), colourful(5, 3)];
  const subjects: Subjects = {
    ...{ title: "pictures", padding: 0, normalization: cifarNormalization },
    pictures: pictures.map((picture, index) => ({ index, name: "", picture })),
  };
  const chosen = ["layermix", "cutmix"] as const;
  const options = { seed, method: chosen, epoch: 1, draws: 1 };
  const { draws } = await samples(gpu, options, subjects, mixing);
  for (const [m, method] of chosen.entries()) {
    for (const indices of [[0], [1, 2]]) {
      const own = indices.map((index) => pictures[index]!);
      const seen = await trained(gpu, method, indices, 0, own, 0);
      for (const index of indices) {
        const { picture } = draws[index * chosen.length + m]!;
        assert.deepEqual(picture, seen.get(index), `${method} of ${index}`);
      }
    }
  }
});

gpuTest("samples() shrink pictures that would make the grid too wide", async (gpu) => {
  const flat = { width: 1500, height: 2, rgba: new Uint8Array(12000).fill(255) };
  const subjects: Subjects = {
    ...{ title: "pictures", padding: 0, normalization: cifarNormalization },
    pictures: [{ index: 0, name: "", picture: flat }],
  };
  const options = { seed, method: "baseline", epoch: 1, draws: 3 } as const;
  const { picture, draws } = await samples(gpu, options, subjects);
  assert(picture.width > 4 * 750 && picture.width < 4096, `${picture.width}`);
  assert.equal(draws[0]!.picture.width, 1500);
  const { picture: whole } = await samples(gpu, { ...options, scale: 1 }, subjects);
  assert(whole.width > 4 * 1500);
});

gpuTest("samples() of the baseline need no mixing set and show no column for it", async (gpu) => {
  const options = { seed, epoch: 1, draws: 1, scale: 1 } as const;
  const subjects = datasetSubjects(data, [5]);
  const { picture } = await samples(gpu, { ...options, method: "baseline" }, subjects);
  const mixed = await samples(gpu, { ...options, method: "layermix" }, subjects, mixing);
  find(picture, (await trained(gpu, "baseline", [5], 0)).get(5)!);
  assert(picture.width < mixed.picture.width);
});

gpuTest("samples() refuse a mixing picture that is smaller than the pictures", async (gpu) => {
  const small = mixingSetFromPictures(fractals(1, 20, 1), 20);
  const options = { seed, method: "layermix", epoch: 1, draws: 1 } as const;
  await assert.rejects(() => samples(gpu, options, datasetSubjects(data, [0]), small), {
    name: "RangeError",
    message: /^Cannot use mixing picture 0: expected at least 32 × 32 pixels but found 20 × 20$/,
  });
});

gpuTest(
  "drawSamples() reads the folders and gives a PNG of the grid",
  (gpu) =>
    withPlace(async ({ data: dataPath, mixing: mixingSet }) => {
      const options = {
        ...{ seed, dataset: "cifar10", dataPath, mixingSet, method: "layermix" } as const,
        ...{ indices: [0, 43], epoch: 1, draws: 1, scale: 1 },
      };
      const { png, draws, explain } = await drawSamples(options);
      assert.deepEqual(draws.map(({ plan: { index } }) => index), [0, 43]);
      const picture = await decodePicture(png, "samples.png");
      const rgba = shapes("train", 1, 5).rgba;
      find(picture, { width: 32, height: 32, rgba });
      assert.equal(digest((await drawSamples(options)).png), digest(png));
      const read = await drawSamples({ ...options, mixingMemory: 0 });
      assert.equal(digest(read.png), digest(png));
      assert.equal(read.explain(read.draws[0]!, "text"), explain(draws[0]!, "text"));
      gpu.check();
    }),
);
