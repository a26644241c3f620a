import assert from "node:assert/strict";
import { Purpose, Stream } from "../../../lib/random/stream.ts";
import { cBarCorruptions } from "../../../lib/robustness/corruptions/c_bar.ts";
import {
  type Picture,
  pictureOfBytes,
  type Scale,
  type Severity,
  storedBytes,
} from "../../../lib/robustness/corruptions/corruption.ts";
import { golden } from "../../golden.ts";
import { takesAnySize } from "./any_size.ts";
import { differences } from "./differences.ts";
import { noisy, plain } from "./pictures.ts";

/**
 * Made by the published rules with NumPy 1.24, SciPy 1.10 and scikit-image 0.19 from drawn pictures,
 * with the numbers of our Stream of seed 11. Names: scale/size/corruption/severity.
 */
const tensors = golden("c_bar");
/** The size's place is the picture's index. */
const sizes = ["cifar/32x32", "imagenet/40x40", "cifar/37x21", "imagenet/23x31"];
const scales = ["cifar", "imagenet"] as const;

/** These differ by 1 of 255 in places: halves that are rounded, and 32-bit floats. */
const nearly = new Set([
  ...["transverse_chromatic_abberation", "circular_motion_blur", "perlin_noise"],
]);

function corrupted(
  name: string,
  picture: Picture,
  severity: Severity,
  { scale = "cifar" as Scale, seed = 11, index = 0 } = {},
): Uint8Array {
  const number = cBarCorruptions[scale].findIndex((corruption) => corruption.name === name);
  const random = new Stream(seed, Purpose.corrupt_c_bar, index, severity, number);
  return storedBytes(
    cBarCorruptions[scale][number]!.corrupt(picture, severity, { random, scale }),
  );
}

for (const scale of scales) {
  for (const { name } of cBarCorruptions[scale]) {
    Deno.test(`${name} of ${scale} equals the published one`, () => {
      let compared = 0;
      for (const [title, { data: expected }] of tensors) {
        const [of, size, corruption, severity] = title.split("/");
        if (of !== scale || corruption !== name) continue;
        const [width, height] = size!.split("x").map(Number) as [number, number];
        const { data } = tensors.get(`${scale}/${size}/picture`)!;
        const picture = pictureOfBytes(data as Uint8Array, width, height);
        const index = sizes.indexOf(`${scale}/${size}`);
        const found = corrupted(name, picture, Number(severity) as Severity, { scale, index });
        const { most, share } = differences(found, expected);
        assert.ok(most <= Number(nearly.has(name)), `${title} differs by ${most}`);
        assert.ok(share < 0.01, `${title} differs in ${share} of its values`);
        compared++;
      }
      assert.equal(compared, 6);
    });
  }
}

Deno.test("C-bar has its corruptions in the official order", () => {
  const names = (scale: Scale) => cBarCorruptions[scale].map(({ name }) => name).join(" ");
  assert.equal(
    names("cifar"),
    "blue_noise_sample brownish_noise checkerboard_cutout circular_motion_blur inverse_sparkles " +
      "lines pinch_and_twirl ripple sparkles transverse_chromatic_abberation",
  );
  assert.equal(
    names("imagenet"),
    "blue_noise_sample brownish_noise caustic_refraction checkerboard_cutout " +
      "cocentric_sine_waves inverse_sparkles perlin_noise plasma_noise " +
      "single_frequency_greyscale sparkles",
  );
});

for (const scale of scales) {
  for (const { name } of cBarCorruptions[scale]) {
    Deno.test(`${name} of ${scale} takes pictures of any size and leaves them as they are`, () => {
      takesAnySize((picture, severity) => corrupted(name, picture, severity, { scale }));
    });
  }
}

Deno.test("results have no undefined values, whatever is drawn", () => {
  for (const scale of scales) {
    for (const { name, corrupt } of cBarCorruptions[scale]) {
      for (let index = 0; index < 10; index++) {
        const random = new Stream(2, Purpose.corrupt_c_bar, index, 5);
        for (const picture of [plain(1, 1, [0, 0, 0]), plain(12, 11, [1, 1, 1])]) {
          const { rgb } = corrupt(picture, 5, { random, scale });
          assert.ok(rgb.every(Number.isFinite), name);
        }
      }
    }
  }
});

Deno.test("what is drawn depends on the seed, the picture's index and the severity alone", () => {
  const picture = noisy(32, 32);
  for (const scale of scales) {
    for (const { name } of cBarCorruptions[scale]) {
      if (name === "circular_motion_blur") continue;
      const once = corrupted(name, picture, 3, { scale });
      const same = (found: Uint8Array) => differences(found, once).most === 0;
      assert.ok(!same(corrupted(name, picture, 4, { scale })), name);
      // One of six orders of colours, and one of 512 patterns of turns, can be drawn twice.
      const others = [1, 2, 3, 4].map((index) => corrupted(name, picture, 3, { scale, index }));
      assert.ok(!others.every(same), name);
      const seeds = [12, 13, 14, 15].map((seed) => corrupted(name, picture, 3, { scale, seed }));
      assert.ok(!seeds.every(same), name);
    }
  }
});
