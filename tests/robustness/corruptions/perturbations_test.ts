import assert from "node:assert/strict";
import { Purpose, Stream } from "../../../lib/random/stream.ts";
import {
  type Picture,
  pictureOfBytes,
  type Scale,
  storedBytes,
} from "../../../lib/robustness/corruptions/corruption.ts";
import type { Difficulty } from "../../../lib/robustness/corruptions/perturbation.ts";
import {
  perturbations,
  TEST_PERTURBATIONS,
} from "../../../lib/robustness/corruptions/perturbations.ts";
import { golden } from "../../golden.ts";
import { differences } from "./differences.ts";
import { noisy, plain } from "./pictures.ts";

/**
 * Made by the published rules with NumPy 1.24, SciPy 1.10, scikit-image 0.19, OpenCV 4.6, Pillow 9.4
 * and ImageMagick 6.9.11 from drawn pictures, with the numbers of our Stream of seed 11 (so noise too
 * is compared value by value; NumPy's Poisson numbers cannot be). Names: scale/size/shown/name/frame.
 */
const tensors = golden("perturbations");
/** The size's place is the picture's index; the last number is how many pixels are shown. */
const sizes = ["cifar/32x32/0", "cifar/29x21/0", "imagenet/50x44/40"];

/** These differ by 1 of 255 in places: where fractions are cut off, and by 32-bit floats. */
const nearly = new Set(["zoom_blur", "scale", "shear", "spatter"]);

interface Settings {
  scale?: Scale;
  seed?: number;
  index?: number;
  difficulty?: Difficulty;
  shown?: number;
}

function frames(
  name: string,
  picture: Picture,
  { scale = "cifar", seed = 11, index = 0, difficulty = 1, shown }: Settings = {},
): Picture[] {
  const number = perturbations.findIndex((perturbation) => perturbation.name === name);
  const random = new Stream(seed, Purpose.perturb, index, difficulty, number);
  return [...perturbations[number]!.sequence(picture, { random, scale, difficulty, shown })];
}

for (const { name } of perturbations.filter(({ name }) => name !== "shot_noise")) {
  Deno.test(`${name} shows the published frames`, () => {
    let compared = 0;
    for (const size of sizes) {
      const [scale, sides, shown] = size.split("/") as [Scale, string, string];
      const [width, height] = sides.split("x").map(Number) as [number, number];
      const { data } = tensors.get(`${size}/picture`)!;
      const found = frames(name, pictureOfBytes(data as Uint8Array, width, height), {
        ...{ scale, index: sizes.indexOf(size), shown: Number(shown) || undefined },
      });
      for (const [title, { data: expected }] of tensors) {
        if (!title.startsWith(`${size}/${name}/`)) continue;
        const frame = Number(title.split("/").at(-1));
        const { most, share } = differences(storedBytes(found[frame]!), expected);
        assert.ok(most <= Number(nearly.has(name)), `${title} differs by ${most}`);
        assert.ok(share < 0.01, `${title} differs in ${share} of its values`);
        compared++;
      }
    }
    assert.equal(compared, name.endsWith("_noise") ? 6 : 9);
  });
}

Deno.test("P has its perturbations in the official order, with as many frames", () => {
  assert.deepEqual(
    perturbations.map(({ name, frames }) => `${name} ${frames("cifar")} ${frames("imagenet")}`),
    [
      ...["gaussian_noise 31 31", "shot_noise 31 31", "motion_blur 21 31", "zoom_blur 31 31"],
      ...["snow 31 31", "brightness 31 31", "translate 16 41", "rotate 31 31", "tilt 31 31"],
      ...["scale 31 31", "speckle_noise 31 31", "gaussian_blur 31 31", "spatter 31 31"],
      "shear 31 31",
    ],
  );
  assert.equal(perturbations[TEST_PERTURBATIONS]!.name, "speckle_noise");
});

