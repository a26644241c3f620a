import assert from "node:assert/strict";
import type { BenchRecord } from "../../lib/bench/record.ts";
import { checkWritable } from "../../lib/bench/run.ts";
import { layermix, withPlace } from "../train/fixture.ts";

const tiny = ["bench", "--quick", "--no-tune", "--layers", "10", "--batch-size", "2"];

Deno.test("layermix bench writes what it measured as JSON", () =>
  withPlace(async ({ path }) => {
    const json = path("bench.json");
    const { code, stdout, stderr } = await layermix(...tiny, "--profile", "--out", json);
    assert.deepEqual([code, stderr], [0, ""]);
    const record = JSON.parse(await Deno.readTextFile(json)) as BenchRecord;
    assert(
      stdout.startsWith(`adapter ${record.adapter}\ncommit ${record.commit}, ${record.date};`),
    );
    assert.match(record.commit, /^([0-9a-f]{7,}|\d+\.\d+\.\d+)$/);
    assert.match(record.date, /^\d{4}-\d\d-\d\d$/);
    assert.equal(record.tuned, false);
    assert.deepEqual(record.rows.map(({ name }) => name), [
      "conv3x3_forward",
      "conv3x3_input_gradient",
      "conv3x3_weight_gradient",
      "matmul_1024",
      "augment_layermix_32_b128",
      "step_wrn10_1_b2",
    ]);
    for (const { name, ms, gflops, gbs, ratio } of record.rows) {
      assert.equal(gflops === null, name.startsWith("augment"));
      for (const value of [ms, gflops ?? 1, gbs]) assert(value > 0, name);
      assert.deepEqual(ratio, { tfjs: null, jaxjs: null });
      assert.match(stdout, new RegExp(`^${name} .* -  +-$`, "m"));
    }
    const { kernels, convolutionShare } = record.profiles.step_wrn10_1_b2!;
    assert(kernels.some(({ kernel }) => kernel === "sgd"));
    assert(convolutionShare > 0 && convolutionShare < 1);
  }));

Deno.test("layermix bench says what is wrong before it measures", () =>
  withPlace(async ({ root, path }) => {
    const wrong: [string[], number, RegExp][] = [
      [["--layers", "ten"], 2, /'--layers <n>' argument 'ten' is invalid/],
      [["--batch-size", "0"], 2, /'--batch-size <n>' argument '0' is invalid/],
      [
        ["--adapter", "softwar"],
        2,
        /^layermix: Cannot use the adapter .* did you mean software\?\n$/,
      ],
      [["--layers", "11"], 1, /^layermix: Cannot build a Wide ResNet: [^\n]*11\n$/],
      [["--out", root], 1, /^layermix: Cannot write [^\n]*: it is a folder\n$/],
      [["--out", path("no/bench.json")], 1, /^layermix: [^\n]*: its folder does not exist\n$/],
    ];
    for (const [args, expected, message] of wrong) {
      const { code, stdout, stderr } = await layermix("bench", ...args);
      assert.deepEqual([code, stdout], [expected, ""], args.join(" "));
      assert.match(stderr, message);
    }
    // Whether it can be written is tried before measuring, and leaves all as it was.
    await Deno.writeTextFile(path("earlier.json"), "kept");
    for (const name of ["earlier.json", "new.json"]) await checkWritable(path(name));
    assert.equal(await Deno.readTextFile(path("earlier.json")), "kept");
    await assert.rejects(Deno.stat(path("new.json")), Deno.errors.NotFound);
  }));
