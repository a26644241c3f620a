import assert from "node:assert/strict";
import { methodNames, methods } from "../../lib/augment/methods.ts";
import { decodePicture, encodePng } from "../../lib/data/picture_file.ts";
import { digest, layermix, withPlace } from "../train/fixture.ts";

Deno.test("layermix samples draws the same bytes again, and others of another seed or epoch", () =>
  withPlace(async (place) => {
    const out = place.path("grid.png");
    const draw = async (...more: string[]) => {
      const args = ["--mixing-set", place.mixing, "--index", "0, 43", "--draws", "1", "--out", out];
      const drawn = await layermix("samples", "--data-path", place.data, ...args, ...more);
      assert.deepEqual([drawn.code, drawn.stderr], [0, `written to ${out}\n`]);
      return digest(await Deno.readFile(out));
    };
    const first = await draw();
    assert.equal(await draw("--seed", "1", "--epoch", "1"), first);
    assert.notEqual(await draw("--seed", "2"), first);
    assert.notEqual(await draw("--epoch", "2"), first);
  }));

Deno.test("layermix samples asks for a mixing set where a method that was named needs one", () =>
  withPlace(async ({ data, path }) => {
    const args = ["samples", "--data-path", data, "--draws", "1", "--out", path("grid.png")];
    for (const more of [[], ["--methods", "baseline,layermix"]]) {
      const { code, stderr } = await layermix(...args, ...more);
      assert.equal(code, 1);
      assert.match(stderr, /^layermix: [^\n]*layermix needs a mixing set[^\n]*\n$/);
    }
    assert.equal((await layermix(...args, "--method", "baseline")).code, 0);
  }));

Deno.test("layermix samples --methods all draws and explains each, with a mixing set or without", () =>
  withPlace(async ({ data, mixing, path }) => {
    const out = path("grid.png");
    const args = ["samples", "--data-path", data, "--methods", "all", "--index", "4", "--out", out];
    const all = await layermix(...args, "--mixing-set", mixing, "--draws", "1", "--explain");
    assert.deepEqual([all.code, all.stderr], [0, `written to ${out}\n`]);
    const heads = all.stdout.split("\n").filter((line) => /^\S/.test(line));
    assert.deepEqual(heads.map((line) => line.split(" ")[0]), [...methodNames]);
    assert.match(heads[0]!, /^layermix of picture 4 \(.+\), seed 1, epoch 1, 32 x 32 pixels$/);

    const some = await layermix(...args, "--explain", "json");
    const left = methodNames.filter((name) => methods[name].mixing);
    const note = `without --mixing-set, left out: ${left.join(", ")}\n`;
    assert.deepEqual([some.code, some.stderr], [0, `${note}written to ${out}\n`]);
    const lines = some.stdout.trim().split("\n").map((line) => JSON.parse(line));
    const rest = methodNames.filter((name) => !left.includes(name));
    assert.deepEqual(lines.map(({ method, epoch }) => [epoch, method]), [
      ...rest.map((name) => [1, name]),
      ...rest.map((name) => [2, name]),
    ]);
  }));

Deno.test("layermix samples --images draws files, and --frames their stages", () =>
  withPlace(async ({ mixing, path }) => {
    const files = [path("one pixel.png"), path("small.png")];
    const size = { width: 1, height: 1 };
    await Deno.writeFile(files[0]!, encodePng({ ...size, rgba: Uint8Array.of(9, 99, 200, 255) }));
    const rgba = new Uint8Array(4 * 20 * 10).fill(50);
    await Deno.writeFile(files[1]!, encodePng({ width: 20, height: 10, rgba }));
    const [out, frames] = [path("grid.png"), path("frames")];
    const methods = ["--methods", "layermix,augmix", "--mixing-set", mixing, "--draws", "1"];
    const args = [...methods, "--size", "own", "--out", out, "--frames", frames];
    const { code, stderr } = await layermix("samples", "--images", ...files, ...args);
    const names = [...Deno.readDirSync(frames)].map(({ name }) => name).sort();
    assert.deepEqual([code, stderr], [
      0,
      `written to ${out}\n${names.length} frames written to ${frames}\n`,
    ]);
    assert(names.length >= 8, `${names}`);
    assert.equal(names[0], "00000-one-pixel.png_augmix_epoch-0001_000-original.png");
    for (const name of names) {
      const { width, height } = await decodePicture(await Deno.readFile(`${frames}/${name}`), name);
      assert.deepEqual([width, height], name.startsWith("00000") ? [1, 1] : [20, 10]);
    }
    await decodePicture(await Deno.readFile(out), out);
  }));

Deno.test("layermix samples refuses flags that exclude each other, with code 2", async () => {
  const wrong: [string, string][] = [
    ["--images a.png --dataset shapes", "Cannot use --images with --dataset: expected one of them"],
    ["--images a.png --index 0", "Cannot use --images with --index: expected one of them"],
    ["--methods all --method augmix", "Cannot use --methods with --method: expected one of them"],
    ["--size 64", "Cannot use --size: expected picture files, given with --images"],
  ];
  for (const [line, message] of wrong) {
    const { code, stdout, stderr } = await layermix("samples", ...line.split(" "));
    assert.deepEqual([code, stdout, stderr], [2, "", `layermix: ${message}\n`]);
  }
});

Deno.test("layermix samples says in one line what it cannot read, draw or write", () =>
  withPlace(async ({ root, data, path }) => {
    const baseline = ["--data-path", data, "--method", "baseline", "--index", "0"];
    const wrong: [string[], RegExp][] = [
      [["--methods", "augmix,pixmx"], /Cannot use the method "pixmx": .*did you mean pixmix\?$/],
      [
        ["--data-path", data, "--index", "44"],
        /picture 44: expected an index in 0 … 43 of cifar10$/,
      ],
      [["--images", root], /Cannot read .*: expected a picture file but found a folder$/],
      [[...baseline, "--out", path("no/grid.png")], /Cannot write .*: its folder does not exist$/],
      [[...baseline, "--out", root], /Cannot write .*: it is a folder$/],
      [
        [...baseline, "--frames", root],
        /Cannot write frames to .*: expected a new or empty folder/,
      ],
    ];
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await layermix("samples", ...args);
      assert.deepEqual([code, stdout], [args[0] === "--methods" ? 2 : 1, ""], `${args}`);
      assert.match(stderr, /^layermix: [^\n]*\n$/);
      assert.match(stderr.trim(), message);
    }
  }));
