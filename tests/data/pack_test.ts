import assert from "node:assert/strict";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { PictureLoader } from "../../lib/data/loader/loader.ts";
import { openPictures } from "../../lib/data/open_pictures.ts";
import { openPack } from "../../lib/data/pack/open_pack.ts";
import {
  encodePreamble,
  encodeTables,
  packFingerprint,
  type PackHeader,
} from "../../lib/data/pack/pack_format.ts";
import { type PackOptions, writePack } from "../../lib/data/pack/write_pack.ts";
import type { PictureSource } from "../../lib/data/picture_source.ts";
import { resizeShorterSide } from "../../lib/data/resize.ts";
import { drawView, planView, type View } from "../../lib/data/view.ts";
import { withFolder } from "./folder.ts";
import { toRgba } from "./golden_pictures.ts";
import { manyFiles, refused, withFiles, withTree } from "./trees.ts";

const evaluation: View = { kind: "evaluation", resize: 36, size: 32 };

/** Packs a tree to a new file in the folder, whose name comes back. */
async function packed(source: PictureSource, folder: string, options: Partial<PackOptions> = {}) {
  const path = join(folder, `${crypto.randomUUID()}.pack`);
  return { path, ...await writePack(source, path, { size: 36, workers: 2, ...options }) };
}

Deno.test("a pack holds every picture of a tree, resized, with its label and name", () =>
  withTree(async (tree, folder) => {
    const done: number[][] = [];
    const { path, header, bytes, skipped } = await packed(tree, folder, {
      progress: (...state) => done.push(state),
    });
    using pack = disposable(openPack(path));
    assert.deepEqual([pack.count, skipped, pack.fingerprint], [23, [], header.fingerprint]);
    assert.equal((await Deno.stat(path)).size, bytes);
    assert.deepEqual(done.at(-1), [23, 0]);
    assert.deepEqual([pack.classes, [...pack.labels]], [tree.classes, [...tree.labels]]);
    for (let i = 0; i < 23; i++) {
      assert.equal(pack.name(i), tree.name(i));
      const { width, height, data } = await tree.read(i);
      const expected = resizeShorterSide({ width, height, rgba: data as Uint8Array }, 36);
      const found = await pack.read(i);
      assert.deepEqual([found.width, found.height], [expected.width, expected.height]);
      assert.deepEqual(toRgba({ data: found.data as Uint8Array }), expected.rgba);
    }
    assert.deepEqual(await names(folder), [path.split("/").at(-1), "tree"]);
  }));

Deno.test("a pack's bytes and fingerprint do not depend on the workers, but on the pictures", () =>
  withTree(async (tree, folder) => {
    const one = await packed(tree, folder, { workers: 1 });
    const three = await packed(tree, folder, { workers: 3 });
    assert.deepEqual(await Deno.readFile(one.path), await Deno.readFile(three.path));
    const other = await packed(tree, folder, { size: 40 });
    assert.notEqual(other.header.fingerprint, one.header.fingerprint);
  }));

Deno.test("a loader gives the same evaluation views of a pack and of its folder", () =>
  withTree(async (tree, folder) => {
    using pack = disposable(openPack((await packed(tree, folder)).path));
    const order = Array.from({ length: 23 }, (_, i) => 22 - i);
    const load = async (source: PictureSource) => {
      using loader = new PictureLoader(source, { view: evaluation, batch: 6, workers: 2 });
      const batches = [];
      for await (const { pictures, labels } of loader.run(order, 0)) {
        batches.push({ pictures: pictures.slice(), labels });
      }
      return batches;
    };
    assert.deepEqual(await load(pack), await load(tree));
    // Training views too are cut from what is stored, three bytes a pixel.
    const training: View = { kind: "training", size: 32, seed: 1 };
    using loader = new PictureLoader(pack, { view: training, batch: 1, workers: 1 });
    const stored = await pack.read(4), output = new Uint8Array(4096);
    drawView(stored, planView(training, stored, 4, 2), output);
    for await (const { pictures } of loader.run([4], 2)) {
      assert.deepEqual(new Uint8Array(pictures), output);
    }
  }));

