import assert from "node:assert/strict";
import { join } from "node:path";
import { readCifar } from "../../lib/data/cifar.ts";
import { DataError } from "../../lib/data/error.ts";
import { Stream } from "../../lib/random/stream.ts";
import { goldenFile } from "../golden.ts";
import { ascii, goldenPickles } from "../pickle/values.ts";
import { withFolder } from "./folder.ts";

const goldenBytes = (name: string) => Deno.readFileSync(goldenFile(`files/${name}`));

/** A pickle of a dictionary with a list of short strings, as Python 2 wrote it. */
function namesPickle(key: string, names: string[]): Uint8Array<ArrayBuffer> {
  const text = (value: string) => `U${String.fromCharCode(value.length)}${value}`;
  return ascii(`}${text(key)}](${names.map(text).join("")}es.`);
}

for (
  const [dataset, pickle, version] of [
    ["cifar10", "cifar10_py2.pkl", "Python 2"],
    ["cifar10", "cifar10_py3.pkl", "Python 3"],
    ["cifar100", "cifar100_py2.pkl", "Python 2"],
  ] as const
) {
  Deno.test(`readCifar() reads pickles of ${dataset} from ${version} like its binary version`, () =>
    withFolder(async (folder) => {
      const names = Array.from({ length: dataset === "cifar10" ? 10 : 100 }, (_, i) => `name ${i}`);
      const [binary, python, parent] = ["binary", "python", "parent"].map((name) =>
        join(folder, name)
      ) as [string, string, string];
      const inner = join(
        parent,
        dataset === "cifar10" ? "cifar-10-batches-py" : "cifar-100-python",
      );
      for (const path of [binary, python, parent, inner]) await Deno.mkdir(path);
      const [batch, meta, key, lines] = dataset === "cifar10"
        ? ["test_batch", "batches.meta", "label_names", "batches.meta.txt"]
        : ["test", "meta", "fine_label_names", "fine_label_names.txt"] as const;
      await Deno.writeFile(join(binary, `${batch}.bin`), goldenBytes(`${dataset}.bin`));
      await Deno.writeTextFile(join(binary, lines), names.join("\n"));
      for (const path of [python, inner]) {
        await Deno.writeFile(join(path, batch), goldenBytes(pickle));
        await Deno.writeFile(join(path, meta), namesPickle(key, names));
      }
      const expected = await readCifar(binary, dataset, "test");
      assert.equal(expected.classes[7], "name 7");
      assert.deepEqual(await readCifar(python, dataset, "test"), expected);
      assert.deepEqual(await readCifar(parent, dataset, "test"), expected);
    }));
}

for (const [protocol, bytes] of goldenPickles("cifar")) {
  Deno.test(`readCifar() reads a batch of protocol ${protocol}, with its keys as bytes`, () =>
    withFolder(async (folder) => {
      await Deno.writeFile(join(folder, "data_batch_3"), bytes);
      const data = await readCifar(folder, "cifar10", "train");
      assert.deepEqual([...data.labels], [6]);
      assert.deepEqual(
        [...data.rgba.subarray(0, 8)],
        [0, 1024 * 7 % 251, 2048 * 7 % 251, 255, 7, 1025 * 7 % 251, 2049 * 7 % 251, 255],
      );
      assert.deepEqual(data.missing, [1, 2, 4, 5].map((number) => `data_batch_${number}`));
      assert.equal(data.classes[1], "1");
    }));
}

async function refused(folder: string, message: RegExp): Promise<void> {
  await assert.rejects(readCifar(folder, "cifar10", "test"), (error: Error) => {
    assert(error instanceof DataError, String(error));
    assert.match(error.message, /^Cannot read [^\n]+: expected [^\n]+ but found [^\n]+$/);
    assert.match(error.message, message);
    return true;
  });
}

Deno.test("readCifar() refuses a pickle that names code, and runs nothing", () =>
  withFolder(async (folder) => {
    await Deno.copyFile(goldenFile("files/evil_raw.pkl"), join(folder, "test_batch"));
    await refused(folder, /test_batch: .*layermix refuses to run posix\.system$/);
    for (const place of [folder, Deno.cwd()]) {
      assert.equal(await Deno.stat(join(place, "pwned")).catch(() => "absent"), "absent");
    }
  }));

Deno.test("readCifar() refuses pickles that are no batch, and says how", () =>
  withFolder(async (folder) => {
    const path = join(folder, "test_batch");
    const array = (shape: string, bytes: string) =>
      `cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\0\x85U\x01btR(K\x01${shape}` +
      `cnumpy\ndtype\nU\x02u1\x85R\x89${bytes}tb`;
    const picture = array("K\x01M\0\x0c\x86", `T\0\x0c\0\0${"p".repeat(3072)}`);
    const cases: [string, RegExp][] = [
      ["", /an empty file/],
      ["].", /a pickle of 3072-byte pictures and their labels but found a list/],
      ["}.", /found no data/],
      ["}U\x04dataU\x01xs.", /found 1 bytes data/],
      [`}U\x04data${array("K\x02\x85", "U\x02ab")}s.`, /data of shape \[2\] and type u1/],
      [`}U\x04data${array("K\0M\0\x0c\x86", "U\0")}s.`, /no picture/],
      [`}U\x04data${picture}s.`, /no list of labels/],
      [`}(U\x04data${picture}U\x06labels]u.`, /0 labels of 1 pictures/],
      [`}(U\x04data${picture}U\x06labels]Nau.`, /labels that are no numbers/],
      [`}(U\x04data${picture}U\x06labels]K\x0aau.`, /labels from 0 to 9 but found 10 in record 0/],
      [`}(U\x04data${picture}U\x06labels]I-1\nau.`, /found -1 in record 0/],
      [`}(U\x04data${picture}U\x06labels]G${"\x3f\xf8" + "\0".repeat(6)}au.`, /found 1\.5 in/],
    ];
    for (const [text, message] of cases) {
      await Deno.writeFile(path, ascii(text));
      await refused(folder, message);
    }
    await Deno.copyFile(goldenFile("files/cifar10_py2.pkl"), path);
    const meta = join(folder, "batches.meta");
    await Deno.writeFile(meta, namesPickle("label_names", ["plane"]));
    await refused(folder, /batches\.meta: expected a pickle of 10 class names but found 1$/);
    await Deno.writeFile(meta, namesPickle("names", []));
    await refused(folder, /batches\.meta: .* no list of label_names$/);
    await Deno.remove(path);
    await Deno.mkdir(path);
    await refused(folder, /test_batch: .* but found no file$/);
  }));

Deno.test("readCifar() either reads or refuses pickles that are cut or damaged", () =>
  withFolder(async (folder) => {
    const path = join(folder, "test_batch");
    const whole = goldenBytes("cifar10_py3.pkl");
    const draws = new Stream(3, 1);
    let refusals = 0;
    for (let round = 0; round < 400; round++) {
      const length = round < 100 ? draws.integer(whole.length) : whole.length;
      const bytes = whole.slice(0, length);
      // The pictures' bytes hold no instruction: most changes are made outside of them.
      for (let change = draws.integer(4); change >= 0 && length > 300; change--) {
        const at = draws.integer(300);
        bytes[draws.integer(2) ? at : length - 1 - at] = draws.integer(256);
      }
      await Deno.writeFile(path, bytes);
      await readCifar(folder, "cifar10", "test").catch((error: Error) => {
        assert(error instanceof DataError, String(error));
        assert.match(error.message, /^Cannot read [^\n]*test_batch: [^\n]+$/);
        refusals++;
      });
    }
    assert(refusals > 150, `only ${refusals} were refused`);
  }));
