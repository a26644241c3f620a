import assert from "node:assert/strict";
import { join } from "node:path";
import { readCifar } from "../../lib/data/cifar.ts";
import { DataError } from "../../lib/data/error.ts";
import { golden, goldenFile } from "../golden.ts";
import { withFolder } from "./folder.ts";

const record = (label: number, value: number) => new Uint8Array(3073).fill(value).fill(label, 0, 1);

/** Planes (red, green, blue) of the picture `index` from interleaved pixels. */
function planes(rgba: Uint8Array, index: number): Uint8Array {
  return Uint8Array.from({ length: 3072 }, (_, i) => {
    return rgba[(index * 1024 + i % 1024) * 4 + Math.floor(i / 1024)]!;
  });
}

for (
  const [dataset, file, labels] of [
    ["cifar10", "test_batch.bin", [2, 5, 7, 3]],
    ["cifar100", "test.bin", [3, 93, 80, 71]],
  ] as const
) {
  Deno.test(`readCifar() reads the golden records of ${dataset}`, () =>
    withFolder(async (folder) => {
      await Deno.copyFile(goldenFile(`files/${dataset}.bin`), join(folder, file));
      const data = await readCifar(folder, dataset, "test");
      assert.deepEqual([...data.labels], labels);
      assert.deepEqual([data.count, data.width, data.height], [4, 32, 32]);
      assert.equal(data.classes.length, dataset === "cifar10" ? 10 : 100);
      assert.equal(data.classes[1], "1");
      const { data: pixels } = golden("files").get("cifar/pixels")!;
      for (let i = 0; i < 4; i++) {
        assert.deepEqual(planes(data.rgba, i), pixels.subarray(i * 3072, (i + 1) * 3072));
      }
      assert.ok(data.rgba.every((byte, i) => i % 4 !== 3 || byte === 255));
    }));
}

Deno.test("readCifar() joins the train batches that are there, below the official folder", () =>
  withFolder(async (folder) => {
    const inner = join(folder, "cifar-10-batches-bin");
    await Deno.mkdir(inner);
    await Deno.writeFile(join(inner, "data_batch_5.bin"), record(9, 50));
    await Deno.writeFile(
      join(inner, "data_batch_2.bin"),
      new Uint8Array([...record(1, 20), ...record(2, 30)]),
    );
    const names = ["plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    await Deno.writeTextFile(join(inner, "batches.meta.txt"), names.join("\r\n") + "\r\n\r\n");
    const data = await readCifar(folder, "cifar10", "train");
    assert.deepEqual([...data.labels], [1, 2, 9]);
    assert.deepEqual([data.rgba[0], data.rgba[4096], data.rgba[8192]], [20, 30, 50]);
    assert.deepEqual(data.classes, names);
    const before = data.fingerprint;
    assert.match(before, /^[0-9a-f]{64}$/);
    await Deno.writeFile(join(inner, "data_batch_5.bin"), record(8, 50));
    assert.notEqual((await readCifar(folder, "cifar10", "train")).fingerprint, before);
  }));

Deno.test("readCifar() refuses a file cut in the middle of a record", () =>
  withFolder(async (folder) => {
    const path = join(folder, "test_batch.bin");
    await Deno.copyFile(goldenFile("files/cifar10_truncated.bin"), path);
    await refused(folder, /test_batch\.bin: .*size 10719 is not a multiple of 3073$/);
  }));

Deno.test("readCifar() refuses an empty file, a wrong label and wrong class names", () =>
  withFolder(async (folder) => {
    const path = join(folder, "test_batch.bin");
    await Deno.writeFile(path, new Uint8Array(0));
    await refused(folder, /test_batch\.bin: expected .* but found an empty file$/);
    await Deno.writeFile(path, new Uint8Array([...record(9, 1), ...record(10, 1)]));
    await refused(folder, /test_batch\.bin: expected labels from 0 to 9 but found 10 in record 1$/);
    await Deno.writeFile(path, record(0, 1));
    await Deno.writeTextFile(join(folder, "batches.meta.txt"), "plane\ncar\n");
    await refused(folder, /batches\.meta\.txt: expected 10 class names but found 2$/);
  }));

Deno.test("readCifar() refuses a folder that is missing, is a file or holds no batch", () =>
  withFolder(async (folder) => {
    await refused(folder, /at least one of test_batch\.bin .* but found none$/);
    await refused(join(folder, "missing"), /missing: expected a folder but found nothing there$/);
    await Deno.writeTextFile(join(folder, "file"), "text");
    await refused(join(folder, "file"), /file: expected a folder but found a file$/);
    await Deno.mkdir(join(folder, "test_batch.bin"));
    await refused(folder, /test_batch\.bin: expected .* but found no file$/);
  }));

async function refused(folder: string, message: RegExp): Promise<void> {
  await assert.rejects(readCifar(folder, "cifar10", "test"), (error: Error) => {
    assert.ok(error instanceof DataError, String(error));
    assert.match(error.message, /^Cannot read [^\n]+$/);
    assert.match(error.message, message);
    return true;
  });
}

const shared = new URL("../../../shared/data/", import.meta.url);
const present = await Deno.stat(shared).then(() => true, () => false);

Deno.test({
  name: "readCifar() reads the real CIFAR-100 prefix (skipped where ../shared/data is absent)",
  ignore: !present,
  async fn() {
    const folder = new URL("cifar100-exact", shared).pathname;
    const data = await readCifar(folder, "cifar100", "test");
    assert.equal(data.count * 3074, (await Deno.stat(join(folder, "test.bin"))).size);
    assert.deepEqual(data.classes.slice(0, 2), ["apple", "aquarium_fish"]);
    assert.equal(data.classes[data.labels[0]!], "mountain");
  },
});
