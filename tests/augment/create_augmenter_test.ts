import { deepEqual, equal, notDeepEqual, ok, rejects } from "node:assert/strict";
import { join } from "node:path";
import { type AugmentOptions, recordAugment } from "../../lib/augment/augmenter.ts";
import { type MethodName, methodNames, methods } from "../../lib/augment/methods.ts";
import { mixingSide } from "../../lib/data/open.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { cifarNormalization } from "../../lib/robustness/predict.ts";
import {
  createAugmenter,
  type Gpu,
  GpuError,
  type HostPictures,
  type PicturePlan,
} from "../../mod.ts";
import { gpuTest } from "../gpu.ts";
import {
  batch,
  bufferOf,
  height,
  indices,
  mixing,
  noise,
  optionsOf,
  pixels,
  rgb,
  rgba,
  size,
  using,
  width,
} from "./create_augmenter_fixture.ts";
import { mixingSet } from "./fixture.ts";

/** What training's own augmentation makes of the pictures with the published settings: r, g, b. */
async function trained(gpu: Gpu, method: MethodName, changes: Partial<AugmentOptions> = {}) {
  const tape = new Tape(gpu);
  const options = { method, ...methods[method].defaults, ...cifarNormalization, ...size };
  const augmenter = recordAugment(tape, { ...options, padding: 4, ...changes }, mixing);
  const program = await tape.compile();
  const plans = augmenter.plan(indices, 2);
  augmenter.upload(gpu, rgba, plans);
  program.run();
  const all = await readFloats(gpu, augmenter.output.data);
  program.destroy();
  return { plans, pixels: all.subarray(0, 4 * pixels * plans.length).filter((_, i) => i % 4 < 3) };
}

for (const method of methodNames) {
  gpuTest(`${method}'s pixels are those of training`, async (gpu) => {
    const expected = await trained(gpu, method);
    await using(optionsOf(gpu, method, cifarNormalization), async (augmenter) => {
      const plans = augmenter.plan(indices, 2);
      deepEqual(plans, expected.plans);
      const output = await augmenter.apply(rgba, plans);
      deepEqual(output.shape, [batch, height, width, 3]);
      deepEqual(await output.read(), expected.pixels);
      // Plans are plain data.
      const stored: PicturePlan[] = JSON.parse(JSON.stringify(plans));
      deepEqual(await (await augmenter.apply(rgba, stored)).read(), expected.pixels);
    });
  });
}

gpuTest("all kinds of pictures give the same pixels", async (gpu) => {
  const expected = await trained(gpu, "augmix", { mean: [0, 0, 0], std: [1, 1, 1] });
  const floats = Float32Array.from(rgb, (value) => value / 255);
  const buffer = bufferOf(gpu, rgba);
  const kinds: (HostPictures | GPUBuffer)[] = [
    ...[rgba, rgb, new Uint8ClampedArray(rgba), new Uint8ClampedArray(rgb), floats],
    ...[Float32Array.from(rgba, (value) => value / 255), buffer, buffer],
  ];
  await using(optionsOf(gpu, "augmix"), async (augmenter) => {
    for (const pictures of kinds) {
      // Something else comes before each.
      await augmenter.augment(rgba.toReversed(), [1, 2, 3], 0);
      const output = await augmenter.augment(pictures, indices, 2);
      deepEqual(await output.read(), expected.pixels, pictures.constructor.name);
    }
    const copy = floats.slice();
    const applied = augmenter.augment(copy, indices, 2);
    copy.fill(0);
    deepEqual(await (await applied).read(), expected.pixels);
  });
  buffer.destroy();
});

gpuTest("a picture's pixels do not depend on the batch or its place", async (gpu) => {
  const { pixels: expected } = await trained(gpu, "layermix", { mean: [0, 0, 0], std: [1, 1, 1] });
  const part = (from: number, to: number) => rgba.subarray(4 * pixels * from, 4 * pixels * to);
  await using(optionsOf(gpu, "layermix", { batch: 5 }), async (augmenter) => {
    const turned = new Uint8Array([...part(2, 3), ...part(0, 2)]);
    const found = await (await augmenter.augment(turned, [9, 7, 8], 2)).read();
    deepEqual(found.subarray(0, 3 * pixels), expected.subarray(6 * pixels));
    deepEqual(found.subarray(3 * pixels), expected.subarray(0, 6 * pixels));
    const last = await augmenter.augment(part(2, 3), [9], 2);
    deepEqual(last.shape, [1, height, width, 3]);
    deepEqual(await last.read(), expected.subarray(6 * pixels));
    const all = new Float32Array(await gpu.read(last.buffer));
    ok(all.length >= 5 * 4 * pixels);
    ok(all.subarray(4 * pixels).every((value) => value === 0));
    const other = await (await augmenter.augment(part(2, 3), [9], 3)).read();
    notDeepEqual(other, expected.subarray(6 * pixels));
  });
});

