import assert from "node:assert/strict";
import { encodePng } from "../../lib/data/picture_file.ts";
import { openNpy } from "../../lib/data/npy.ts";
import { command, ended, layermix, withPlace } from "../train/fixture.ts";

Deno.test("layermix corrupt writes a set, says so, keeps it, and is quiet", () =>
  withPlace(async ({ data, path }) => {
    const args = ["corrupt", "c", "--dataset", "cifar10", "--data-path", data, "--out", path("c")];
    const some = [...args, "--corruptions", "frost,fog", "--severities", "5,1,5", "--seed", "3"];
    const first = await layermix(...some);
    assert.equal(first.code, 0, first.stderr);
    assert.match(
      first.stdout,
      /^80 pictures of 2 corruptions in .*c, slowest \w+ \([\d.]+ pictures\/s\), \d+ s\nfrost: layermix's own/,
    );
    assert.match(first.stderr, /fog 40\/40 pictures, 100 %/);
    const file = await openNpy(path("c/fog.npy"), { types: ["|u1"], shape: [40, 32, 32, 3] });
    await file.close();
    const again = JSON.parse((await layermix(...some, "--json")).stdout);
    assert.deepEqual(
      again.corruptions.map(({ name, kept }: { name: string; kept: number }) => [name, kept]),
      [
        ["frost", 40],
        ["fog", 40],
      ],
    );
    const quiet = await layermix(...some, "--quiet");
    assert.deepEqual([quiet.code, quiet.stdout, quiet.stderr], [0, "", ""]);
    const record = JSON.parse(await Deno.readTextFile(path("c/corrupt.json")));
    assert.deepEqual(
      [record.suite, record.seed, record.scale, record.frost, record.severities, record.count],
      ["c", 3, "cifar", "built-in", [1, 5], 20],
    );
  }));

Deno.test("layermix corrupt names and counts the files of a folder that are no pictures", () =>
  withPlace(async ({ path, mixing }) => {
    await Deno.writeTextFile(`${mixing}/notes.txt`, "no picture");
    const args = [
      "corrupt",
      "c",
      "--images",
      mixing,
      "--out",
      path("c"),
      "--resize",
      "20",
      "--crop",
      "16",
    ];
    const { code, stdout, stderr } = await layermix(...args, "--corruptions", "contrast");
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^20 pictures of 1 corruption in .*\nleft out, .*: 1 file\n {2}notes\.txt: /,
    );
  }));

Deno.test("layermix corrupt refuses what it cannot do, in one line", () =>
  withPlace(async ({ root, data, mixing, path }) => {
    await Deno.writeFile(path("file"), encodePng({ width: 1, height: 1, rgba: new Uint8Array(4) }));
    await Deno.mkdir(path("frost"));
    const set = ["--dataset", "cifar10", "--data-path", data, "--out", path("c")];
    const tree = ["--images", mixing, "--out", path("c")];
    const refused: [string[], number, RegExp][] = [
      [["c", ...set, "--corruptions", "fgo"], 2, /the corruption "fgo".*did you mean fog\?/],
      [["c", ...set, "--severities", "0"], 2, /'--severities <numbers>' argument '0' is invalid/],
      [["c", ...set, "--severities", "1,6"], 2, /argument '1,6' is invalid/],
      [["d", ...set], 2, /the suite "d": expected c/],
      [["c", "--dataset", "shapes"], 2, /required option '--out <folder>' not specified/],
      [["c", "--out", root], 2, /give either --dataset or --images/],
      [["c", ...set, "--images", mixing], 2, /give either --dataset or --images/],
      [["c", ...set, "--crop", "8"], 2, /only --images/],
      [["c", ...tree, "--no-resize", "--crop", "8"], 2, /--no-resize with --crop/],
      [["c-bar", ...tree, "--no-resize"], 2, /--no-resize with c-bar: give --scale/],
      [["c-bar", ...set, "--corruptions", "perlin_noise"], 2, /the corruption "perlin_noise"/],
      [["c-bar", ...set, "--corruptions", "validation"], 2, /c-bar has none for validation/],
      [["p", ...set, "--severities", "1,2"], 2, /--severities 1,2 with p: expected one of 1 … 3/],
      [["p", ...tree, "--format", "jpeg"], 2, /--format with p/],
      [["c", ...tree, "--resize", "100"], 2, /at most the 100 pixels of --resize but found 224/],
      [["c", ...set, "--frost", path("frost")], 1, /frost: expected .* but found no frost1\.png/],
      [["c", "--dataset", "cifar10", "--out", path("c")], 1, /with --data-path/],
      [
        ["c", "--dataset", "shapes", "--out", path("file")],
        1,
        /expected a folder but found a file/,
      ],
      [
        ["c", "--dataset", "shapes", "--out", data],
        1,
        /expected an empty folder, or one with corrupt\.json/,
      ],
      [["c", "--images", path("none"), "--out", path("c")], 1, /none: expected a readable folder/],
      [
        ["c", "--images", path("frost"), "--out", path("c")],
        1,
        /expected pictures in it but found no file/,
      ],
    ];
    for (const [args, expected, message] of refused) {
      const { code, stdout, stderr } = await layermix("corrupt", ...args);
      assert.deepEqual([code, stdout], [expected, ""], stderr);
      assert.match(stderr, message);
      if (code === 1) assert.equal(stderr.trim().split("\n").length, 1, stderr);
    }
  }));

Deno.test("Ctrl-C ends layermix corrupt with code 130 and whole files only, and it goes on", () =>
  withPlace(async ({ path }) => {
    const args = ["corrupt", "c", "--dataset", "shapes", "--out", path("c"), "--workers", "1"];
    const child = command(args).spawn();
    while (!await Deno.stat(path("c/gaussian_noise.npy")).then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    child.kill("SIGINT");
    const { code, stdout } = ended(await child.output());
    assert.equal(code, 130);
    assert.match(stdout, /; run it again to go on\n/);
    const names = [...Deno.readDirSync(path("c"))].map(({ name }) => name);
    assert.ok(names.length < 17 && names.every((name) => !name.includes("tmp")), names.join());
    const again = await layermix(...args, "--corruptions", "gaussian_noise", "--json");
    assert.equal(JSON.parse(again.stdout).corruptions[0].kept, 5000);
  }));