Deno.test("packing leaves out 1 % of unreadable pictures, and stops at more", () =>
  withFiles(manyFiles(200, (i) => i === 5 || i === 77), async (source, folder) => {
    const { path, header, skipped } = await packed(source, folder, { size: 2 });
    assert.deepEqual([header.count, header.skipped], [198, 2]);
    assert.deepEqual(skipped.map(({ name }) => name), ["first/0005.jpg", "first/0077.jpg"]);
    const pack = openPack(path);
    assert.deepEqual([pack.count, pack.name(5), pack.header.skipped], [198, "first/0006.jpg", 2]);
    await Deno.writeFile(join(source.path, "second/0111.jpg"), new Uint8Array(0));
    const before = await names(folder);
    const message = /^Cannot go on with .* found 3: .*0005.*; .*0077.*; .*0111.*no bytes$/;
    await assert.rejects(packed(source, folder, { size: 2 }), { name: "DataError", message });
    assert.deepEqual(await names(folder), before);
  }));

Deno.test("writePack() leaves nothing behind when it is stopped or cannot write", () =>
  withFiles(manyFiles(120, () => false), async (source, folder) => {
    const options = { size: 2, workers: 2 };
    const there = join(folder, "there");
    for (const last of [30, 120]) {
      const stop = new AbortController();
      const progress = (done: number) => done === last && stop.abort(new Error("enough"));
      const stopped = writePack(source, there, { ...options, progress, signal: stop.signal });
      await assert.rejects(stopped, { message: "enough" });
      assert.deepEqual(await names(folder), ["tree"]);
    }
    // What comes there meanwhile is kept, and so is what another process is writing.
    const other = `${there}.tmp-${Deno.pid}`;
    await Deno.writeTextFile(other, "another's");
    const late = (done: number) => {
      if (done === 30) Deno.writeTextFileSync(there, "meanwhile");
    };
    await assert.rejects(
      writePack(source, there, { ...options, progress: late }),
      /expected nothing there but found a file/,
    );
    assert.equal(await Deno.readTextFile(there), "meanwhile");
    assert.equal(await Deno.readTextFile(other), "another's");
    await Deno.remove(there);
    await Deno.remove(other);
    const write = (path: string) => writePack(source, path, options).catch((e: Error) => e.message);
    assert.match(
      await write(folder) as string,
      /expected nothing there but found a folder; remove/,
    );
    assert.match(
      await write(join(folder, "no/pack")) as string,
      /^Cannot write the pack .*no\/pack: its folder does not exist$/,
    );
    await Deno.writeTextFile(there, "precious");
    assert.match(
      await write(there) as string,
      /expected nothing there but found a file; remove it/,
    );
    assert.equal(await Deno.readTextFile(there), "precious");
  }));

Deno.test("openPack() refuses files that are no pack, or not whole, in one line", () =>
  withTree(async (tree, folder) => {
    const bytes = await Deno.readFile((await packed(tree, folder)).path);
    const file = join(folder, "changed");
    const open = async (content: Uint8Array) => {
      await Deno.writeFile(file, content);
      return openPack(file);
    };
    for (const length of [1, 8, 63, 64, 65, 5000, bytes.length - 1]) {
      await refused(
        open(bytes.subarray(0, length)),
        /that it is cut|cut or damaged|another format$/,
      );
    }
    await refused(open(new Uint8Array(0)), /a pack that layermix pack made but found no bytes$/);
    await refused(
      open(new Uint8Array([...bytes, 0])),
      /expected \d+ bytes but found \d+: it is cut/,
    );
    const flipped = (at: number) => bytes.map((byte, i) => i === at ? byte ^ 16 : byte);
    const found = [
      [0, /another format/],
      [20, /a damaged preamble/],
      [bytes.length - 5, /the header of a pack but found a damaged one/],
      [bytes.length - 400, /the tables that its fingerprint is of but found damaged ones/],
    ] as const;
    for (const [at, message] of found) await refused(open(flipped(at)), message);
    const open2 = (path: string) => Promise.resolve().then(() => openPack(path));
    await refused(open2(join(folder, "none")), /a pack but found nothing there$/);
    await refused(open2(folder), /a folder/);
    await refused(
      openPictures((await packed(tree, folder)).path, { numClasses: 200 }),
      /expected 200 classes but found \d+; make a pack of them with layermix pack --classes imagenet-200,/,
    );
    const damaged = await open(flipped(64 + 3 * 36 * 36 + 10));
    const all = Array.from({ length: 23 }, (_, i) => damaged.read(i).then(() => 0, () => 1));
    assert.equal((await Promise.all(all)).reduce((a, b) => a + b, 0 as number), 1);
    await refused(damaged.read(0).then(() => damaged.read(1)), /the CRC-32 [0-9a-f]{8} but found/);
    damaged.close();
  }));

