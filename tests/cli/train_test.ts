import assert from "node:assert/strict";
import { join } from "node:path";
import { methodNames } from "../../lib/augment/methods.ts";
import { digest, layermix, run, trainArgs, withPlace } from "../train/fixture.ts";

/** Asserts that a command is refused with one line and an exit code. */
async function refused(args: string[], line: RegExp, expected = 1): Promise<void> {
  const { code, stdout, stderr } = await layermix(...args);
  assert.match(stderr, line);
  const lines = stderr.trim().split("\n").filter((line) => line.startsWith("layermix: "));
  assert.equal(lines.length, 1, stderr);
  assert.equal(stderr.trim().split("\n").at(-1), lines[0]);
  assert.deepEqual({ code, stdout }, { code: expected, stdout: "" });
}

Deno.test("train refuses data that is missing or damaged with one line and code 1", () =>
  withPlace(async (place) => {
    const train = (...more: string[]) => trainArgs(place, "run", more);
    await refused(
      train("--data-path", place.path("none")),
      /Cannot read .*none: expected a folder but found nothing/,
    );
    const file = join(place.data, "data_batch_1.bin");
    const whole = await Deno.readFile(file);
    await Deno.writeFile(file, whole.subarray(0, 10719));
    await refused(train(), /data_batch_1\.bin: .*10719 is not a multiple of 3073/);
    await Deno.writeFile(file, whole);
    await Deno.mkdir(place.path("empty"));
    await refused(
      train("--mixing-set", place.path("empty")),
      /Cannot read .*empty.*: expected .*picture/,
    );
    const without = train().filter((arg, i, all) =>
      arg !== "--mixing-set" && all[i - 1] !== "--mixing-set"
    );
    await refused(
      without,
      /Cannot train with layermix: give a folder of pictures with --mixing-set/,
    );
  }));

Deno.test("train refuses words it does not know, and says which were meant", () =>
  withPlace(async (place) => {
    await refused(
      trainArgs(place, "run", ["--method", "layermx"]),
      /method "layermx".*did you mean layermix\?/,
      2,
    );
    await refused(
      trainArgs(place, "run", ["--dataset", "cifar-10"]),
      /data set "cifar-10".*did you mean cifar10\?/,
      2,
    );
    await refused(
      trainArgs(place, "run", ["--layers", "11"]),
      /expected a depth of 6n \+ 4 .* but found 11/,
      2,
    );
    await refused(
      trainArgs(place, "run", ["--method", "mixup", "--jsd", "--data-path", place.path("none")]),
      /Cannot train with mixup and --jsd: it has no views of a picture to compare, as layermix, /,
      2,
    );
  }));

Deno.test("train refuses a batch that does not fit, and names the largest that does", () =>
  withPlace(async (place) => {
    const large = ["--layers", "40", "--widen-factor", "4", "--batch-size", "1000000"];
    await refused(
      trainArgs(place, "run", large),
      /batch of 1000000: it needs \d+ MiB.*largest batch that fits is [1-9]\d*; --accumulate makes a batch in parts, which take less$/m,
    );
  }));

Deno.test("train skips files of the mixing set that are no pictures, and counts them", () =>
  withPlace(async (place) => {
    await Deno.writeTextFile(join(place.mixing, "notes.png"), "not a picture");
    const { code, stderr } = await layermix(...trainArgs(place, "run", ["--epochs", "1"]));
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /mixing set: 4 pictures on the GPU \(1 MiB\), 1 files skipped \(first: notes\.png: /,
    );
    const record = JSON.parse(await Deno.readTextFile(place.path("run/run.json")));
    assert.equal(record.data.mixing.skipped[0].file, "notes.png");
  }));

Deno.test("train refuses to overwrite a run, and to resume it otherwise than it began", () =>
  withPlace(async (place) => {
    await run(place, "run", { flags: { epochs: 1 } });
    await refused(trainArgs(place, "run"), /it holds a run already; go on with --resume/);
    const resume = ["train", "cifar", "--resume", "--save", place.path("run")];
    await refused(
      [...resume, "--batch-size", "4"],
      /expected --batch-size 8, as the run began, but found --batch-size 4; --force/,
    );
    await refused(
      ["train", "cifar", "--resume", "--save", place.path("none")],
      /expected a run folder/,
    );
  }));

