import assert from "node:assert/strict";
import { recordAugment } from "../../lib/augment/augmenter.ts";
import { type MethodName, methods } from "../../lib/augment/methods.ts";
import { fractals } from "../../lib/data/fractals.ts";
import { mixingSetFromPictures } from "../../lib/data/mixing_set.ts";
import { decodePicture } from "../../lib/data/picture_file.ts";
import type { Picture } from "../../lib/data/pixels.ts";
import { shapes } from "../../lib/data/shapes.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { drawSamples, samples } from "../../lib/report/samples.ts";
import { cifarNormalization } from "../../lib/robustness/predict.ts";
import { gpuTest } from "../gpu.ts";
import { digest, withPlace } from "../train/fixture.ts";

const data = shapes("train", 24, 2);
const mixing = mixingSetFromPictures(fractals(3, 44, 2), 36);
const recipe = { ...methods.layermix.defaults, seed: 7 };

function original(index: number): Picture {
  return { width: 32, height: 32, rgba: data.rgba.slice(4096 * index, 4096 * (index + 1)) };
}

/** What training sees in an epoch counted from 0, as bytes. */
async function trained(
  gpu: Gpu,
  method: MethodName,
  indices: number[],
  epoch: number,
): Promise<Map<number, Picture>> {
  const tape = new Tape(gpu);
  const size = { width: 32, height: 32, padding: 4, batch: indices.length + 2 };
  const options = { ...recipe, ...cifarNormalization, ...size, method };
  const augmenter = recordAugment(tape, options, mixing);
  const program = await tape.compile();
  const pictures = new Uint8Array(indices.flatMap((index) => [...original(index).rgba]));
  augmenter.upload(gpu, pictures, augmenter.plan(indices, epoch));
  program.run();
  const values = await readFloats(gpu, augmenter.output.data);
  program.destroy();
  return new Map(indices.map((index, i) => {
    const part = values.subarray(4096 * i, 4096 * (i + 1));
    const rgba = Uint8Array.from(
      part,
      (value, i) => i % 4 === 3 ? 255 : Math.round(127.5 * value + 127.5),
    );
    return [index, { width: 32, height: 32, rgba }];
  }));
}

/** The top left corner of the only place where `part` is, each channel within `tolerance`. */
function find(whole: Picture, part: Picture, tolerance = 0): [number, number] {
  const isAt = (left: number, top: number) => {
    for (let i = 0; i < part.rgba.length; i++) {
      const x = left + (i >> 2) % part.width, y = top + Math.floor((i >> 2) / part.width);
      const difference = whole.rgba[4 * (y * whole.width + x) + i % 4]! - part.rgba[i]!;
      if (Math.abs(difference) > tolerance) return false;
    }
    return true;
  };
  const found: [number, number][] = [];
  for (let top = 0; top <= whole.height - part.height; top++) {
    for (let left = 0; left <= whole.width - part.width; left++) {
      if (isAt(left, top)) found.push([left, top]);
    }
  }
  assert.equal(found.length, 1, `found ${found.length} times`);
  return found[0]!;
}

gpuTest("samples() show what training sees, whatever else is in the batch", async (gpu) => {
  const [indices, epochs] = [[3, 12], [2, 3]];
  const options = { ...recipe, method: "layermix", indices, epoch: 2, draws: 2, scale: 1 } as const;
  const { picture, plans } = await samples(gpu, options, data, mixing);
  const seen = await Promise.all(
    epochs.map((epoch) => trained(gpu, "layermix", [20, 12, 7, 3], epoch - 1)),
  );
  let above = 0;
  for (const [row, index] of indices.entries()) {
    const places = [find(picture, original(index))];
    for (const [column, pictures] of seen.entries()) {
      const { mixing: crop, index: number, epoch } = plans[row]![column]!;
      assert.deepEqual([number, epoch], [index, epochs[column]! - 1]);
      if (crop) places.push(find(picture, cut(crop)));
      places.push(find(picture, pictures.get(index)!, 1));
    }
    const lefts = places.map(([left]) => left);
    assert.deepEqual(lefts, lefts.toSorted((a, b) => a - b), "from left to right");
    assert.equal(new Set(places.map(([, top]) => top)).size, 1, "in one row");
    assert(places[0]![1] > above);
    above = places[0]![1];
  }
  assert(plans.flat().some(({ mixing }) => mixing));
});

/** A crop of a mixing picture. */
function cut({ picture, top, left }: { picture: number; top: number; left: number }): Picture {
  const rgba = new Uint8Array(4096);
  for (let i = 0; i < 4096; i++) {
    const x = left + (i >> 2) % 32, y = top + (i >> 7);
    rgba[i] = mixing
      .rgba[4 * (mixing.offsets[picture]! + y * mixing.widths[picture]! + x) + i % 4]!;
  }
  return { width: 32, height: 32, rgba };
}

gpuTest("samples() of the baseline need no mixing set and show no column for it", async (gpu) => {
  const options = { ...recipe, indices: [5], epoch: 1, draws: 1, scale: 1 } as const;
  const { picture } = await samples(gpu, { ...options, method: "baseline" }, data);
  const mixed = await samples(gpu, { ...options, method: "layermix" }, data, mixing);
  find(picture, (await trained(gpu, "baseline", [5], 0)).get(5)!, 1);
  assert(picture.width < mixed.picture.width);
});

gpuTest("samples() refuse an index that is not in the data set", async (gpu) => {
  const options = { ...recipe, method: "baseline", epoch: 1, draws: 1 } as const;
  await assert.rejects(() => samples(gpu, { ...options, indices: [0, 24] }, data), {
    name: "RangeError",
    message: "Cannot draw picture 24: expected an index in 0 … 23 of shapes",
  });
});

gpuTest(
  "drawSamples() reads the folders and gives a PNG of the grid",
  (gpu) =>
    withPlace(async ({ data: dataPath, mixing: mixingSet }) => {
      const options = {
        ...{ ...recipe, dataset: "cifar10", dataPath, mixingSet, method: "layermix" } as const,
        ...{ indices: [0, 43], epoch: 1, draws: 1, scale: 1 },
      };
      const { png, plans } = await drawSamples(options);
      assert.deepEqual(plans.map((row) => row.map(({ index }) => index)), [[0], [43]]);
      const picture = await decodePicture(png, "samples.png");
      const rgba = shapes("train", 1, 5).rgba;
      find(picture, { width: 32, height: 32, rgba });
      assert.equal(digest((await drawSamples(options)).png), digest(png));
      gpu.check();
    }),
);
