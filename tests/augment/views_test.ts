import { deepEqual, equal, notDeepEqual, ok, throws } from "node:assert/strict";
import { type AugmentOptions, recordAugment } from "../../lib/augment/augmenter.ts";
import { type MethodName, methodNames, methods } from "../../lib/augment/methods.ts";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { gpuTest } from "../gpu.ts";
import { agrees } from "../random/distribution.ts";
import { mixingSet } from "./fixture.ts";

const [width, height] = [20, 13], bytes = 4 * width * height;
const base = {
  ...{ seed: 4, width, height, padding: 4, batch: 4 },
  mean: [0, 0, 0],
  std: [1, 1, 1],
} as const;
const mixing = mixingSet(
  [3, 5].map((k) => new Uint8Array(4 * 25 * 20).map((_, i) => (i * i * k + i) % 255)),
  25,
  20,
);
const picture = (index: number) =>
  new Uint8Array(bytes).map((_, i) => ((index + 3) * i * 11 + (i >> 3)) % 256);

/** The pixels of all views of some pictures, and their plans. */
async function run(gpu: Gpu, changes: Partial<AugmentOptions>, indices: number[]) {
  const tape = new Tape(gpu);
  const { method = "layermix" } = changes;
  const augmenter = recordAugment(
    tape,
    { ...base, method, ...methods[method].defaults, ...changes },
    mixing,
  );
  const program = await tape.compile();
  const pictures = new Uint8Array(indices.length * bytes);
  indices.forEach((index, i) => pictures.set(picture(index), i * bytes));
  const plans = augmenter.plan(indices, 1);
  augmenter.upload(gpu, pictures, plans);
  program.run();
  const all = await readFloats(gpu, augmenter.output.data);
  program.destroy();
  return { plans, all, found: plans.map((_, i) => all.slice(i * bytes, (i + 1) * bytes)) };
}

for (const method of methodNames.filter((name) => methods[name].views)) {
  gpuTest(`three views by ${method} are a crop and two draws apart, in any batch`, async (gpu) => {
    const three = await run(gpu, { method, views: 3 }, [7, 8, 9]);
    const alone = await run(gpu, { method }, [7, 8, 9]);
    const { found: crops } = await run(gpu, { method: "baseline" }, [7, 8, 9]);
    equal(three.plans.length, 9);
    ok(three.all.subarray(9 * bytes).every((value) => value === 0));
    for (const i of [0, 1, 2]) {
      deepEqual(three.found[3 * i], crops[i]);
      // The first draw is what one view would be.
      deepEqual(three.found[3 * i + 1], alone.found[i]);
      deepEqual(three.plans[3 * i + 2]!.crop, three.plans[3 * i]!.crop);
      notDeepEqual(three.plans[3 * i + 2]!.stages, three.plans[3 * i + 1]!.stages);
    }
    const { found: other } = await run(gpu, { method, views: 3, batch: 2 }, [9, 7]);
    deepEqual(other.slice(3), three.found.slice(0, 3));
    deepEqual(other.slice(0, 3), three.found.slice(6));
  });
}

gpuTest("draws per pixel differ from view to view", async (gpu) => {
  const tape = new Tape(gpu);
  const augmenter = recordAugment(
    tape,
    { ...base, method: "layermix", ...methods.layermix.defaults, views: 3, batch: 1 },
    mixing,
  );
  const program = await tape.compile();
  const [a, b] = [{ from: 0 }, { from: "mixing" }] as const;
  const blend = { kind: "random_pixels", keep: 0.5 } as const;
  const plans = augmenter.plan([5], 0).map((plan) => ({
    ...plan,
    mixing: { picture: 0, top: 0, left: 0 },
    stages: [{ a, b, blend, to: "output" } as const],
  }));
  augmenter.upload(gpu, picture(5), plans);
  program.run();
  const all = await readFloats(gpu, augmenter.output.data);
  const [first, second, third] = [0, 1, 2].map((i) => all.slice(i * bytes, (i + 1) * bytes));
  // The plans of the clean view and of the first draw are both of view 0.
  deepEqual(first, second);
  notDeepEqual(second, third);
  program.destroy();
});

gpuTest("grey mixing pictures are Pillow's, turned at random", async (gpu) => {
  const drawn = ["layermix", "pixmix", "ipmix"].flatMap((method) =>
    Array.from({ length: 40 }, (_, i) => {
      const options = { ...base, ...methods[method as MethodName].defaults, grayMixing: true };
      return methods[method as MethodName].plan(options, mixing, i, 0).mixing ?? [];
    })
  ).flat();
  ok(drawn.length > 80 && drawn.every(({ gray }) => gray));
  for (const turn of ["mirrored", "upsideDown"] as const) {
    agrees(
      [drawn.filter((crop) => crop[turn]).length, drawn.filter((crop) => !crop[turn]).length],
      [
        0.5,
        0.5,
      ],
      turn,
    );
  }
  const tape = new Tape(gpu);
  const augmenter = recordAugment(
    tape,
    { ...base, method: "layermix", ...methods.layermix.defaults, grayMixing: true },
    mixing,
  );
  const program = await tape.compile();
  const crops = [[false, false], [true, false], [false, true], [true, true]] as const;
  const plans = crops.map(([mirrored, upsideDown], i) => ({
    ...augmenter.plan([i], 0)[0]!,
    mixing: { picture: 1, top: 2, left: 3, mirrored, upsideDown, gray: true },
    stages: [{ a: { from: "mixing" }, to: "output" } as const],
  }));
  augmenter.upload(gpu, new Uint8Array(4 * bytes), plans);
  program.run();
  const all = await readFloats(gpu, augmenter.output.data);
  for (const [i, [mirrored, upsideDown]] of crops.entries()) {
    for (let pixel = 0; pixel < width * height; pixel++) {
      const x = pixel % width, y = Math.floor(pixel / width);
      const column = 3 + (mirrored ? width - 1 - x : x);
      const row = 2 + (upsideDown ? height - 1 - y : y);
      const [r, g, b] = mixing.rgba.subarray(4 * (25 * 20 + row * 25 + column));
      const luma = (19595 * r! + 38470 * g! + 7471 * b! + 32768) >> 16;
      const at = i * bytes + 4 * pixel;
      for (const c of [0, 1, 2]) ok(Math.abs(all[at + c]! - luma / 255) < 1e-6, `${i} ${pixel}`);
    }
  }
  program.destroy();
});

gpuTest("methods without views refuse them", (gpu) => {
  for (const method of ["mixup", "cutmix", "baseline"] as const) {
    throws(
      () =>
        recordAugment(new Tape(gpu), { ...base, method, ...methods[method].defaults, views: 3 }),
      /expected views 1, as the method has no views of a picture but found 3/,
    );
  }
  return Promise.resolve();
});