Deno.test("train refuses a run that could not go on, or has no place to go to", () =>
  withPlace(async (place) => {
    await refused(
      trainArgs(place, "run", ["--learning-rate", "0"]),
      /expected a learning rate above/,
      2,
    );
    await assert.rejects(() => Deno.stat(place.path("run/last.safetensors")), "nothing to resume");
    await Deno.writeTextFile(place.path("file"), "");
    await refused(trainArgs(place, "file/run"), /Cannot train into .*file\/run: /);
    const { dataPath: _, ...flags } = place.flags;
    await refused(trainArgs({ ...place, flags }, "run"), /give the folder .* with --data-path$/m);
  }));

Deno.test("train refuses a folder that another process is using", () =>
  withPlace(async (place) => {
    const resume = ["train", "cifar", "--resume", "--save", place.path("run")];
    const stop = new AbortController();
    let second: Promise<void> | undefined;
    const step = () => {
      second ??= refused(resume, /Cannot train into .*: another run \(pid \d+\) is using it$/m)
        .finally(() => stop.abort());
    };
    const flags = { epochs: 1000, method: "baseline" } as const;
    await run(place, "run", { flags, signal: stop.signal, observer: { step } });
    await second;
  }));

Deno.test("train leaves a run that is complete as it is, and prints nothing when quiet", () =>
  withPlace(async (place) => {
    const args = trainArgs(place, "run", ["--epochs", "1", "--quiet"]);
    const { code, stdout, stderr } = await layermix(...args);
    assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" });
    const file = place.path("run/last.safetensors");
    const bytes = digest(await Deno.readFile(file));
    const again = await layermix("train", "cifar", "--resume", "--save", place.path("run"));
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stdout, /^Trained 1 epochs?\.\n/);
    assert.equal(digest(await Deno.readFile(file)), bytes);
  }));

Deno.test("train and its siblings answer a wrong command line with code 2", async () => {
  for (
    const args of [
      ["trian"],
      ["train", "cifar", "--lr", "1"],
      ["train", "cifar", "--epochs", "x"],
      ["evaluate", "cifar"],
    ]
  ) {
    const { code, stderr } = await layermix(...args);
    assert.equal(code, 2, `${args}: ${stderr}`);
    assert.match(stderr, /^error: /);
  }
});

Deno.test("train answers flags that do not go together in one line, with code 2, before it reads", async () => {
  const mixup = ["--method", "mixup"], large = ["--data-standard", "none"];
  for (
    const [family, args, error] of [
      ["cifar", ["--learning-rate", "0"], /learning rate above 0 but found 0/],
      ["cifar", ["--warmup-epochs", "100"], /warm-up shorter than the 100 epochs/],
      ["cifar", ["--accumulate", "3"], /3 equal parts of a batch of 128/],
      ["cifar", ["--jsd", ...mixup], /Cannot train with mixup and --jsd/],
      ["cifar", ["--model", "resnet18", "--layers", "50"], /expected layers 18/],
      ["cifar", ["--k", "5", ...mixup], /Cannot use --k with mixup: it is for pixmix, ipmix$/],
      ["cifar", ["--blending-ratio", "2", "--method", "augmix"], /--blending-ratio with augmix/],
      ["cifar", ["--force"], /--force without --resume/],
      ["imagenet", ["--warmup-epochs", "90", ...large], /shorter than the 90 epochs/],
    ] as const
  ) {
    const { code, stdout, stderr } = await layermix("train", family, ...args);
    assert.deepEqual([code, stdout], [2, ""], stderr);
    assert.match(stderr.trim(), error);
    assert.equal(stderr.trim().split("\n").length, 1);
  }
});

Deno.test("train takes every method, with its own loss and a mixing set where it needs one", () =>
  withPlace(async (place) => {
    for (const method of methodNames) {
      const folder = place.path(method);
      const { code, stderr } = await layermix(
        ...trainArgs(place, method, ["--method", method, "--epochs", "1", "--no-tune", "--quiet"]),
      );
      assert.deepEqual([code, stderr], [0, ""], method);
      const { flags } = JSON.parse(await Deno.readTextFile(join(folder, "run.json")));
      assert.deepEqual([flags.method, flags.jsd], [method, /augmix|ipmix/.test(method)]);
      const [, line] = (await Deno.readTextFile(join(folder, "log.csv"))).split("\n");
      assert.ok(line!.split(",").every((cell) => Number.isFinite(Number(cell))), `${line}`);
    }
    const without = trainArgs(place, "none", ["--method", "pixmix"]).filter((arg, i, all) =>
      arg !== "--mixing-set" && all[i - 1] !== "--mixing-set"
    );
    await refused(without, /Cannot train with pixmix: give a folder of pictures with --mixing-set/);
  }));
