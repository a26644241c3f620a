import assert from "node:assert/strict";
import { join } from "node:path";
import { readCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { Purpose, Stream } from "../../lib/random/stream.ts";
import {
  command,
  ended,
  layermix,
  type Place,
  run,
  traces,
  trainArgs,
  withPlace,
} from "./fixture.ts";

/** Steps between checkpoints. */
const every = ["--save-every", "2"];

/** Whether the folder has a checkpoint; fails when there is one that cannot be read. */
async function hasCheckpoint(folder: string): Promise<boolean> {
  try {
    await Deno.stat(join(folder, "last.safetensors"));
  } catch {
    return false;
  }
  const { header, tensors } = await readCheckpoint(join(folder, "last.safetensors"));
  assert.equal(Number.isInteger(header?.progress.step) && tensors.size > 0, true);
  return true;
}

/** Trains in a process of its own: begins, or goes on where there is a checkpoint. */
async function trainOn(place: Place, name: string): Promise<Deno.Command> {
  const resume = await hasCheckpoint(place.path(name));
  return command(
    resume
      ? ["train", "cifar", "--resume", "--save", place.path(name), ...every]
      : trainArgs(place, name, every),
  );
}

Deno.test("a run that is killed at any moment goes on to the same bits", () =>
  withPlace(async (place) => {
    const began = performance.now();
    assert.equal((await layermix(...trainArgs(place, "straight", every))).code, 0);
    const longest = performance.now() - began;
    const straight = await traces(place.path("straight"));
    const random = new Stream(7, Purpose.shuffle, 0);
    let [round, kills] = [0, 0];
    for (let tries = 0; kills < 10 && tries < 20; tries++) {
      const child = (await trainOn(place, `killed-${round}`)).spawn();
      const delay = random.between(200, Math.max(200, longest));
      const timer = setTimeout(() => child.kill("SIGKILL"), delay);
      const { signal, code, stderr } = ended(await child.output());
      clearTimeout(timer);
      if (signal === "SIGKILL") {
        kills++;
        continue;
      }
      assert.equal(code, 0, stderr);
      assert.deepEqual(await traces(place.path(`killed-${round}`)), straight);
      round++;
    }
    const { code, stderr } = ended(await (await trainOn(place, `killed-${round}`)).output());
    assert.equal(code, 0, stderr);
    assert.deepEqual(await traces(place.path(`killed-${round}`)), straight);
  }));

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `${signal} saves, says how to go on, and ends with code 130`,
    ignore: Deno.build.os === "windows",
    fn: () =>
      withPlace(async (place) => {
        const child = command(trainArgs(place, "run", ["--save-every", "1"])).spawn();
        while (!await hasCheckpoint(place.path("run"))) {
          await new Promise((go) => setTimeout(go, 20));
        }
        child.kill(signal);
        const { code, stdout, stderr } = ended(await child.output());
        assert.equal(code, 130, stderr);
        assert.match(stderr, /^Interrupted: finishing the step and saving/m);
        assert.match(stdout, /^Interrupted in epoch 1 of 2; all is saved\.$/m);
        const folder = place.path("run");
        assert(
          stdout.endsWith(`go on:     layermix train cifar --resume --save ${folder}\n`),
          stdout,
        );
        const resumed = await layermix("train", "cifar", "--resume", "--save", folder, "--json");
        assert.equal(resumed.code, 0, resumed.stderr);
        assert.match(resumed.stderr, /^{"note":"resuming after step \d+, in epoch \d+"}$/m);
        const { interrupted, step, epoch } = JSON.parse(resumed.stdout);
        assert.deepEqual({ interrupted, step, epoch }, { interrupted: false, step: 12, epoch: 2 });
        await run(place, "straight");
        assert.deepEqual(await traces(folder), await traces(place.path("straight")));
      }),
  });
}

Deno.test({
  name: "a closed terminal saves what is there, though nobody reads what is printed",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withPlace(async (place) => {
      const child = command(trainArgs(place, "run", ["--save-every", "100"])).spawn();
      const reader = child.stderr.getReader();
      for (let text = ""; !text.includes("parameters");) {
        text += new TextDecoder().decode((await reader.read()).value);
      }
      await reader.cancel();
      await child.stdout.cancel();
      child.kill("SIGHUP");
      assert.equal((await child.status).code, 130);
      assert.ok(await hasCheckpoint(place.path("run")));
      const { code } = await layermix("train", "cifar", "--resume", "--save", place.path("run"));
      assert.equal(code, 0);
      await run(place, "straight");
      assert.deepEqual(await traces(place.path("run")), await traces(place.path("straight")));
    }),
});
