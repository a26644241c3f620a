import assert from "node:assert/strict";
import { join } from "node:path";
import { DataError } from "../../lib/data/error.ts";
import { mixingSetFromPictures, readMixingSet } from "../../lib/data/mixing_set.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { withFolder } from "./folder.ts";

const plain = (width: number, height: number, value: number) => ({
  width,
  height,
  rgba: new Uint8Array(width * height * 4).map((_, i) => i % 4 === 3 ? 255 : value),
});

async function write(folder: string, name: string, bytes: Uint8Array): Promise<void> {
  await Deno.mkdir(join(folder, name, ".."), { recursive: true });
  await Deno.writeFile(join(folder, name), bytes);
}

Deno.test("readMixingSet() reads nested folders in byte order, resizes and packs", () =>
  withFolder(async (folder) => {
    await write(folder, "b/deep/one.png", encodePng(plain(20, 10, 1)));
    await write(folder, "b/two.txt", encodePng(plain(8, 24, 2)));
    await write(folder, "B.png", encodePng(plain(16, 16, 3)));
    await write(folder, "b.png", encodePng(plain(8, 8, 4)));
    await write(folder, "\u{1F600}.png", encodePng(plain(8, 8, 5)));
    await write(folder, "\uFFFD.png", encodePng(plain(8, 8, 6)));
    await write(folder, ".hidden.png", encodePng(plain(8, 8, 7)));
    await write(folder, ".git/x.png", encodePng(plain(8, 8, 8)));
    const set = await readMixingSet(folder, { size: 8 });
    const names = ["B.png", "b.png", "b/deep/one.png", "b/two.txt", "\uFFFD.png", "\u{1F600}.png"];
    assert.deepEqual(set.files, names);
    assert.deepEqual([...set.widths], [8, 8, 16, 8, 8, 8]);
    assert.deepEqual([...set.heights], [8, 8, 8, 24, 8, 8]);
    assert.deepEqual([...set.offsets], [0, 64, 128, 256, 448, 512]);
    assert.deepEqual([...set.offsets].map((pixel) => set.rgba[pixel * 4]), [3, 4, 1, 2, 6, 5]);
    assert.equal(set.rgba.length, 576 * 4);
    assert.deepEqual([set.count, set.size, set.skipped], [6, 8, []]);
  }));

Deno.test("readMixingSet() skips and lists what is no picture", () =>
  withFolder(async (folder) => {
    const good = encodePng(plain(8, 8, 4));
    await write(folder, "good.png", good);
    await write(folder, "cut.png", good.subarray(0, good.length - 20));
    await write(folder, "empty.png", new Uint8Array(0));
    await write(folder, "strip.png", encodePng(plain(66, 2, 4)));
    await write(folder, "notes.txt", new TextEncoder().encode("no picture"));
    await Deno.symlink("nowhere.png", join(folder, "dangling.png"));
    const set = await readMixingSet(folder, { size: 8 });
    assert.deepEqual(set.files, ["good.png"]);
    const skipped = new Map(set.skipped.map(({ file, reason }) => [file, reason]));
    const names = ["cut.png", "dangling.png", "empty.png", "notes.txt", "strip.png"];
    assert.deepEqual([...skipped.keys()].sort(), names);
    assert.match(skipped.get("cut.png")!, /cut\.png: .*broken or cut/);
    assert.match(skipped.get("empty.png")!, /found no bytes$/);
    assert.match(skipped.get("strip.png")!, /sides of at most 32 to 1 to resize but found 66x2$/);
  }));

Deno.test("readMixingSet() follows links, and ends where they form a loop", () =>
  withFolder(async (folder) => {
    await write(folder, "a/picture.png", encodePng(plain(8, 8, 4)));
    await Deno.symlink("..", join(folder, "a", "up"));
    await Deno.symlink("self", join(folder, "self"));
    await Deno.symlink("a/picture.png", join(folder, "link.png"));
    const set = await readMixingSet(folder, { size: 8 });
    assert.deepEqual(set.files, ["a/picture.png", "link.png"]);
    assert.deepEqual(set.skipped.map(({ file }) => file), ["self"]);
  }));

Deno.test({
  name: "readMixingSet() does not wait for a named pipe (skipped on Windows)",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withFolder(async (folder) => {
      await write(folder, "picture.png", encodePng(plain(8, 8, 4)));
      await new Deno.Command("mkfifo", { args: [join(folder, "pipe.png")] }).output();
      const { skipped } = await readMixingSet(folder, { size: 8 });
      assert.deepEqual(skipped.map(({ file }) => file), ["pipe.png"]);
    }),
});

Deno.test("readMixingSet() refuses a folder that is missing, is a file or holds no picture", () =>
  withFolder(async (folder) => {
    const refused = (path: string, message: RegExp) =>
      assert.rejects(readMixingSet(path), (error: Error) => {
        assert.ok(error instanceof DataError, String(error));
        assert.match(error.message, message);
        return true;
      });
    await refused(folder, /at least one PNG, JPEG or WebP picture in it but found no file$/);
    await refused(join(folder, "missing"), /missing: expected .* but found nothing there$/);
    await write(folder, "text", new TextEncoder().encode("text"));
    await refused(
      join(folder, "text"),
      /text: expected a pack that layermix pack made but found another format$/,
    );
    await refused(folder, /but found 1 other files \(Cannot read .*text: .*another format\)$/);
  }));

Deno.test("mixingSetFromPictures() equals the same pictures read from files", () =>
  withFolder(async (folder) => {
    const pictures = [{ name: "a", picture: plain(20, 10, 9) }, {
      name: "b",
      picture: plain(9, 9, 1),
    }];
    for (const { name, picture } of pictures) await write(folder, name, encodePng(picture));
    const set = mixingSetFromPictures(pictures, 8);
    assert.deepEqual(set, await readMixingSet(folder, { size: 8 }));
    assert.notEqual(set.fingerprint, mixingSetFromPictures(pictures, 7).fingerprint);
    assert.throws(() => mixingSetFromPictures([], 8), DataError);
  }));

const shared = new URL("../../../shared/data/mixing-set", import.meta.url);
const present = await Deno.stat(shared).then(() => true, () => false);

Deno.test({
  name: "readMixingSet() reads all of the real mixing set (skipped where ../shared/data is absent)",
  ignore: !present,
  async fn() {
    const set = await readMixingSet(shared.pathname, { size: 16 });
    assert.deepEqual([set.count, set.skipped], [118, []]);
  },
});