gpuTest("views follow one another, in the buffer and on the host", async (gpu) => {
  const normal = { mean: [0, 0, 0], std: [1, 1, 1] } as const;
  const expected = await trained(gpu, "augmix", { ...normal, views: 3 });
  await using(optionsOf(gpu, "augmix", { views: 3 }), async (augmenter) => {
    const output = await augmenter.augment(rgba, indices, 2);
    deepEqual(output.shape, [9, height, width, 3]);
    deepEqual(await output.read(), expected.pixels);
    await rejects(augmenter.apply(rgba, expected.plans.slice(1)), {
      name: "RangeError",
      message: "Cannot augment: expected 3 plans for each picture but found 8 in all",
    });
  });
});

gpuTest("pictures of one pixel are augmented", async (gpu) => {
  const one = mixingSet([noise(4, 3)], 1, 1);
  for (const method of methodNames) {
    const changes = { width: 1, height: 1, ...methods[method].mixing && { mixing: one } };
    await using(optionsOf(gpu, method, changes), async (augmenter) => {
      for (const pictures of [rgba.subarray(0, 12), rgb.subarray(0, 9)]) {
        const found = await (await augmenter.augment(pictures, indices, 0)).read();
        equal(found.length, 9);
        ok(found.every((value) => value >= 0 && value <= 1), method);
      }
    });
  }
});

gpuTest("the GPU is the caller's, or its own and closed", async (gpu) => {
  await using(optionsOf(gpu, "baseline"), (augmenter) => equal(augmenter.gpu, gpu));
  await gpu.idle();
  let own: Gpu;
  {
    using augmenter = await createAugmenter({ method: "baseline", ...size });
    own = augmenter.gpu;
    equal((await (await augmenter.augment(rgb, indices, 0)).read()).length, rgb.length);
    // Buffers of another device are refused, and it goes on.
    const foreign = bufferOf(gpu, rgba);
    await rejects(augmenter.augment(foreign, indices, 0), GpuError);
    foreign.destroy();
    await rejects(augmenter.augment(foreign, indices, 0), /Cannot augment from this buffer: /);
    equal((await (await augmenter.augment(rgb, indices, 0)).read()).length, rgb.length);
  }
  equal((await own.device.lost).reason, "destroyed");
});

gpuTest("mixing pictures come from folders, a name or memory", async (gpu) => {
  const folder = await Deno.makeTempDir();
  try {
    const picture = { width: 16, height: 24, rgba: noise(4 * 16 * 24, 3) };
    await Deno.writeFile(join(folder, "one.png"), encodePng(picture));
    for (const source of [folder, "fractals"]) {
      await using(optionsOf(gpu, "pixmix", { mixing: source }), async (augmenter) => {
        const plans = Array.from({ length: 8 }, (_, epoch) => augmenter.plan([1, 2], epoch)).flat();
        // Of the folder's picture the shorter side is 8/7 of 9, rounded: 10 × 15.
        if (source === folder) ok(plans.every(({ mixing: crop }) => crop!.left <= 1));
        await augmenter.apply(rgba.subarray(0, 8 * pixels), plans.slice(0, 2));
      });
    }
    // As training resizes them: the 96 pixels are cut out of 110, which 109.7 is rounded to.
    const large = { mixing: folder, width: 96, height: 96, batch: 1 };
    await using(optionsOf(gpu, "pixmix", large), (augmenter) => {
      const epochs = Array.from({ length: 200 }, (_, epoch) => epoch);
      const lefts = epochs.flatMap((epoch) => augmenter.plan([1], epoch))
        .map(({ mixing: crop }) => crop!.left);
      equal(Math.max(...lefts), mixingSide(96) - 96);
      equal(Math.max(...lefts), 14);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

gpuTest("pictures are read before the next batch, and not after the end", async (gpu) => {
  const augmenter = await createAugmenter(optionsOf(gpu, "baseline"));
  const first = await augmenter.augment(rgba, indices, 0);
  const reading = first.read();
  const second = await augmenter.augment(rgba, indices, 1);
  notDeepEqual(await reading, await second.read());
  equal(first.buffer, second.buffer);
  await rejects(
    first.read(),
    /Cannot read augmented pictures: a later batch has taken their place/,
  );
  for (let epoch = 2; epoch < 20; epoch++) await augmenter.augment(rgba, indices, epoch);
  augmenter.destroy();
  augmenter.destroy();
  await rejects(second.read(), GpuError);
  await rejects(augmenter.augment(rgba, indices, 0), /Cannot augment: the augmenter was destroyed/);
  await gpu.idle();
});
