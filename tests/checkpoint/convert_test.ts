import assert from "node:assert/strict";
import { join } from "node:path";
import { readCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { convertWeights, summarizeWeights } from "../../lib/checkpoint/convert.ts";
import { CheckpointError } from "../../lib/checkpoint/error.ts";
import { readWeights } from "../../lib/checkpoint/read_weights.ts";
import {
  decodeSafetensors,
  encodeSafetensors,
  type StoredTensor,
} from "../../lib/checkpoint/safetensors.ts";
import { withFolder } from "../data/folder.ts";
import { goldenFile } from "../golden.ts";
import { goldenStateDict } from "./torch_fixture.ts";

const old = goldenFile("files/ckpt_old.pth.tar").pathname;
const floats = (...values: number[]): StoredTensor => ({
  dtype: "F32",
  shape: [values.length],
  data: Float32Array.from(values),
});

Deno.test("convertWeights() keeps names, shapes and numbers, each where PyTorch can map it", () =>
  withFolder(async (folder) => {
    const file = join(folder, "out.safetensors");
    const summary = await convertWeights(old, file);
    const bytes = await Deno.readFile(file);
    const { tensors, metadata } = decodeSafetensors(bytes, file);
    const expected = goldenStateDict();
    assert.equal(tensors.size, expected.size);
    for (const [name, tensor] of expected) assert.deepEqual(tensors.get(name), tensor);
    assert.deepEqual(metadata, { format: "pt" });
    let at = 0;
    for (const { data } of tensors.values()) {
      assert.equal(at % data.BYTES_PER_ELEMENT, 0);
      at += data.byteLength;
    }
    assert.deepEqual(
      [summary.parameters, summary.buffers, summary.tensors.length, summary.foundAt],
      [82, 1, 12, "state_dict"],
    );
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["out.safetensors"]);
  }));

Deno.test("convertWeights() leaves momenta out of a checkpoint, and keeps its header", () =>
  withFolder(async (folder) => {
    const [input, output] = [join(folder, "in"), join(folder, "out")];
    const header = JSON.stringify({
      ...{ dataset: "shapes", classes: ["a"], width: 32, height: 32 },
      ...{ model: { name: "wrn", layers: 10, widenFactor: 1, classes: 1 }, settings: {} },
      progress: { step: 3 },
    });
    const tensors = new Map([
      ["w", floats(1, 2)],
      ["bn.running_var", floats(3)],
      ["optimizer.momentum.w", floats(4, 5)],
    ]);
    await Deno.writeFile(input, encodeSafetensors(tensors, { layermix: "0.1.0", header }));
    const summary = await convertWeights(input, output);
    assert.deepEqual([summary.leftOut, summary.parameters, summary.buffers], [
      ["optimizer.momentum.w"],
      2,
      1,
    ]);
    const read = await readCheckpoint(output);
    assert.deepEqual([...read.tensors], [...tensors].slice(0, 2));
    assert.deepEqual(read.header, JSON.parse(header));
    const kept = await convertWeights(input, output, { keepOptimizer: true });
    assert.deepEqual([kept.tensors.length, kept.parameters, kept.leftOut], [3, 2, []]);
    assert.deepEqual([...(await readCheckpoint(output)).tensors], [...tensors]);
  }));

Deno.test("convertWeights() makes fractions the dtype that is asked for, and nothing infinite", () =>
  withFolder(async (folder) => {
    const [input, output] = [join(folder, "in"), join(folder, "out")];
    const summary = await convertWeights(old, output, { dtype: "BF16" });
    const types = new Set(summary.tensors.map(({ dtype }) => dtype));
    assert.deepEqual(types, new Set(["BF16", "I64", "U8", "BOOL"]));
    const before = await Deno.readFile(output);
    const write = (tensor: StoredTensor) =>
      Deno.writeFile(input, encodeSafetensors(new Map([["w", tensor]]), {}));
    await write(floats(1, -70_000, Infinity));
    await assert.rejects(convertWeights(input, output, { dtype: "F16" }), {
      name: "CheckpointError",
      message: `Cannot write ${output}: expected numbers that F16 holds but found -70000 in "w"`,
    });
    await write({ dtype: "F64", shape: [1], data: Float64Array.of(1e300) });
    await assert.rejects(convertWeights(input, output, { dtype: "F32" }), /found 1e\+300 in "w"$/);
    assert.deepEqual(await Deno.readFile(output), before);
    await write(floats(Infinity, NaN));
    await convertWeights(input, output, { dtype: "F16" });
  }));

Deno.test("convertWeights() writes neither over its input nor after a bad one", () =>
  withFolder(async (folder) => {
    const [input, link, hard, output] = ["in", "link", "hard", "out"].map((name) =>
      join(folder, name)
    ) as [string, string, string, string];
    await Deno.copyFile(old, input);
    await Deno.symlink(input, link);
    await Deno.link(input, hard);
    for (const path of [input, join(folder, ".", "in"), link, hard]) {
      await assert.rejects(convertWeights(input, path), (error: Error) => {
        assert(error instanceof CheckpointError);
        assert.match(error.message, /^Cannot write .*: it is the file that is converted$/);
        return true;
      });
    }
    assert.deepEqual(await Deno.readFile(input), await Deno.readFile(old));
    await Deno.writeTextFile(output, "old");
    const evil = goldenFile("files/evil_zip.pth").pathname;
    await assert.rejects(convertWeights(evil, output), /refuses to run posix\.system$/);
    assert.equal(await Deno.readTextFile(output), "old");
    await assert.rejects(
      convertWeights(input, join(folder, "no", "out")),
      /Cannot write .*: its folder does not exist$/,
    );
  }));

Deno.test("summarizeWeights() counts parameters apart from buffers", async () => {
  const file = goldenFile("files/bare_state_dict.pth").pathname;
  const { parameters, buffers, tensors } = summarizeWeights(await readWeights(file));
  assert.deepEqual([parameters, buffers], [82, 1]);
  assert.deepEqual(tensors[0], { name: "conv.weight", dtype: "F32", shape: [6, 4] });
});
