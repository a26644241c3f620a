import { equal, rejects, throws } from "node:assert/strict";
import { methods } from "../../lib/augment/methods.ts";
import {
  createAugmenter,
  type HostPictures,
  type MixingPictures,
  type PicturePlan,
} from "../../mod.ts";
import { gpuTest } from "../gpu.ts";
import {
  bufferOf,
  indices,
  mixing,
  optionsOf,
  pixels,
  rgb,
  rgba,
  size,
  using,
} from "./create_augmenter_fixture.ts";

const settings: [string, Record<string, unknown>, RegExp][] = [
  ["method", { method: "mix" }, /expected method to be one of layermix, .* but found mix$/],
  [
    "an op set",
    { ops: "all" },
    /expected ops to be one of reference, corrected, pil but found all/,
  ],
  ["magnitude", { magnitude: 10.5 }, /expected magnitude in \(0, 10\] but found 10.5/],
  ["a word", { magnitude: "3" }, /expected magnitude to be a number but found 3/],
  ["ratio", { blendingRatio: -1 }, /expected blendingRatio > 0 but found -1/],
  ["views", { views: 11 }, /expected views of 1 … 10 but found 11/],
  ["width", { width: 0 }, /expected width to be a whole number > 0 but found 0/],
  ["batch", { batch: 1.5 }, /expected batch to be a whole number > 0 but found 1.5/],
  ["seed", { seed: -1 }, /expected seed to be an unsigned 32-bit integer but found -1/],
  ["padding", { padding: -1 }, /expected padding to be a whole number ≥ 0 but found -1/],
  ["mean", { mean: [0, NaN, 0] }, /expected mean to be three finite numbers but found Array/],
  ["std", { std: [1, 1, 0] }, /expected std > 0 but found 1,1,0/],
  ["k of LayerMix", { k: 3 }, /layermix has no setting "k"; its own are views, ops, /],
  ["what is no setting", { toString: 1 }, /layermix has no setting "toString"/],
  [
    "a device for a GPU",
    { gpu: {} },
    /expected gpu to be what Gpu.open\(\) or Gpu.from\(\) gives but found Object/,
  ],
  [
    "no mixing set",
    { mixing: undefined },
    /expected mixing to be a mixing set or folder but found/,
  ],
  [
    "small mixing pictures",
    { width: 11, height: 11 },
    /Cannot use mixing picture 0: expected at least 11 × 11 pixels but found 12 × 10/,
  ],
  [
    "a mixing set without sizes",
    { mixing: { ...mixing, widths: new Uint32Array(1) } },
    /Cannot use the mixing set: expected 2 widths but found 1/,
  ],
  [
    "a mixing set that is cut off",
    { mixing: { ...mixing, rgba: mixing.rgba.subarray(4) } satisfies MixingPictures },
    /Cannot use mixing picture 1: it ends at byte 960 but there are 956/,
  ],
];

gpuTest("settings that are out of range are refused by name", async (gpu) => {
  for (const [name, changes, message] of settings) {
    const options = optionsOf(gpu, "layermix", changes);
    await rejects(createAugmenter(options), { name: "RangeError", message }, name);
  }
  const views = optionsOf(gpu, "mixup", { views: 2 });
  await rejects(createAugmenter(views), /mixup has no setting "views"; its own are alpha/);
  const mixes = optionsOf(gpu, "augmix", { mixing });
  await rejects(createAugmenter(mixes), /augmix has no setting "mixing"/);
  await using(optionsOf(gpu, "baseline", { mixing: undefined, padding: undefined }), () => {});
  const none = optionsOf(gpu, "baseline", { ops: "pil" });
  await rejects(createAugmenter(none), /baseline has no setting "ops"; its own are none/);
});

gpuTest("batches and plans that do not fit are refused", async (gpu) => {
  await using(optionsOf(gpu, "mixup"), async (augmenter) => {
    throws(() => augmenter.plan([], 0), /expected 1 … 3 pictures but found 0/);
    throws(() => augmenter.plan([1, 2, 3, 4], 0), /expected 1 … 3 pictures but found 4/);
    throws(() => augmenter.plan([1, -1], 0), /expected indices of 0 … 4294967295, .* found -1/);
    throws(() => augmenter.plan([1], 0.5), /expected epoch of 0 … 4294967295, .* found 0.5/);
    const plans = augmenter.plan(indices, 0);
    const other = methods.augmix.plan(
      { ...methods.augmix.defaults, ...size, padding: 4 },
      undefined,
      1,
      0,
    );
    const buffer = bufferOf(gpu, rgba.subarray(0, 8));
    const cases: [string, unknown, unknown[], RegExp][] = [
      ["no plan", rgba, [], /expected 1 … 3 pictures but found 0/],
      ["a plan too many", rgba, [...plans, plans[0]], /expected 1 … 3 pictures but found 4/],
      ["no plans", rgba, [{}, {}, {}], /expected plan 0 to have a crop and stages/],
      [
        "too few",
        rgba,
        plans.slice(0, 2),
        /plan 0 mixes in the picture at place 2 of a batch of 2/,
      ],
      ["another method's", rgba.subarray(0, 4 * pixels), [other], /^Cannot encode a stage: /],
      ["short", rgb.subarray(1), plans, /expected 567 numbers .* or 756 .* but found 566/],
      ["grey", rgb.subarray(0, 3 * pixels), plans, /of grey pictures, give each value three times/],
      ["a short buffer", buffer, plans, /expected a buffer of at least 756 bytes but found 8/],
      [
        "floats of bytes",
        Float32Array.from(rgb),
        plans,
        /expected values in \[0, 1\] but found 18/,
      ],
      [
        "NaN",
        new Float32Array(rgb.length).fill(NaN),
        plans,
        /in \[0, 1\] but found NaN at place 0/,
      ],
    ];
    for (const [name, pictures, given, message] of cases) {
      const applied = augmenter.apply(pictures as HostPictures, given as PicturePlan[]);
      await rejects(applied, { name: "RangeError", message }, name);
    }
    for (const pictures of [[...rgb], new Float64Array(rgb), undefined]) {
      const applied = augmenter.apply(pictures as unknown as HostPictures, plans);
      await rejects(applied, { name: "TypeError", message: /GPUBuffer but found (Array|F|und)/ });
    }
    buffer.destroy();
    equal((await (await augmenter.apply(rgb, plans)).read()).length, rgb.length);
  });
});

/** Never run: what the types refuse. */
export async function types(): Promise<void> {
  // @ts-expect-error AugMix mixes no other pictures
  await createAugmenter({ ...size, method: "augmix", mixing });
  // @ts-expect-error LayerMix needs them
  await createAugmenter({ ...size, method: "layermix" });
  // @ts-expect-error LayerMix has no rounds
  await createAugmenter({ ...size, method: "layermix", mixing, k: 3 });
  // @ts-expect-error MixUp has no ops
  await createAugmenter({ ...size, method: "mixup", magnitude: 3 });
  // @ts-expect-error and no views
  await createAugmenter({ ...size, method: "cutmix", views: 3 });
  await createAugmenter({ ...size, method: "ipmix", mixing: "fractals", k: 2, t: 1, ops: "pil" });
}
