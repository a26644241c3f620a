import { deepEqual, equal, ok, rejects, throws } from "node:assert/strict";
import { join } from "node:path";
import { recordAugment } from "../../lib/augment/augmenter.ts";
import { type MethodName, methods } from "../../lib/augment/methods.ts";
import { usesMixing } from "../../lib/augment/plan.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { cifarNormalization } from "../../lib/robustness/predict.ts";
import { type AugmenterOptions, createAugmenter, type Gpu, openMixing } from "../../mod.ts";
import { withFolder } from "../data/folder.ts";
import { gpuTest } from "../gpu.ts";
import { noise, rgba, size } from "./create_augmenter_fixture.ts";

/** Calls `test` with a folder of five mixing pictures of different sizes. */
const withMixing = (test: (folder: string) => Promise<void>) =>
  withFolder(async (folder) => {
    for (let k = 1; k <= 5; k++) {
      const [width, height] = [9 + 3 * k, 26 - 2 * k];
      const picture = { width, height, rgba: noise(4 * width * height, k) };
      await Deno.writeFile(join(folder, `${k}.png`), encodePng(picture));
    }
    await test(folder);
  });

const epochs = [0, 1];

/** What a few epochs of a batch that is full, and one that is not, come to. */
async function augmented(options: AugmenterOptions): Promise<Float32Array[]> {
  using augmenter = await createAugmenter(options);
  const found: Float32Array[] = [], { length } = rgba;
  for (const epoch of epochs) {
    found.push(await (await augmenter.augment(rgba, [7, 8, 9], epoch)).read());
    const part = rgba.subarray(0, length / 3);
    found.push(await (await augmenter.augment(part, [12], epoch)).read());
  }
  return found;
}

const optionsOf = (gpu: Gpu, method: MethodName, changes = {}) =>
  ({ gpu, method, ...size, ...changes }) as AugmenterOptions;

for (const method of ["layermix", "pixmix", "ipmix"] as const) {
  gpuTest(
    `${method} makes the same pictures whether its mixing set is on the GPU or read when needed`,
    (gpu) =>
      withMixing(async (folder) => {
        const changes = method === "layermix" ? {} : { grayMixing: true, views: 3 };
        const options = { ...changes, mixing: folder };
        const expected = await augmented(optionsOf(gpu, method, options));
        const streamed = optionsOf(gpu, method, { ...options, mixingMemory: 100 });
        deepEqual(await augmented(streamed), expected);
      }),
  );
}

gpuTest(
  "batches that are augmented at once do not get each other's mixing pictures",
  (gpu) =>
    withMixing(async (folder) => {
      const options = { ...optionsOf(gpu, "pixmix", { mixing: folder }), mixingMemory: 0 };
      using augmenter = await createAugmenter(options as AugmenterOptions);
      const alone = await (await augmenter.augment(rgba, [4, 5, 6], 1)).read();
      const copy = rgba.slice();
      const first = augmenter.augment(rgba.toReversed(), [1, 2, 3], 0);
      const second = augmenter.augment(copy, [4, 5, 6], 1);
      copy.fill(0);
      await first;
      deepEqual(await (await second).read(), alone);
    }),
);

gpuTest(
  "a set that is read when needed may serve several augmenters, and is its owner's",
  (gpu) =>
    withMixing(async (folder) => {
      using mixing = await openMixing(folder, 11, { most: 0, workers: 1 }) as never;
      const options = optionsOf(gpu, "layermix", { mixing });
      deepEqual(await augmented(options), await augmented(options));
    }),
);

gpuTest(
  "what is cut out of a mixing set has to be what the plans use",
  (gpu) =>
    withMixing(async (folder) => {
      const mixing = await openMixing(folder, 11, { most: 0, workers: 1 });
      ok("cut" in mixing);
      const tape = new Tape(gpu, false), own = methods.pixmix.defaults;
      const all = { method: "pixmix", ...own, ...cifarNormalization, ...size, padding: 0 } as const;
      const augmenter = recordAugment(tape, all, mixing);
      const program = await tape.compile();
      const draw = (epoch: number) => augmenter.plan([1, 2, 3], epoch);
      const used = (epoch: number) => draw(epoch).filter(usesMixing).length;
      const epochs = Array.from({ length: 99 }, (_, epoch) => epoch);
      const [none, two] = [epochs.find((e) => !used(e))!, epochs.find((e) => used(e) === 2)!];
      equal(augmenter.cut(draw(none)), undefined);
      augmenter.upload(gpu, rgba, draw(none));
      const cut = (await augmenter.cut(draw(two)))!;
      equal(cut.rgba.length, 2 * 4 * size.width * size.height);
      throws(
        () => augmenter.upload(gpu, rgba, draw(two)),
        /Cannot upload mixing pictures: expected 504 bytes but found 0/,
      );
      augmenter.upload(gpu, rgba, draw(two), 0, cut);
      const [first] = draw(two).filter(usesMixing);
      const outside = [{ ...first!, mixing: { ...first!.mixing!, picture: 5 } }];
      equal(augmenter.cut(outside), undefined);
      throws(
        () => augmenter.upload(gpu, rgba.subarray(0, rgba.length / 3), outside),
        /is outside the mixing set/,
      );
      mixing.close();
      program.destroy();
    }),
);

gpuTest(
  "a mixing set of a folder without pictures is refused, and mixingMemory that is no number",
  async (gpu) => {
    await withFolder(async (folder) => {
      const options = optionsOf(gpu, "layermix", { mixing: folder, mixingMemory: 0 });
      await rejects(createAugmenter(options), /expected at least one PNG, JPEG or WebP picture/);
    });
    const options = optionsOf(gpu, "layermix", { mixing: "fractals", mixingMemory: "1" });
    await rejects(
      createAugmenter(options),
      /expected mixingMemory to be a number of bytes but found 1/,
    );
  },
);
