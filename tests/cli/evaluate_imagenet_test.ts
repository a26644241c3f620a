import assert from "node:assert/strict";
import { below, six, tree, withImageNet, writeNetwork } from "../robustness/imagenet_fixture.ts";
import { layermix } from "../train/fixture.ts";

Deno.test("layermix evaluate imagenet prints and writes results, which a report shows", () =>
  withImageNet({
    ...below("val", tree(six, 2)),
    ...below("c/fog/1", tree(six, 2, 30)),
    ...below("r", tree(six, 1)),
  }, async (path) => {
    const file = path("network.safetensors");
    await writeNetwork(file, six);
    const args = ["evaluate", "imagenet", file, "--data-val", path("val"), "--no-tune"];
    const { code, stdout, stderr } = await layermix(
      ...[...args, "--suites", "clean,c,r", "--imagenet-c-dir", path("c")],
      ...["--imagenet-r-dir", path("r"), "--out", path("results.json")],
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^ResNet-18 on 12 test pictures of imagenet\n/);
    assert.match(stdout, /^C PARTIAL mean error +\d+\.\d\d %, 1 sets$/m);
    assert.match(stdout, /^ImageNet-R error +\d+\.\d\d % +\(95 %: /m);
    assert.match(stdout, /^ {2}pictures +6, among 6 of the network's 6 classes$/m);
    const report = await layermix("report", path("results.json"), "--json");
    assert.equal(report.code, 0, report.stderr);
    const { tables: [table] } = JSON.parse(report.stdout);
    assert.deepEqual(Object.keys(table.methods[0].figures), ["clean", "c", "r", "rms", "c-rms"]);
    assert.match(table.methods[0].figures.r.measured_on[0], /, 6 of 6 classes, SHA-256 /);
    assert(table.absent.includes("A"));

    const refuses = async (code: number, message: RegExp, ...more: string[]) => {
      const found = await layermix(...args, ...more);
      assert.deepEqual([found.code, found.stdout], [code, ""], found.stderr);
      assert.match(found.stderr, message);
    };
    await refuses(2, /suite c needs --imagenet-c-dir, or --make$/m, "--suites", "c");
    await refuses(2, /suite r needs --imagenet-r-dir$/m, "--suites", "r", "--make");
    await refuses(
      1,
      /of 200 classes, as --num-classes says, but found 6$/m,
      "--num-classes",
      "200",
    );
    await refuses(1, /x: expected imagenet-200, imagenet-1k or a file/, "--classes", "x");
    const cifar = await layermix("evaluate", "cifar", file);
    assert.match(cifar.stderr, /trained on large pictures; use layermix evaluate imagenet\n$/);
  }));
