import assert from "node:assert/strict";
import { join } from "node:path";
import { decodePicture } from "../../lib/data/picture_file.ts";
import { withFolder } from "../data/folder.ts";
import { layermix } from "../train/fixture.ts";

Deno.test("quickstart trains, evaluates and draws, and leads on to README's commands", () =>
  withFolder(async (parent) => {
    const folder = join(parent, "quickstart");
    const { code, stdout, stderr } = await layermix(
      ...["quickstart", "--epochs", "1", "--save", folder],
    );
    assert.equal(code, 0, stderr);
    const files = Array.from(Deno.readDirSync(folder), ({ name }) => name);
    for (const name of files) assert(stdout.includes(name), `${name} is told of`);
    const results = JSON.parse(await Deno.readTextFile(join(folder, "results.json")));
    assert.equal(results.suites.clean.count, 1000);
    assert(results.suites.clean.error < 0.95, "chance is 0.9");
    const grid = await decodePicture(
      await Deno.readFile(join(folder, "samples.png")),
      "samples.png",
    );
    assert(grid.width > 8 * 32 && grid.height > 4 * 32);
    const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
    const next = stdout.split("Next, on real pictures")[1]!.match(/^ {2}layermix .*$/gm)!;
    assert.equal(next.length, 5);
    for (const line of next) assert(readme.includes(`\n${line.trim()}\n`), line);

    const again = await layermix("quickstart", "--save", folder);
    assert.equal(again.code, 1);
    assert.match(again.stderr, /^layermix: .*quickstart.*\n$/);
  }));
