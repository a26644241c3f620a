import assert from "node:assert/strict";
import { join } from "node:path";
import { encodeSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { decodePicture } from "../../lib/data/picture_file.ts";
import { layermixVersion } from "../../lib/version.ts";
import { layermix, run, withPlace, writeCifar } from "../train/fixture.ts";

Deno.test("--version is the version of deno.json", async () => {
  const { code, stdout } = await layermix("--version");
  assert.deepEqual({ code, stdout }, { code: 0, stdout: `${layermixVersion}\n` });
});

Deno.test("doctor names the adapter and finds that it computes rightly", async () => {
  const { code, stdout } = await layermix("doctor", "--json");
  const { works, problem, adapter } = JSON.parse(stdout);
  assert.deepEqual({ code, works, problem }, { code: 0, works: true, problem: "" });
  assert.ok(adapter.name.length > 0 && adapter.maxBufferSize >= 2 ** 28);
});

Deno.test("evaluate prints the figures, writes results.json and refuses other checkpoints", () =>
  withPlace(async (place) => {
    await run(place, "run", { flags: { epochs: 1 } });
    const file = place.path("run/last.safetensors");
    const evaluate = (...more: string[]) =>
      layermix("evaluate", "cifar", file, "--data-path", place.data, "--no-tune", ...more);
    const { code, stdout, stderr } = await evaluate();
    assert.equal(code, 0, stderr);
    assert.match(stdout, /clean error +\d+\.\d\d %\n[^]*AURRA/);
    const results = JSON.parse(await Deno.readTextFile(place.path("run/results.json")));
    for (
      const figure of [
        "count",
        "error",
        "top5_error",
        "loss",
        "rms",
        "rms_reference",
        "mad",
        "aurra",
        "soft_f1",
      ]
    ) {
      assert.equal(typeof results.suites.clean[figure], "number", figure);
    }
    const refused = async (outcome: ReturnType<typeof layermix>, line: RegExp, expected = 1) => {
      const { code, stderr } = await outcome;
      assert.match(stderr, line);
      assert.deepEqual(
        { code, lines: stderr.trim().split("\n").length },
        { code: expected, lines: 1 },
        stderr,
      );
    };
    await refused(evaluate("--layers", "16"), /expected a network with layers 16 but found 10/);
    await refused(evaluate("--suites", "clena"), /suite "clena".*did you mean clean\?/, 2);
    await writeCifar(place.path("cifar100"), 100);
    const other = ["--dataset", "cifar100", "--data-path", place.path("cifar100")];
    await refused(layermix("evaluate", "cifar", file, ...other), /classes/);
    await Deno.writeFile(file, (await Deno.readFile(file)).subarray(0, 5000));
    await refused(evaluate(), /last\.safetensors/);
    const foreign = new Map([["a", {
      dtype: "F32" as const,
      shape: [1],
      data: new Float32Array(1),
    }]]);
    await Deno.writeFile(file, encodeSafetensors(foreign, {}));
    await refused(
      evaluate("--dataset", "cifar10", "--model", "wrn", "--layers", "10", "--widen-factor", "1"),
      /1 unknown \(a\); 39 missing \(conv1\.weight, /,
    );
  }));

Deno.test("samples writes the grid, prints the plans, and refuses what is not there", () =>
  withPlace(async (place) => {
    const out = place.path("grid.png");
    const args = [
      "samples",
      "--data-path",
      place.data,
      "--mixing-set",
      place.mixing,
      "--index",
      "0,3",
      "--draws",
      "2",
    ];
    const { code, stdout, stderr } = await layermix(...args, "--out", out, "--explain", "json");
    assert.equal(code, 0, stderr);
    const picture = await decodePicture(await Deno.readFile(out), out);
    assert.ok(picture.width > 400 && picture.height > 200);
    const plans = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(plans.map(({ index, epoch }) => [index, epoch]), [[0, 1], [0, 2], [3, 1], [
      3,
      2,
    ]]);
    const far = await layermix(...args, "--index", "44", "--out", out);
    assert.deepEqual([far.code, far.stderr], [
      1,
      "layermix: Cannot draw picture 44: expected an index in 0 … 43 of cifar10\n",
    ]);
    const unwritable = await layermix(...args, "--out", join(place.root, "none", "grid.png"));
    assert.equal(unwritable.code, 1);
    assert.match(unwritable.stderr, /^layermix: Cannot write .*grid\.png/);
  }));
