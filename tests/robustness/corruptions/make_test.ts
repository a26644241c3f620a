import assert from "node:assert/strict";
import { join } from "node:path";
import { fingerprint } from "../../../lib/data/dataset.ts";
import { encodeJpeg } from "../../../lib/data/jpeg/encode.ts";
import { openNpy, readNpyIntegers } from "../../../lib/data/npy.ts";
import { openDataset } from "../../../lib/data/open.ts";
import { decodePicture, encodePng } from "../../../lib/data/picture_file.ts";
import { centerCrop, resizeShorterSide } from "../../../lib/data/resize.ts";
import { Stream } from "../../../lib/random/stream.ts";
import { shapes } from "../../../lib/data/shapes.ts";
import {
  corruptBatch,
  corruptPictures,
} from "../../../lib/robustness/corruptions/corrupt_batch.ts";
import {
  type CorruptOptions,
  makeCorruptions,
} from "../../../lib/robustness/corruptions/make_corruptions.ts";

const all = ["gaussian_noise", "snow", "fog", "elastic_transform"] as const;
const PICTURES = 95;

async function withFolder(test: (path: (name: string) => string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "layermix-corrupt-" });
  await writeData(join(root, "data"));
  await test((name) => join(root, name)).finally(() => Deno.remove(root, { recursive: true }));
}

/** CIFAR-10's test file with more random pictures than a worker takes at once. */
async function writeData(folder: string): Promise<void> {
  const random = new Stream(1, 99);
  const records = new Uint8Array(PICTURES * 3073).map((_, i) =>
    random.integer(i % 3073 ? 256 : 10)
  );
  await Deno.mkdir(folder);
  await Deno.writeFile(join(folder, "test_batch.bin"), records);
}

const arrays = (data: string, folder: string, more: Partial<CorruptOptions> = {}) =>
  makeCorruptions({
    ...{ suite: "c", source: { dataset: "cifar10", path: data }, folder, names: all, count: 90 },
    ...{ seed: 4, severities: [2, 5], workers: 2, ...more },
  });

Deno.test("arrays have CIFAR-C's layout, and the bytes that corruptBatch() makes", () =>
  withFolder(async (path) => {
    const result = await arrays(path("data"), path("out"));
    assert.deepEqual(
      result.corruptions.map(({ name, made, kept }) => [name, made, kept]),
      all.map((name) => [name, 180, 0]),
    );
    const data = await openDataset("cifar10", path("data"), "test");
    const labels = [...data.labels.subarray(0, 90)];
    assert.deepEqual([...await readNpyIntegers(path("out/labels.npy"))], [...labels, ...labels]);
    for (const corruption of all) {
      const file = await openNpy(path(`out/${corruption}.npy`), {
        types: ["|u1"],
        shape: [180, 32, 32, 3],
      });
      for (const [block, severity] of [2, 5].entries()) {
        const spec = { suite: "c", corruption, severity: severity as 2 | 5, seed: 4 } as const;
        const expected = corruptBatch(data, spec, 7, 80);
        const found = await file.read(90 * block + 7, 80);
        assert.equal(fingerprint(found), fingerprint(expected), `${corruption} ${severity}`);
      }
      await file.close();
    }
    const names = [...Deno.readDirSync(path("out"))].map(({ name }) => name).toSorted();
    const files = all.map((name) => `${name}.npy`);
    assert.deepEqual(names, ["corrupt.json", ...files, "labels.npy"].toSorted());
  }));

Deno.test("the bytes are the same with any number of workers, and another seed gives others", () =>
  withFolder(async (path) => {
    await arrays(path("data"), path("one"), { workers: 1 });
    await arrays(path("data"), path("three"), { workers: 3 });
    await arrays(path("data"), path("other"), { seed: 5 });
    for (const name of all) {
      const [one, three, other] = ["one", "three", "other"].map((folder) =>
        fingerprint(Deno.readFileSync(path(`${folder}/${name}.npy`)))
      );
      assert.equal(three, one, name);
      assert.notEqual(other, one, name);
    }
  }));

