import assert from "node:assert/strict";
import { join } from "node:path";
import { readWeights } from "../../lib/checkpoint/read_weights.ts";
import { withFolder } from "../data/folder.ts";
import { goldenFile } from "../golden.ts";
import { layermix } from "../train/fixture.ts";

const golden = (name: string) => goldenFile(`files/${name}`).pathname;

Deno.test("layermix convert writes a safetensors file and says what is in it", () =>
  withFolder(async (folder) => {
    const file = join(folder, "out.safetensors");
    const { code, stdout, stderr } = await layermix(
      ...["convert", golden("dataparallel_prefix.pth"), file, "--dtype", "f16"],
    );
    assert.deepEqual([code, stderr], [0, ""]);
    const counts = "12 tensors, 82 parameters, 1 buffer";
    assert.equal(stdout, `${file}: ${counts}; from PyTorch; without the prefix module.\n`);
    const { tensors } = await readWeights(file, { floats: "stored" });
    assert.equal(tensors.get("conv.weight")!.dtype, "F16");
    const json = await layermix("convert", golden("ckpt_old.pth.tar"), file, "--json");
    const summary = JSON.parse(json.stdout);
    assert.deepEqual(
      [summary.output, summary.format, summary.foundAt, summary.tensors.length],
      [file, "pytorch-legacy", "state_dict", 12],
    );
    const quiet = await layermix("convert", golden("parameter.pth"), file, "--quiet");
    assert.deepEqual([quiet.code, quiet.stdout], [0, ""]);
  }));

Deno.test("layermix convert --list prints every tensor and writes nothing", async () => {
  const { code, stdout } = await layermix("convert", golden("ckpt_zip.pth"), "--list");
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 13);
  assert.match(lines[0]!, /^conv\.weight +F32 +6 × 4$/);
  assert.match(lines[12]!, /ckpt_zip\.pth: 12 tensors, .*; from PyTorch, under state_dict$/);
});

Deno.test("layermix convert ends with 1 for a bad file and 2 for a wrong command line", () =>
  withFolder(async (folder) => {
    const file = join(folder, "out.safetensors");
    const cases: [string[], number, RegExp][] = [
      [[golden("evil_zip.pth"), file], 1, /^layermix: .*refuses to run posix\.system\n$/],
      [[golden("truncated.pth"), "--list"], 1, /^layermix: Cannot read .*the file is cut\n$/],
      [[golden("ckpt_zip.pth")], 2, /^layermix: Cannot convert: give the safetensors file/],
      [[golden("ckpt_zip.pth"), file, "--dtype", "f8"], 2, /'f8' is invalid.*f32, f16, bf16/],
      [[golden("ckpt_zip.pth"), file, "--list"], 2, /^layermix: Cannot use --list with an output/],
      [
        [golden("ckpt_zip.pth"), "--list", "--dtype", "f16"],
        2,
        /^layermix: Cannot use --list with/,
      ],
    ];
    for (const [args, expected, message] of cases) {
      const { code, stdout, stderr } = await layermix("convert", ...args);
      assert.deepEqual([code, stdout], [expected, ""], args.join(" "));
      assert.match(stderr, message);
    }
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    assert.equal(await Deno.stat("pwned").catch(() => "absent"), "absent");
  }));