Deno.test("openPack() takes no memory for what a hostile pack promises", () =>
  withFolder(async (folder) => {
    const file = join(folder, "hostile");
    const write = async (
      lengths: { pictures: number; tables: number },
      header: Partial<PackHeader> | string,
      rest: number,
    ) => {
      const json = new TextEncoder().encode(
        typeof header === "string" ? header : JSON.stringify(header),
      );
      const preamble = encodePreamble({ ...lengths, header: json.length }, json);
      await Deno.writeFile(file, new Uint8Array([...preamble, ...new Uint8Array(rest), ...json]));
      return openPack(file);
    };
    const numbers = { size: 8, count: 2, names: 0, skipped: 0 };
    const header = { version: "1", classes: ["a"], fingerprint: "0", ...numbers };
    await refused(write({ pictures: 2 ** 50, tables: 0 }, header, 0), /cut or damaged$/);
    await refused(write({ pictures: -1, tables: 1 }, header, 0), /impossible lengths$/);
    await refused(write({ pictures: NaN, tables: 1 }, header, 0), /impossible lengths$/);
    await refused(write({ pictures: 0, tables: 0 }, "[1", 0), /found something else$/);
    await refused(write({ pictures: 0, tables: 0 }, { ...header, count: 0 }, 0), /something else$/);
    const many = { ...header, count: 2 ** 40 };
    await refused(
      write({ pictures: 0, tables: 44 }, many, 44),
      /tables of \d+ bytes but found 44$/,
    );
    await refused(write({ pictures: 0, tables: 44 }, header, 44), /but found damaged ones$/);
  }));

for (
  const [what, change, message] of [
    ["a picture that is too large", { index: [8, 8, 0, 4000, 8, 0] }, /a picture of 4000x8/],
    [
      "a picture of another size",
      { index: [8, 8, 0, 9, 9, 0] },
      /9x9, where the shorter side is 8/,
    ],
    ["fewer bytes than pictures need", { index: [8, 8, 0, 9, 8, 0] }, /pictures of 408 bytes/],
    ["a label without a class", { labels: [0, 1] }, /label 1 of 1 classes/],
    ["names behind the end", { offsets: [0, 1, 9] }, /cut names/],
    ["names that overlap", { offsets: [0, 2, 1] }, /names that overlap/],
  ] as const
) {
  Deno.test(`openPack() refuses tables with ${what}, though their fingerprint is right`, () =>
    withFolder(async (folder) => {
      const right = { index: [8, 8, 0, 8, 8, 0], labels: [0, 0], offsets: [0, 1, 2] };
      const { index, labels, offsets } = { ...right, ...change };
      const names = {
        bytes: new Uint8Array(new SharedArrayBuffer(2)),
        offsets: new Uint32Array(new SharedArrayBuffer(12)),
      };
      names.offsets.set(offsets);
      const tables = encodeTables({ index, labels, names }), classes = ["a"];
      const fingerprint = packFingerprint(8, classes, tables);
      const header = {
        version: "1",
        size: 8,
        count: 2,
        classes,
        names: 2,
        skipped: 0,
        fingerprint,
      };
      const json = new TextEncoder().encode(JSON.stringify(header)), pictures = new Uint8Array(384);
      const lengths = { pictures: 384, tables: tables.length, header: json.length };
      const file = join(folder, "pack"), preamble = encodePreamble(lengths, json);
      await Deno.writeFile(file, new Uint8Array([...preamble, ...pictures, ...tables, ...json]));
      await refused(Promise.resolve().then(() => openPack(file)), message);
    }));
}

Deno.test("the preamble's last word is the CRC-32 of what is before it", () => {
  const json = new Uint8Array(3),
    preamble = encodePreamble({ pictures: 1, tables: 2, header: 3 }, json);
  const word = new DataView(preamble.buffer, preamble.byteOffset).getUint32(60, true);
  assert.equal(word, crc32(preamble.subarray(0, 60)));
});

async function names(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

function disposable<Source extends PictureSource>(source: Source): Source & Disposable {
  return { ...source, [Symbol.dispose]: () => source.close() };
}
