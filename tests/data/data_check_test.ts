import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { checksums } from "../../lib/data/checksums.ts";
import { checkData, type DataFinding } from "../../lib/data/data_check.ts";
import { encodeNpyHeader } from "../../lib/data/npy.ts";
import { corruptions } from "../../lib/robustness/corruptions/suites.ts";
import { goldenFile } from "../golden.ts";
import { layermix } from "../train/fixture.ts";
import { withFolder } from "./folder.ts";

/** A file of the right size, of which nothing is stored. */
async function writeHollow(path: string, type: "|u1" | "<i8", shape: number[]): Promise<void> {
  const header = encodeNpyHeader(type, shape);
  await Deno.writeFile(path, header);
  const size = shape.reduce((a, b) => a * b, type === "|u1" ? 1 : 8);
  await Deno.truncate(path, header.length + size);
}

const right = (findings: DataFinding[]) =>
  findings.filter(({ isRight }) => isRight).map(({ name, found }) => [name, found]);
const wrong = (findings: DataFinding[]) =>
  new Map(findings.filter(({ isRight }) => !isRight).map(({ name, found }) => [name, found]));

Deno.test("checkData() names what is missing, of another shape or out of range in C", () =>
  withFolder(async (out) => {
    const folder = join(out, "CIFAR-10-C"), file = (name: string) => join(folder, name);
    await Deno.mkdir(folder);
    await writeHollow(file("fog.npy"), "|u1", [50_000, 32, 32, 3]);
    await writeHollow(file("snow.npy"), "|u1", [10_000, 32, 32, 3]);
    await writeHollow(file("spatter.npy"), "|u1", [50_000, 32, 32, 3]);
    await writeHollow(file("contrast.npy"), "|u1", [50_000, 32, 32, 3]);
    await Deno.truncate(file("contrast.npy"), 1_000_000);
    await writeHollow(file("labels.npy"), "<i8", [50_000]);
    const findings = await checkData("cifar10-c", out);
    assert.equal(findings.length, 17);
    assert.deepEqual(right(findings), [
      ["fog.npy", "5 severities of 10000 pictures"],
      ["spatter.npy", "5 severities of 10000 pictures"],
      ["labels.npy", "50000 labels of 10 classes"],
    ]);
    assert.equal(
      wrong(findings).get("snow.npy"),
      "expected shape (50000, 32, 32, 3) but found (10000, 32, 32, 3)",
    );
    assert.match(
      wrong(findings).get("contrast.npy")!,
      /^expected 153600000 bytes .* found 999872$/,
    );
    assert.equal(wrong(findings).get("frost.npy"), "expected an npy file but found nothing there");
    const ten = [...encodeNpyHeader("|u1", [50_000]), ...new Uint8Array(50_000).fill(10)];
    await Deno.writeFile(file("labels.npy"), new Uint8Array(ten));
    const labels = async (name: "cifar10-c" | "cifar100-c") =>
      (await checkData(name, folder)).at(-1)!;
    assert.equal((await labels("cifar10-c")).found, "expected labels of 0 … 9 but found 10 at 0");
    assert.equal((await labels("cifar100-c")).isRight, true);
    await writeHollow(file("labels.npy"), "<i8", [49_999]);
    assert.equal((await labels("cifar10-c")).found, "expected 50000 labels but found 49999");
  }));

Deno.test("checkData() wants sequences of P of one length, of two pictures or more", () =>
  withFolder(async (folder) => {
    await writeHollow(join(folder, "tilt.npy"), "|u1", [10_000, 31, 32, 32, 3]);
    await writeHollow(join(folder, "rotate.npy"), "|u1", [10_000, 1, 32, 32, 3]);
    await writeHollow(join(folder, "scale.npy"), "|u1", [9_999, 31, 32, 32, 3]);
    const findings = await checkData("cifar100-p", folder);
    assert.equal(findings.length, 10);
    assert.deepEqual(right(findings), [["tilt.npy", "10000 sequences of 31 pictures"]]);
    assert.equal(
      wrong(findings).get("rotate.npy"),
      "expected sequences of 2 pictures or more but found 1",
    );
    assert.match(
      wrong(findings).get("scale.npy")!,
      /^expected shape \(10000, any, 32, 32, 3\) but/,
    );
  }));

Deno.test("checkData() wants what layermix evaluates and makes of C and P", () =>
  withFolder(async (folder) => {
    for (const suite of ["c", "p"] as const) {
      const findings = await checkData(`cifar10-${suite}`, folder);
      const arrays = findings.map(({ name }) => name).filter((name) => name !== "labels.npy");
      assert.deepEqual(arrays, corruptions(suite).map(({ name }) => `${name}.npy`));
    }
  }));