for (const perturbation of perturbations) {
  Deno.test(`${perturbation.name} takes pictures of any size and leaves them as they are`, () => {
    for (const [width, height] of [[1, 1], [1, 7], [5, 2], [23, 19]] as const) {
      for (const scale of ["cifar", "imagenet"] as const) {
        for (const picture of [noisy(width, height), plain(width, height, [0, 1, 0.5])]) {
          const before = picture.rgb.slice();
          const found = frames(perturbation.name, picture, { scale });
          assert.equal(found.length, perturbation.frames(scale));
          for (const { rgb } of found) {
            assert.equal(rgb.length, width * height * 3);
            assert.ok(rgb.every(Number.isFinite));
          }
          assert.deepEqual(frames(perturbation.name, picture, { scale }), found);
          assert.deepEqual(picture.rgb, before);
        }
      }
    }
  });

  Deno.test(`${perturbation.name} shows the middle of a larger picture`, () => {
    const picture = noisy(20, 17);
    const found = frames(perturbation.name, picture, { scale: "imagenet", shown: 8 });
    assert.ok(found.every(({ width, height }) => width === 8 && height === 8));
    // Of 17 - 8 pixels, 4 are above.
    const middle = Float64Array.from({ length: 8 * 8 * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % 8 + 6, y = Math.floor(i / 24) + 4;
      return picture.rgb[(y * 20 + x) * 3 + i % 3]!;
    });
    const still: Record<string, number> = {
      ...{ gaussian_noise: 0, shot_noise: 0, zoom_blur: 0, speckle_noise: 0 },
      ...{ brightness: 15, translate: 20, rotate: 15, shear: 15, scale: 24 },
    };
    const frame = still[perturbation.name];
    if (frame === undefined) return;
    const most = found[frame]!.rgb.map((value, i) => Math.abs(value - middle[i]!))
      .reduce((a, b) => Math.max(a, b));
    assert.ok(most < 1e-9, `differs by ${most}`);
  });
}

Deno.test("what moves comes in from outside of what is shown", () => {
  const picture = plain(30, 30, [0.6, 0.6, 0.6]);
  const isBlack = ({ rgb }: Picture) => rgb.some((value) => value === 0);
  for (const name of ["translate", "rotate", "shear"]) {
    assert.ok(!frames(name, picture, { shown: 14 }).some(isBlack), name);
    assert.ok(frames(name, picture).some(isBlack), name);
  }
});

Deno.test("noises begin with the picture and have the published deviations", () => {
  const settings = {
    gaussian_noise: { cifar: [0.02, 0.04, 0.06], imagenet: [0.03, 0.05, 0.08] },
    shot_noise: {
      cifar: [700, 400, 200].map((count) => Math.sqrt(0.5 / count)),
      imagenet: [300, 120, 60].map((count) => Math.sqrt(0.5 / count)),
    },
    speckle_noise: { cifar: [0.025, 0.035, 0.05], imagenet: [0.025, 0.05, 0.075] },
  };
  const picture = plain(16, 12, [0.5, 0.5, 0.5]);
  for (const [name, table] of Object.entries(settings)) {
    for (const scale of ["cifar", "imagenet"] as const) {
      for (const difficulty of [1, 2, 3] as const) {
        const [clean, ...noisy] = frames(name, picture, { scale, difficulty });
        assert.deepEqual(clean, picture);
        const all = noisy.flatMap(({ rgb }) => [...rgb]), expected = table[scale][difficulty - 1]!;
        const mean = all.reduce((a, b) => a + b) / all.length;
        const square = all.reduce((sum, value) => sum + (value - mean) ** 2, 0) / all.length;
        const ratio = Math.sqrt(square) / expected;
        assert.ok(Math.abs(mean - 0.5) < 4 * expected / Math.sqrt(all.length), `${name} ${mean}`);
        assert.ok(Math.abs(ratio - 1) < 4 / Math.sqrt(2 * all.length), `${name} ${ratio}`);
        assert.notDeepEqual(noisy[0], noisy[1]);
      }
    }
  }
});

Deno.test("what is drawn depends on the seed and the picture's index", () => {
  const picture = noisy(32, 32);
  for (const name of ["gaussian_noise", "shot_noise", "snow", "speckle_noise", "spatter"]) {
    const last = (settings: Settings) => frames(name, picture, settings).at(-1);
    assert.notDeepEqual(last({ index: 1 }), last({}), name);
    assert.notDeepEqual(last({ seed: 12 }), last({}), name);
  }
});

Deno.test("water runs down, and none comes after it", () => {
  const picture = plain(64, 64, [0, 0, 0]);
  for (const scale of ["cifar", "imagenet"] as const) {
    const wetRows = frames("spatter", picture, { scale }).map(({ rgb }) =>
      [...Array(64).keys()].filter((y) => rgb.slice(y * 192, y * 192 + 192).some((v) => v > 0))
    );
    assert.ok(wetRows[0]![0]! < 8, `${scale}: water begins in row ${wetRows[0]![0]}`);
    assert.ok(wetRows[30]![0]! > 12, `${scale}: at the end in row ${wetRows[30]![0]}`);
    assert.ok(wetRows[30]!.length > 0, "some is left");
  }
});
