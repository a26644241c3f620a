import assert from "node:assert/strict";
import { join } from "node:path";
import { imagenet200, readClassList } from "../../lib/data/class_list.ts";
import { openPictureTree } from "../../lib/data/picture_tree.ts";
import { withFolder } from "./folder.ts";
import { goldenPicture, goldenPictures, rgbHash } from "./golden_pictures.ts";
import { png, refused, write } from "./trees.ts";

Deno.test("openPictureTree() lists pictures in the order of torchvision's ImageFolder", () =>
  withFolder(async (folder) => {
    await write(folder, {
      "b/2.JPEG": png,
      "b/10.png": png,
      "b/sub/1.webp": png,
      "b/sub-a/1.jpg": png,
      "b/.hidden.png": png,
      "b/notes.txt": png,
      "B/one.jpeg": png,
      "a/\u{1F600}.png": png,
      "a/\uFFFD.png": png,
      "a/looks-like.png": null,
      ".git/x.png": png,
      "beside.png": png,
    });
    await Deno.symlink("../b", join(folder, "a/link"));
    if (Deno.build.os !== "windows") {
      await new Deno.Command("mkfifo", { args: [join(folder, "B/pipe.png")] }).output();
    }
    await Deno.symlink("..", join(folder, "a/around"));
    const source = await openPictureTree(folder, { classes: ["b", "B"] });
    const names = (from: typeof source) =>
      Array.from({ length: from.count }, (_, i) => from.name(i));
    assert.deepEqual(source.classes, ["B", "b"]);
    const ofB = ["b/10.png", "b/2.JPEG", "b/sub/1.webp", "b/sub-a/1.jpg"];
    // Python: "b/sub" < "b/sub-a" as folders, whatever their files.
    assert.deepEqual(names(source), ["B/one.jpeg", ...ofB]);
    assert.deepEqual([...source.labels], [0, 1, 1, 1, 1]);
    const all = await openPictureTree(folder);
    assert.deepEqual(all.classes, ["B", "a", "b"]);
    const ofA = names(all).filter((name) => name.startsWith("a/"));
    assert.deepEqual(ofA.slice(0, 2), ["a/\uFFFD.png", "a/\u{1F600}.png"]);
    // Once around, up to the folder that the way began in.
    const around = ["beside.png", "B/one.jpeg", ...ofB].map((name) => `a/around/${name}`);
    const linked = ofB.map((name) => `a/link${name.slice(1)}`);
    assert.deepEqual(ofA.slice(2), [...around, ...linked]);
    assert.notEqual(all.fingerprint, source.fingerprint);
    assert.equal(all.fingerprint, (await openPictureTree(folder)).fingerprint);
    await write(folder, { "b/11.png": png });
    assert.notEqual(all.fingerprint, (await openPictureTree(folder)).fingerprint);
  }));

Deno.test("a picture of a tree is read by its content, or an error names it", () =>
  withFolder(async (folder) => {
    const jpeg = goldenPicture("baseline-420.jpg");
    const bomb = new Uint8Array(png);
    new DataView(bomb.buffer).setUint32(16, 20_000);
    new DataView(bomb.buffer).setUint32(20, 20_000);
    await write(folder, {
      "c/0-png.JPEG": png,
      "c/1-jpeg.png": jpeg,
      "c/2-empty.jpg": new Uint8Array(0),
      "c/3-cut.jpg": jpeg.subarray(0, 900),
      "c/4-bomb.png": bomb,
      "c/5-text.jpg": new TextEncoder().encode("a web page, where a picture should be"),
    });
    await Deno.symlink("nothing.jpg", join(folder, "c/6-dangling.jpg"));
    const source = await openPictureTree(folder);
    assert.equal(source.count, 7);
    assert.deepEqual([...(await source.read(0)).data], Array(8).fill(255));
    const { data } = await source.read(1);
    assert.equal(rgbHash(data as Uint8Array), goldenPictures.decoded["baseline-420.jpg"]!.sha256);
    const found = [
      /2-empty.jpg: .* but found no bytes$/,
      /3-cut.jpg: .* but found that it is broken or cut/,
      /4-bomb.png: expected a picture of 1 to 67108864 pixels but found 20000x20000$/,
      /5-text.jpg: .* but found another format$/,
      /6-dangling.jpg: expected a picture file but found nothing there$/,
    ];
    for (const [i, message] of found.entries()) await refused(source.read(2 + i), message);
  }));

