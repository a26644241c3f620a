import assert from "node:assert/strict";
import { decodePicture } from "../../lib/data/picture_file.ts";
import { layermix, withPlace } from "../train/fixture.ts";

Deno.test("layermix mixing-set draws a set, says so, and shows it on a sheet", () =>
  withPlace(async ({ path }) => {
    const [folder, sheet] = [path("set"), path("sheet.png")];
    const args = ["mixing-set", folder, "--count", "9", "--size", "32", "--seed", "4"];
    const { code, stdout, stderr } = await layermix(...args, "--contact-sheet", sheet);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^9 pictures in .*set, \d+ % of attempts rejected, /);
    const picture = await decodePicture(await Deno.readFile(`${folder}/00008.png`), "picture");
    assert.deepEqual([picture.width, picture.height], [32, 32]);
    // Eight in a row, two rows.
    const shown = await decodePicture(await Deno.readFile(sheet), "sheet");
    assert.ok(shown.width > 8 * 32 && shown.height > 2 * 32 && shown.height < 4 * 32);
    const again = await layermix(...args, "--json");
    const result = JSON.parse(again.stdout.trim().split("\n").at(-1)!);
    assert.deepEqual([result.drawn, result.kept, result.interrupted], [0, 9, false]);
    const quiet = await layermix(...args, "--quiet");
    assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
  }));

Deno.test("layermix mixing-set refuses what it cannot do, in one line", () =>
  withPlace(async ({ path }) => {
    await Deno.writeTextFile(path("file"), "");
    await Deno.mkdir(path("foreign"));
    await Deno.writeTextFile(path("foreign/notes.txt"), "");
    const refused: [string[], number, RegExp][] = [
      [[path("set"), "--count", "0"], 2, /'--count <n>' argument '0' is invalid/],
      [[path("set"), "--size", "4096"], 2, /'--size <pixels>' argument '4096' is invalid/],
      [[], 2, /missing required argument 'folder'/],
      [[path("file"), "--count", "1"], 1, /expected a folder but found a file/],
      [[path("file/set"), "--count", "1"], 1, /Cannot make the folder .*not a directory/],
      [[path("foreign"), "--count", "1"], 1, /expected an empty folder.*but found notes\.txt/],
      [
        [path("set"), "--count", "1", "--contact-sheet", path("set/sheet.png")],
        1,
        /expected a contact sheet outside of/,
      ],
      [
        [path("set"), "--contact-sheet", path("no/sheet.png")],
        1,
        /Cannot write .*: its folder does not exist/,
      ],
    ];
    for (const [args, expected, message] of refused) {
      const { code, stdout, stderr } = await layermix("mixing-set", ...args);
      assert.deepEqual([code, stdout], [expected, ""], stderr);
      assert.match(stderr, message);
      if (code === 1) assert.equal(stderr.trim().split("\n").length, 1, stderr);
    }
  }));