Deno.test("what is there is kept, what was cut is made anew, and an end leaves whole files", () =>
  withFolder(async (path) => {
    const stop = new AbortController();
    let beside: Promise<void> | undefined;
    const progress = ({ corruption, done }: { corruption: string; done: number }) => {
      beside ??= assert.rejects(
        arrays(path("data"), path("out")),
        /out: another process is writing to it/,
      );
      if (corruption === "snow" && done > 0) stop.abort();
    };
    const first = await arrays(path("data"), path("out"), {
      workers: 1,
      signal: stop.signal,
      progress,
    });
    assert.equal(first.interrupted, true);
    await beside!;
    const names = () => [...Deno.readDirSync(path("out"))].map(({ name }) => name).toSorted();
    assert.deepEqual(names(), ["corrupt.json", "gaussian_noise.npy", "labels.npy"]);
    Deno.writeTextFileSync(path("out/snow.npy.tmp-12-3"), "half");
    const second = await arrays(path("data"), path("out"));
    assert.deepEqual(second.corruptions.map(({ made, kept }) => [made, kept]), [
      [0, 180],
      [180, 0],
      [180, 0],
      [180, 0],
    ]);
    assert.ok(names().every((name) => !name.includes("tmp")));
    await assert.rejects(
      arrays(path("data"), path("out"), { seed: 9 }),
      /expected seed 4, .* but found 9/,
    );
    await assert.rejects(
      arrays(path("data"), path("out"), { count: 8 }),
      /expected count 90, .* but found 8/,
    );
    await assert.rejects(
      arrays(path("data"), path("out"), { severities: [1] }),
      /expected severities 2,5,/,
    );
    await assert.rejects(
      arrays(path("data"), path("out"), { scale: "imagenet" }),
      /expected scale cifar,/,
    );
    const deep = `${"[".repeat(1e5)}${"]".repeat(1e5)}`;
    Deno.writeTextFileSync(path("out/corrupt.json"), `{"seed":${deep}}`);
    await assert.rejects(
      arrays(path("data"), path("out")),
      /expected the record of corrupted pictures/,
    );
    Deno.writeTextFileSync(path("out/corrupt.json"), "{");
    await assert.rejects(
      arrays(path("data"), path("out")),
      /corrupt\.json: expected the record of corrupted/,
    );
  }));

Deno.test("a folder that holds other things, or is none, is refused", () =>
  withFolder(async (path) => {
    Deno.mkdirSync(path("other"));
    Deno.writeTextFileSync(path("other/notes.txt"), "");
    await assert.rejects(
      arrays(path("data"), path("other")),
      /expected an empty folder, .* but found notes\.txt/,
    );
    await assert.rejects(
      arrays(path("data"), path("other/notes.txt")),
      /expected a folder but found a file/,
    );
    await assert.rejects(
      arrays(path("data"), path("other/notes.txt/out")),
      /Cannot make the folder/,
    );
  }));

/** A folder of pictures: shapes of 40 × 40 pixels, one of them grey, one a single pixel, one broken. */
async function writePictures(folder: string): Promise<void> {
  await Deno.mkdir(join(folder, "cat"), { recursive: true });
  await Deno.mkdir(join(folder, "dog"));
  const { rgba } = shapes("train", 2, 8);
  const picture = (i: number) => ({
    width: 32,
    height: 32,
    rgba: rgba.slice(i * 4096, i * 4096 + 4096),
  });
  await Deno.writeFile(join(folder, "cat/a.png"), encodePng(picture(0)));
  const rgb = picture(1).rgba.filter((_, i) => i % 4 < 3);
  await Deno.writeFile(join(folder, "cat/b.JPEG"), encodeJpeg(rgb, 32, 32, 90));
  const grey = { width: 50, height: 20, rgba: new Uint8Array(4000).fill(120) };
  await Deno.writeFile(join(folder, "dog/grey.png"), encodePng(grey));
  const pixel = { width: 1, height: 1, rgba: Uint8Array.of(9, 99, 200, 255) };
  await Deno.writeFile(join(folder, "dog/pixel.png"), encodePng(pixel));
  await Deno.writeFile(join(folder, "dog/broken.png"), encodePng(grey).subarray(0, 60));
  await Deno.writeTextFile(join(folder, "readme.txt"), "no picture");
}

const tree = (images: string, folder: string, more: Partial<CorruptOptions> = {}) =>
  makeCorruptions({
    ...{ suite: "c", source: { images, format: "png", resize: 24, crop: 20 }, folder, seed: 2 },
    ...{ names: ["shot_noise", "fog", "pixelate"], severities: [1, 3], workers: 2, ...more },
  });

Deno.test("a tree has ImageNet-C's layout, resized and cut, and names what is no picture", () =>
  withFolder(async (path) => {
    await writePictures(path("in"));
    const result = await tree(path("in"), path("out"));
    assert.deepEqual(result.unreadable.map(({ file }) => file), ["dog/broken.png", "readme.txt"]);
    assert.match(result.unreadable[1]!.reason, /expected a PNG, JPEG or WebP picture/);
    assert.deepEqual(result.corruptions.map(({ made }) => made), [8, 8, 8]);
    const source = await decodePicture(await Deno.readFile(path("in/cat/b.JPEG")), "b");
    const { rgba } = centerCrop(resizeShorterSide(source, 24), 20);
    const rgb = rgba.filter((_, i) => i % 4 < 3);
    const spec = { suite: "c", corruption: "shot_noise", severity: 3, seed: 2 } as const;
    // Its place among all files, in byte order.
    const expected = corruptPictures({ width: 20, height: 20, rgb }, spec, 1);
    const found = await decodePicture(await Deno.readFile(path("out/shot_noise/3/cat/b.png")), "b");
    assert.deepEqual(found.rgba.filter((_, i) => i % 4 < 3), expected);
    assert.ok(await Deno.stat(path("out/fog/1/dog/pixel.png")));
  }));

