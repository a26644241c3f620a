import assert from "node:assert/strict";
import { join } from "node:path";
import { fingerprint } from "../../../lib/data/dataset.ts";
import { openNpy, readNpyIntegers } from "../../../lib/data/npy.ts";
import { openDataset } from "../../../lib/data/open.ts";
import { encodePng } from "../../../lib/data/picture_file.ts";
import { Purpose, Stream } from "../../../lib/random/stream.ts";
import {
  corruptBatch,
  corruptPictures,
} from "../../../lib/robustness/corruptions/corrupt_batch.ts";
import { pictureOfBytes, storedBytes } from "../../../lib/robustness/corruptions/corruption.ts";
import { makeCorruptions } from "../../../lib/robustness/corruptions/make_corruptions.ts";
import { perturbations } from "../../../lib/robustness/corruptions/perturbations.ts";
import { corruptions } from "../../../lib/robustness/corruptions/suites.ts";
import { noisy } from "./pictures.ts";
import { withFolder } from "../../data/folder.ts";

Deno.test("perturbations of a data set have CIFAR-P's layout, the same with any number of workers", () =>
  withFolder(async (folder) => {
    const source = { dataset: "shapes" } as const;
    const names = ["gaussian_noise", "translate", "motion_blur"];
    for (const workers of [1, 3]) {
      const result = await makeCorruptions({
        ...{ suite: "p", source, names, count: 9, seed: 4, workers },
        folder: join(folder, String(workers)),
      });
      assert.deepEqual(result.corruptions.map(({ made }) => made), [9, 9, 9]);
    }
    const data = await openDataset("shapes", undefined, "test");
    const labels = [...await readNpyIntegers(join(folder, "1/labels.npy"))];
    assert.deepEqual(labels, [...data.labels.subarray(0, 9)]);
    for (const [i, frames] of [31, 16, 21].entries()) {
      const files = await Promise.all(
        ["1", "3"].map((workers) =>
          openNpy(join(folder, workers, `${names[i]}.npy`), {
            types: ["|u1"],
            shape: [9, frames, 32, 32, 3],
          })
        ),
      );
      const spec = { suite: "p", corruption: names[i]!, severity: 1, seed: 4 } as const;
      const expected = fingerprint(corruptBatch(data, spec, 0, 9));
      for (const file of files) {
        assert.equal(fingerprint(await file.read(0, 9)), expected, `${names[i]}`);
        await file.close();
      }
    }
  }));

Deno.test("frames of a folder's pictures are an npy file each, moved before they are cut", () =>
  withFolder(async (folder) => {
    const picture = noisy(40, 30), bytes = storedBytes(picture);
    const rgba = Uint8Array.from(
      { length: 4800 },
      (_, i) => i % 4 === 3 ? 255 : bytes[Math.floor(i / 4) * 3 + i % 4]!,
    );
    await Deno.mkdir(join(folder, "in/cat"), { recursive: true });
    await Deno.writeFile(join(folder, "in/cat/a.png"), encodePng({ width: 40, height: 30, rgba }));
    await makeCorruptions({
      ...{
        suite: "p",
        source: { images: join(folder, "in"), format: "png", resize: 30, crop: 16 },
      },
      ...{ names: ["rotate"], folder: join(folder, "out"), seed: 1, scale: "imagenet", workers: 1 },
    });
    const file = await openNpy(join(folder, "out/rotate/cat/a.npy"), {
      types: ["|u1"],
      shape: [31, 16, 16, 3],
    });
    const rotate = perturbations.find(({ name }) => name === "rotate")!;
    const random = new Stream(1, 99);
    const expected = [...rotate.sequence(picture, { random, scale: "imagenet", shown: 16 })];
    assert.deepEqual(await file.read(30, 1), storedBytes(expected[30]!));
    assert.ok(expected[30]!.rgb.some((value) => value > 0));
    await file.close();
  }));

Deno.test("the severity of a perturbation is how strong its noises are", () => {
  const rgb = storedBytes(noisy(8, 6));
  const spec = { suite: "p", corruption: "speckle_noise", severity: 3, seed: 7 } as const;
  const found = corruptPictures({ width: 8, height: 6, rgb }, spec, 5);
  const number = perturbations.findIndex(({ name }) => name === "speckle_noise");
  const frames = perturbations[number]!.sequence(pictureOfBytes(rgb, 8, 6), {
    ...{ random: new Stream(7, Purpose.perturb, 5, 3, number), scale: "cifar", difficulty: 3 },
  });
  assert.deepEqual([...found], [...frames].flatMap((frame) => [...storedBytes(frame)]));
  assert.throws(
    () => corruptPictures({ width: 8, height: 6, rgb }, { ...spec, severity: 4 }, 0),
    /a severity of 1 … 3 but found 4/,
  );
});

Deno.test("of perturbations one severity is made at once, and C-bar needs a scale", () =>
  withFolder(async (folder) => {
    const options = { suite: "p", source: { dataset: "shapes" }, folder, seed: 1 } as const;
    await assert.rejects(makeCorruptions({ ...options, severities: [1, 2] }), /one severity of p/);
    await Deno.writeTextFile(join(folder, "any.png"), "");
    const source = { images: folder, format: "png" } as const;
    await assert.rejects(makeCorruptions({ ...options, suite: "c-bar", source }), /a scale, whose/);
    assert.deepEqual(
      [corruptions("p").length, corruptions("p", "validation").length, corruptions("c-bar").length],
      [10, 4, 10],
    );
  }));