/** CIFAR-100's official files but for their pictures, which are black, and labels, which are 0. */
async function writeCifar100(folder: string): Promise<void> {
  for (const [name, count] of [["train.bin", 50_000], ["test.bin", 10_000]] as const) {
    await Deno.writeFile(join(folder, name), new Uint8Array(0));
    await Deno.truncate(join(folder, name), count * 3074);
  }
  const names = Array.from({ length: 100 }, (_, i) => `class ${i}\n`).join("");
  await Deno.writeTextFile(join(folder, "fine_label_names.txt"), names);
}

Deno.test("checkData() compares each file of CIFAR with its size, labels and checksum", () =>
  withFolder(async (folder) => {
    await writeCifar100(folder);
    await Deno.mkdir(join(folder, "folder"));
    await Deno.writeTextFile(join(folder, "constructor"), "a name that every object has");
    const sha1 = createHash("sha1").update(new Uint8Array(30_740_000)).digest("hex");
    const md5 = createHash("md5").update(new Uint8Array(153_700_000)).digest("hex");
    const done: number[] = [];
    const known = { "test.bin": sha1, "train.bin": md5, "absent": md5, "folder": md5 };
    const findings = await checkData("cifar100", folder, {
      checksums: known,
      progress: (state) => done.push(state.done / state.total),
    });
    assert.deepEqual(right(findings), [
      ["train.bin", "50000 pictures, of the published MD5"],
      ["train labels", "50000 of 100 classes"],
      ["test.bin", "10000 pictures, of the published SHA-1"],
      ["test labels", "10000 of 100 classes"],
      ["fine_label_names.txt", "100 names"],
    ]);
    assert.equal(wrong(findings).size, 0);
    assert.equal(done.at(-1), 1);
    assert.deepEqual(done, done.toSorted((a, b) => a - b));

    const file = await Deno.open(join(folder, "test.bin"), { write: true });
    await file.seek(3074 * 9 + 1, Deno.SeekMode.Start);
    await file.write(Uint8Array.of(100));
    file.close();
    await Deno.truncate(join(folder, "train.bin"), 49_999 * 3074);
    await Deno.remove(join(folder, "fine_label_names.txt"));
    const changed = await checkData("cifar100", folder, { checksums: known });
    assert.equal(wrong(changed).get("train.bin"), "expected 50000 pictures but found 49999");
    assert.match(wrong(changed).get("test.bin")!, /^expected the SHA-1 \w{40} but found \w{40}$/);
    assert.match(wrong(changed).get("test labels")!, /from 0 to 99 but found 100 in record 9$/);
    assert.match(wrong(changed).get("fine_label_names.txt")!, /100 class names but found /);
    assert.deepEqual(right(changed).map(([name]) => name), ["train labels"]);
    await Deno.remove(join(folder, "train.bin"));
    assert.equal(
      wrong(await checkData("cifar100", folder)).get("train.bin"),
      "expected a file of 3074-byte records but found nothing there",
    );
  }));

Deno.test("checkData() checks the python version too, below another folder", () =>
  withFolder(async (folder) => {
    const inner = join(folder, "cifar-100-python"), file = join(inner, "test");
    await Deno.mkdir(inner);
    await Deno.copyFile(goldenFile("files/cifar100_py2.pkl"), file);
    const findings = wrong(await checkData("cifar100", folder));
    assert.equal(findings.get("test"), "expected 10000 pictures but found 4");
    assert.equal(findings.get("train"), "expected a pickle of pictures but found nothing there");
    assert.deepEqual([...findings.keys()], ["train", "train labels", "test", "meta"]);
  }));

Deno.test("layermix data check lists what it found, and ends with 1 where that is wrong", () =>
  withFolder(async (folder) => {
    await writeCifar100(folder);
    const check = (...flags: string[]) => layermix("data", "check", "cifar100", folder, ...flags);
    const { code, stdout } = await check();
    assert.equal(code, 1);
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, 5);
    assert.equal(
      lines[2],
      `WRONG  test.bin              expected the SHA-1 ${checksums.cifar100["test.bin"]} ` +
        `but found ${createHash("sha1").update(new Uint8Array(30_740_000)).digest("hex")}`,
    );
    assert.equal(lines[3], "ok     test labels           10000 of 100 classes");
    const quiet = await check("--quiet");
    assert.deepEqual([quiet.code, quiet.stderr], [1, ""]);
    assert.deepEqual(quiet.stdout.match(/^\w+ +\S+/gm), ["WRONG  train.bin", "WRONG  test.bin"]);
    const { findings } = JSON.parse((await check("--json")).stdout);
    assert.deepEqual(findings[3], {
      name: "test labels",
      found: "10000 of 100 classes",
      isRight: true,
    });
    const absent = await layermix("data", "check", "cifar10-p", join(folder, "absent"));
    assert.equal(absent.code, 1);
    assert.match(absent.stderr, /^layermix: Cannot read \S+absent: expected a folder of cifar10-p/);
  }));
