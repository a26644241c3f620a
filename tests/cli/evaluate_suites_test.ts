import assert from "node:assert/strict";
import { join } from "node:path";
import { writeCorruptions, writeSequences } from "../robustness/layouts.ts";
import { schemaErrors } from "../robustness/schema.ts";
import { command, ended, layermix, run, withPlace } from "../train/fixture.ts";

async function json(file: string) {
  return JSON.parse(await Deno.readTextFile(file));
}

/** Waits until an evaluation has kept so many parts. */
async function untilMeasured(partial: string, parts: number): Promise<void> {
  for (let i = 0; i < 3000; i++) {
    const text = await Deno.readTextFile(partial).catch(() => "");
    // One line more, which says of what they are.
    if (text.split("\n").length - 2 >= parts) return;
    await new Promise((go) => setTimeout(go, 10));
  }
  throw new Error(`${partial} does not have ${parts} parts after 30 s`);
}

Deno.test("evaluate and merge: shards, a kill, Ctrl-C and all at once write the same figures", () =>
  withPlace(async (place) => {
    await run(place, "run", { flags: { method: "baseline", epochs: 1 } });
    const file = join(place.path("run"), "last.safetensors");
    await writeCorruptions(place.path("c"), ["fog", "snow", "spatter"]);
    await writeSequences(place.path("p"), ["snow"]);
    const args = [
      ...["evaluate", "cifar", file, "--data-path", place.data, "--no-tune"],
      ...["--suites", "clean,c,p,pgd", "--c-dir", place.path("c"), "--p-dir", place.path("p")],
      ...["--pgd-steps", "2", "--eval-batch-size", "20"],
    ];
    const whole = await layermix(...args);
    assert.equal(whole.code, 0, whole.stderr);
    assert.match(whole.stdout, /^C PARTIAL mean error +\d+\.\d\d %, 10 sets$/m);
    assert.match(whole.stdout, /^ +not in the mean +spatter$/m);
    assert.match(whole.stdout, /^P PARTIAL mean flip probability/m);
    assert.match(whole.stdout, /^PGD error +\d+\.\d\d % +\(95 %: /m);
    const results = await json(place.path("run/results.json"));
    assert.equal(schemaErrors(results), "");
    const csv = await Deno.readTextFile(place.path("run/results.csv"));
    assert.equal(csv.trimEnd().split("\r\n").length, 1 + 2 + 15 + 1);
    const names = [...Deno.readDirSync(place.path("run"))].map(({ name }) => name);
    assert.deepEqual(names.filter((name) => name.includes("partial")), []);

    const shards = [];
    for (
      const [index, env] of [
        [0, { JOB_COMPLETION_INDEX: "0" }],
        [1, { SLURM_ARRAY_TASK_ID: "1", SLURM_ARRAY_TASK_COUNT: "2" }],
      ] as const
    ) {
      const auto = [...args, "--shard", "auto", "--shard-count", "2"];
      const { code, stdout, stderr } = ended(await command(auto, { env }).output());
      assert.equal(code, 0, stderr);
      const name = place.path(`run/results.shard-${index}-of-2.json`);
      assert.equal(stdout, `shard ${index}/2: 9 parts measured\nwritten to ${name}\n`);
      shards.push(name);
    }
    const merged = place.path("merged.json");
    const ok = await layermix("merge", ...shards, "--out", merged);
    assert.equal(ok.code, 0, ok.stderr);
    assert.equal(ok.stdout, whole.stdout.replace(/written to .*/, `written to ${merged}`));
    assert.deepEqual((await json(merged)).suites, results.suites);
    assert.equal(await Deno.readTextFile(place.path("merged.csv")), csv);
    const refused = await layermix("merge", shards[0]!, "--out", merged);
    assert.deepEqual([refused.code, refused.stdout], [1, ""]);
    assert.match(
      refused.stderr,
      /^layermix: Cannot merge: expected 2 shards, as .* says, but 1\/2 are missing\n$/,
    );
    const absent = await layermix("merge", place.path("x.json"), "--out", merged);
    assert.match(absent.stderr, /x\.json: expected a shard but found nothing there\n$/);

    const out = place.path("again.json");
    const again = [...args, "--out", out];
    const partial = place.path("again.partial.jsonl");
    const killed = command(again).spawn();
    await untilMeasured(partial, 3);
    killed.kill("SIGKILL");
    assert.equal((await killed.output()).signal, "SIGKILL");
    const child = command(again).spawn();
    await untilMeasured(partial, 8);
    child.kill("SIGINT");
    const stopped = ended(await child.output());
    assert.equal(stopped.code, 130, stopped.stderr);
    assert.match(stopped.stderr, /^going on with .*: \d+ parts are measured already$/m);
    assert.match(stopped.stderr, /Interrupted; the same command goes on from here\.\n$/);
    const after = await layermix(...again);
    assert.equal(after.code, 0, after.stderr);
    assert.match(
      after.stderr,
      /going on with .*again\.partial\.jsonl: \d+ parts are measured already/,
    );
    assert.deepEqual((await json(out)).suites, results.suites);
    assert.deepEqual(
      [...Deno.readDirSync(place.root)].filter(({ name }) => /partial/.test(name)),
      [],
    );
  }));

Deno.test("evaluate refuses what it has no folder for, and shards that there are not", () =>
  withPlace(async (place) => {
    await run(place, "run", { flags: { method: "baseline", epochs: 1 } });
    const file = join(place.path("run"), "last.safetensors");
    const refuses = async (code: number, message: RegExp, ...more: string[]) => {
      const args = ["evaluate", "cifar", file, "--data-path", place.data, "--no-tune"];
      const found = await layermix(...args, ...more);
      assert.deepEqual([found.code, found.stdout], [code, ""], found.stderr);
      assert.match(found.stderr, message);
    };
    await refuses(2, /suite c needs --c-dir, or --make/, "--suites", "clean,c");
    await refuses(2, /suite c-bar needs --c-bar-dir/, "--suites", "c-bar");
    await refuses(2, /expected 0\/2 … 1\/2/, "--shard", "2/2");
    await refuses(2, /--shard-count without --shard auto/, "--shard-count", "2");
    await refuses(2, /invalid/, "--difficulty", "4");
    const none = place.path("none");
    await refuses(
      1,
      /none: expected a folder \(--c-dir\) but found/,
      "--suites",
      "c",
      "--c-dir",
      none,
    );
  }));