Deno.test("openPictureTree() refuses what is no tree of classes, in one line", () =>
  withFolder(async (folder) => {
    const below = (name: string) => join(folder, name);
    await write(folder, {
      "flat/1.jpg": png,
      "some/a/1.jpg": png,
      "some/b": null,
      "some/c/1.txt": png,
      "file/a": png,
      "linked/a/1.jpg": png,
    });
    await Deno.symlink("gone", below("linked/b"));
    await refused(openPictureTree(below("none")), /a folder of classes but found nothing there$/);
    await refused(openPictureTree(below("flat/1.jpg")), /a folder of classes but found a file$/);
    await refused(openPictureTree(below("flat")), /a folder for each class.* but found no folder$/);
    await refused(openPictureTree(below("some")), /some: .* of each class but found none in b, c$/);
    await refused(
      openPictureTree(below("some"), { classes: ["a", "x", "y", "z", "v"] }),
      /a folder for each of 5 classes but found none for x, y, z and 1 more$/,
    );
    await refused(openPictureTree(below("file"), { classes: ["a"] }), /none for a$/);
    await refused(openPictureTree(below("linked")), /linked\/b: .*but found nothing there$/);
    assert.equal((await openPictureTree(below("linked"), { classes: ["a"] })).count, 1);
  }));

/** Root may read anything, unless it gives that up. */
const withoutPrivileges = ["--bounding-set=-dac_override,-dac_read_search", Deno.execPath()];
const canGiveUp =
  new Deno.Command("sh", { args: ["-c", "command -v setpriv"] }).outputSync().success;
if (!canGiveUp) console.log("no setpriv here: what is not permitted is not tested");

Deno.test({
  name: "openPictureTree() and what it opens say where permission is denied",
  ignore: !canGiveUp,
  fn: () =>
    withFolder(async (folder) => {
      await write(folder, { "a/1.jpg": png, "b/1.jpg": png });
      const module = new URL("../../lib/data/picture_tree.ts", import.meta.url);
      const code = `import { openPictureTree } from "${module}";
        const tree = (options) => openPictureTree(${JSON.stringify(folder)}, options);
        await tree({}).catch((error) => console.log(error.message));
        const source = await tree({ classes: ["a"] });
        await source.read(0).catch((error) => console.log(error.message));`;
      for (const name of ["b", "a/1.jpg"]) await Deno.chmod(join(folder, name), 0);
      const config = new URL("../../deno.json", import.meta.url).pathname;
      await Deno.writeTextFile(join(folder, "entry.ts"), code);
      const { stdout, stderr } = await new Deno.Command("setpriv", {
        args: [
          ...withoutPrivileges,
          "run",
          "-A",
          "--no-check",
          "--config",
          config,
          join(folder, "entry.ts"),
        ],
      }).output();
      await Deno.chmod(join(folder, "b"), 0o755);
      const [first, second] = new TextDecoder().decode(stdout).split("\n") as [string, string];
      assert.match(first, /\/b: expected .* found permission denied$/, String(stderr));
      assert.match(second, /1.jpg: expected a picture file but found permission denied$/);
    }),
});

Deno.test("readClassList() knows ImageNet-200 and reads files", () =>
  withFolder(async (folder) => {
    assert.equal((await readClassList("imagenet-200")).length, 200);
    assert.deepEqual([imagenet200[0], imagenet200[199]], ["n01443537", "n12267677"]);
    const file = join(folder, "list.txt");
    await Deno.writeTextFile(file, "# animals\r\nn2 dog\n\n n1\tcat\n");
    assert.deepEqual(await readClassList(file), ["n2", "n1"]);
    await Deno.writeTextFile(file, "n1\nn2\nn1\n");
    await refused(readClassList(file), /each class once but found n1 twice$/);
    await Deno.writeTextFile(file, "\n");
    await refused(readClassList(file), /but found no class in it$/);
    await refused(
      readClassList(join(folder, "none")),
      /expected imagenet-200, imagenet-1k or a file of class names but found nothing there$/,
    );
  }));
