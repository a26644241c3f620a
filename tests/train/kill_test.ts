import assert from "node:assert/strict";
import { Purpose, Stream } from "../../lib/random/stream.ts";
import { command, ended, layermix, run, traces, trainArgs, withPlace } from "./fixture.ts";
import { hasCheckpoint, trainOn } from "./train_on.ts";

/** Steps between checkpoints. */
const every = ["--save-every", "2"];

Deno.test("a run that is killed at any moment goes on to the same bits", () =>
  withPlace(async (place) => {
    const began = performance.now();
    assert.equal((await layermix(...trainArgs(place, "straight", every))).code, 0);
    const longest = performance.now() - began;
    const straight = await traces(place.path("straight"));
    const random = new Stream(7, Purpose.shuffle, 0);
    let [round, kills] = [0, 0];
    for (let tries = 0; kills < 10 && tries < 20; tries++) {
      const child = (await trainOn(place, `killed-${round}`, every)).spawn();
      const delay = random.between(200, Math.max(200, longest));
      const timer = setTimeout(() => child.kill("SIGKILL"), delay);
      const { signal, code, stderr } = ended(await child.output());
      clearTimeout(timer);
      if (signal === "SIGKILL") {
        await hasCheckpoint(place.path(`killed-${round}`));
        kills++;
        continue;
      }
      assert.equal(code, 0, stderr);
      assert.deepEqual(await traces(place.path(`killed-${round}`)), straight);
      round++;
    }
    const { code, stderr } = ended(await (await trainOn(place, `killed-${round}`, every)).output());
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
