import assert from "node:assert/strict";
import { Purpose, Stream } from "../../../lib/random/stream.ts";
import { cCorruptions, TEST_CORRUPTIONS } from "../../../lib/robustness/corruptions/c.ts";
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
import { formulaFrost, plain } from "./pictures.ts";

/**
 * Made by the published algorithms with SciPy 1.10, scikit-image 0.19, OpenCV 4.6, Pillow 9.4 and
 * ImageMagick 6.9.11 from drawn pictures, with the numbers of our Stream of seed 11 (so noise too is
 * compared value by value; NumPy's Poisson numbers cannot be). Names: scale/size/corruption/severity.
 */
const tensors = golden("corruptions");
/** The size's place is the picture's index. */
const sizes = ["cifar/32x32", "imagenet/40x40", "cifar/37x21"];

/** The share of values that may differ by 1 of 255: 32-bit floats, or sums in another order. */
const inexact: Record<string, number> = {
  ...{ defocus_blur: 0.05, snow: 0.02, zoom_blur: 0.001, frost: 0.001, fog: 0.001, spatter: 0.001 },
  elastic_transform: 0.002,
};

function corrupted(
  name: string,
  picture: Picture,
  severity: Severity,
  { scale = "cifar" as Scale, seed = 11, index = 0, frost = formulaFrost } = {},
): Uint8Array {
  const number = cCorruptions.findIndex((corruption) => corruption.name === name);
  const random = new Stream(seed, Purpose.corrupt_c, index, severity, number);
  return storedBytes(cCorruptions[number]!.corrupt(picture, severity, { random, scale, frost }));
}

for (const { name } of cCorruptions.filter(({ name }) => name !== "shot_noise")) {
  Deno.test(`${name} equals the published one to ${name in inexact ? "1 of 255" : "the bit"}`, () => {
    let compared = 0;
    for (const [title, { data: expected }] of tensors) {
      const [scale, size, corruption, severity] = title.split("/");
      if (corruption !== name) continue;
      const [width, height] = size!.split("x").map(Number) as [number, number];
      const { data } = tensors.get(`${scale}/${size}/picture`)!;
      const picture = pictureOfBytes(data as Uint8Array, width, height);
      const found = corrupted(name, picture, Number(severity) as Severity, {
        scale: scale as Scale,
        index: sizes.indexOf(`${scale}/${size}`),
      });
      const { most, share } = differences(found, expected);
      assert.ok(most <= 1, `${title} differs by ${most}`);
      assert.ok(share <= (inexact[name] ?? 0), `${title} differs in ${share} of its values`);
      compared++;
    }
    assert.ok(compared >= 10, `only ${compared} pictures`);
  });
}

Deno.test("C has its corruptions in the official order", () => {
  assert.equal(
    cCorruptions.map(({ name }) => name).join(" "),
    "gaussian_noise shot_noise impulse_noise defocus_blur glass_blur motion_blur zoom_blur snow frost " +
      "fog brightness contrast elastic_transform pixelate jpeg_compression " +
      "speckle_noise gaussian_blur spatter saturate",
  );
  assert.equal(cCorruptions[TEST_CORRUPTIONS]!.name, "speckle_noise");
});

for (const { name } of cCorruptions) {
  Deno.test(`${name} takes pictures of any size and leaves them as they are`, () => {
    for (const scale of ["cifar", "imagenet"] as const) {
      takesAnySize((picture, severity) => corrupted(name, picture, severity, { scale }));
    }
  });
}

Deno.test("grey pictures stay grey, but for noise, frost, water and mud", () => {
  const grey = plain(24, 24, [0.5, 0.5, 0.5]);
  const coloured = /noise|frost|spatter/;
  for (const { name } of cCorruptions.filter(({ name }) => !coloured.test(name))) {
    for (const severity of [1, 5] as const) {
      const bytes = corrupted(name, grey, severity);
      // A saturation that is added gives grey the hue 0, which is red.
      if (name === "saturate" && severity === 5) continue;
      for (let i = 0; i < bytes.length; i += 3) {
        assert.equal(bytes[i], bytes[i + 1], name);
        assert.equal(bytes[i], bytes[i + 2], name);
      }
    }
  }
});

Deno.test("black and white pictures have no undefined values", () => {
  for (const { name, corrupt } of cCorruptions) {
    for (const level of [0, 1]) {
      const random = new Stream(1, Purpose.corrupt_c);
      const surroundings = { random, scale: "imagenet", frost: formulaFrost } as const;
      const { rgb } = corrupt(plain(20, 12, [level, level, level]), 5, surroundings);
      assert.ok(rgb.every(Number.isFinite), name);
    }
  }
});