Deno.test("a tree goes on where it stopped, and keeps sizes and JPEG names where it is told to", () =>
  withFolder(async (path) => {
    await writePictures(path("in"));
    const source = { images: path("in"), format: "jpeg" } as const;
    await tree(path("in"), path("out"), { source });
    const jpeg = await Deno.readFile(path("out/pixelate/1/cat/b.JPEG"));
    assert.equal((await decodePicture(jpeg, "b")).width, 32);
    await Deno.remove(path("out/pixelate/1/cat/b.JPEG"));
    Deno.writeTextFileSync(path("out/pixelate/1/cat/b.JPEG.tmp-1-1"), "");
    const again = await tree(path("in"), path("out"), { source });
    assert.deepEqual(again.corruptions.map(({ made, kept }) => [made, kept]), [[0, 8], [0, 8], [
      1,
      7,
    ]]);
    assert.deepEqual(await Deno.readFile(path("out/pixelate/1/cat/b.JPEG")), jpeg);
    await assert.rejects(Deno.stat(path("out/pixelate/1/cat/b.JPEG.tmp-1-1")));
    assert.ok(
      (await decodePicture(await Deno.readFile(path("out/fog/3/dog/grey.JPEG")), "")).width ===
        50,
    );
    await assert.rejects(
      tree(path("in"), path("out"), { scale: "imagenet" }),
      /expected scale by size/,
    );
    await Deno.copyFile(path("in/cat/a.png"), path("in/cat/b.png"));
    await assert.rejects(tree(path("in"), path("new")), /found cat\/b\.JPEG and cat\/b\.png/);
    await assert.rejects(tree(path("none"), path("new")), /none: expected a readable folder/);
  }));

Deno.test("frost is read from a folder of the official names, and missing ones are named", () =>
  withFolder(async (path) => {
    await Deno.mkdir(path("frost"));
    const options = { names: ["frost"], frost: path("frost") };
    await assert.rejects(
      arrays(path("data"), path("out"), options),
      /frost: expected .* but found no frost1\.png, no frost2\.png, .* no frost5\.jpg/,
    );
    const white = { width: 90, height: 80, rgba: new Uint8Array(90 * 80 * 4).fill(255) };
    for (const name of ["frost1.png", "frost2.png", "frost3.png", "frost4.jpg", "frost5.jpg"]) {
      await Deno.writeFile(path(`frost/${name}`), encodePng(white));
    }
    await arrays(path("data"), path("out"), options);
    const record = JSON.parse(await Deno.readTextFile(path("out/corrupt.json")));
    assert.match(record.frost, /^[0-9a-f]{64}$/);
    const data = await openDataset("cifar10", path("data"), "test");
    const file = await openNpy(path("out/frost.npy"));
    const found = await file.read(0, 1);
    await file.close();
    // Severity 2 of CIFAR: the picture and 0.3 of white.
    const expected = [...data.rgba.subarray(0, 4096)].filter((_, i) => i % 4 < 3)
      .map((byte) => Math.min(Math.trunc(byte + 0.3 * 255), 255));
    assert.deepEqual([...found], expected);
    await assert.rejects(
      arrays(path("data"), path("out"), { names: ["frost"] }),
      /expected frost \w{64}, .* built-in/,
    );
  }));

Deno.test("corruptPictures() refuses names, severities and pictures that there are not", () =>
  withFolder(async (path) => {
    const spec = { suite: "c", corruption: "fog", severity: 1, seed: 1 } as const;
    const batch = { width: 1, height: 1, rgb: Uint8Array.of(1, 2, 3) };
    assert.throws(() => corruptPictures(batch, { ...spec, corruption: "fgo" }, 0), /found fgo/);
    assert.throws(
      () => corruptPictures(batch, { ...spec, severity: 6 as 5 }, 0),
      /severity of 1 … 5/,
    );
    assert.throws(() => corruptPictures(batch, { ...spec, seed: -1 }, 0), /seed of 0 …/);
    const data = await openDataset("cifar10", path("data"), "test");
    assert.throws(() => corruptBatch(data, spec, 90, 6), /count of 1 … 5 but found 6/);
    assert.throws(() => corruptBatch(data, spec, 95, 1), /first picture of 0 … 94/);
  }));
