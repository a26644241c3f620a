import assert from "node:assert/strict";
import { join } from "node:path";
import { readMixingSet } from "../../lib/data/mixing_set.ts";
import { openPack } from "../../lib/data/pack/open_pack.ts";
import { broken, manyFiles, withFiles, withTree } from "../data/trees.ts";
import { layermix } from "../train/fixture.ts";

Deno.test("layermix pack writes a pack, says so, and says it as JSON", () =>
  withTree(async (tree, folder) => {
    const out = join(folder, "out.pack");
    const made = await layermix("pack", tree.path, out, "--size", "40", "--workers", "2");
    assert.equal(made.code, 0, made.stderr);
    assert.match(made.stdout, /^23 pictures of 3 classes in .*out\.pack, 0\.\d MB, \d+ s\n$/);
    assert.match(made.stderr, /23\/23 pictures, 100 %, .*pictures\/s/);
    const pack = openPack(out);
    assert.deepEqual([pack.count, pack.header.size], [23, 40]);
    await Deno.writeTextFile(join(folder, "list.txt"), "b\n");
    const some = [tree.path, join(folder, "some.pack"), "--classes", join(folder, "list.txt")];
    const { stdout, stderr } = await layermix("pack", ...some, "--size", "40", "--json");
    const { pictures, classes, size, bytes, fingerprint, skipped } = JSON.parse(stdout);
    assert.deepEqual([pictures, classes, size, skipped], [11, 1, 40, []]);
    assert.equal(bytes, (await Deno.stat(some[1]!)).size);
    assert.equal(fingerprint, openPack(some[1]!).fingerprint);
    assert.equal(JSON.parse(stderr.trim().split("\n").at(-1)!).done, 11);
    const quiet = await layermix("pack", tree.path, join(folder, "q.pack"), "--quiet");
    assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
  }));

Deno.test("layermix pack --mixing-set packs pictures at any depth, and passes over other files", () =>
  withFiles({ ...manyFiles(4, () => false), "first/notes.txt": broken }, async (_, folder) => {
    const path = join(folder, "tree"), out = join(folder, "set.pack");
    await Deno.copyFile(join(path, "first/0000.jpg"), join(path, "top.png"));
    await Deno.writeTextFile(join(path, "mixing-set.json"), "{}");
    const made = await layermix("pack", path, out, "--mixing-set", "--size", "8", "--workers", "1");
    assert.equal(made.code, 0, made.stderr);
    assert.match(
      made.stdout,
      /^5 pictures in .*set\.pack, .*; 2 files left out that hold no readable picture: first\/notes/,
    );
    const [packed, whole] = await Promise.all(
      [out, path].map((from) => readMixingSet(from, { size: 8 })),
    );
    assert.deepEqual({ ...packed, skipped: [] }, { ...whole, skipped: [] });
    const both = await layermix("pack", path, "x", "--mixing-set", "--classes", "imagenet-200");
    assert.equal(both.code, 2);
  }));

Deno.test("layermix pack refuses what it cannot do, in one line, and names what it left out", () =>
  withFiles(manyFiles(100, (i) => i === 40), async (tree, folder) => {
    const out = join(folder, "out.pack");
    const left = await layermix("pack", tree.path, out, "--size", "8");
    assert.match(left.stdout, /; 1 file left out that holds no readable picture: first\/0040.jpg/);
    const refused: [string[], number, RegExp][] = [
      [[tree.path], 2, /missing required argument 'out'/],
      [[tree.path, "x", "--size", "4096"], 2, /'--size <pixels>' argument '4096' is invalid/],
      [[tree.path, out], 1, /expected nothing there but found a file; remove it first/],
      [[join(folder, "no"), "x"], 1, /expected a folder of classes but found nothing there/],
      [
        [tree.path, "x", "--classes", "imagenet-200"],
        1,
        /none for n01443537, n01484850, n01494475 and 197/,
      ],
      [[tree.path, join(folder, "no/x")], 1, /Cannot write the pack .*: its folder does not exist/],
    ];
    for (const [args, expected, message] of refused) {
      const { code, stdout, stderr } = await layermix("pack", ...args);
      assert.deepEqual([code, stdout], [expected, ""], stderr);
      assert.match(stderr, message);
      if (code === 1) assert.equal(stderr.trim().split("\n").length, 1, stderr);
    }
  }));

Deno.test({
  name: "Ctrl-C ends layermix pack with code 130 and leaves nothing",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFiles(manyFiles(3000, () => false), async (tree, folder) => {
      const main = new URL("../../cli/main.ts", import.meta.url).pathname;
      const args = ["run", "-A", "--no-check", main, "pack", tree.path, join(folder, "out")];
      const child = new Deno.Command(Deno.execPath(), {
        args: [...args, "--workers", "1", "--size", "256", "--json"],
        stdout: "null",
        stderr: "piped",
      }).spawn();
      const lines = child.stderr.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
      await lines.next();
      child.kill("SIGINT");
      let rest = "";
      for (let line = await lines.next(); !line.done; line = await lines.next()) rest += line.value;
      assert.equal((await child.status).code, 130, rest);
      assert.match(rest, /Interrupted: removing what was written[^]*stopped; nothing was written/);
      assert.deepEqual((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name), [
        "tree",
      ]);
    }),
});
