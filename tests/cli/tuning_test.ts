import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { evaluateCifar } from "../../lib/robustness/evaluate_cifar.ts";
import { userCacheFolder } from "../../lib/tune/cache.ts";
import {
  command,
  type Ended,
  ended,
  type Place,
  run,
  trainArgs,
  withPlace,
} from "../train/fixture.ts";
import { favouring } from "../tune/fixture.ts";

/** Runs layermix as a user whose cache folder is the place's; those of Deno and Mesa stay. */
async function tuned(place: Place, args: string[]): Promise<Ended> {
  const info = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  const { denoDir: DENO_DIR } = JSON.parse(new TextDecoder().decode(info.stdout));
  const folder = place.path("cache");
  const caches = dirname(userCacheFolder() ?? folder);
  const env = {
    DENO_DIR,
    MESA_SHADER_CACHE_DIR: caches,
    XDG_CACHE_HOME: folder,
    LOCALAPPDATA: folder,
  };
  return ended(await command(args, { env }).output());
}

/** Fills the cache of `tuned()` by the library, quickly since nothing is timed. */
const filling = (place: Place) => ({
  folder: place.path("cache/layermix"),
  timer: favouring("first"),
});

/** Makes the cache forget one kernel; gives back the file and all that it knew. */
async function forgetOne(place: Place): Promise<{ file: string; best: Record<string, string> }> {
  const folder = place.path("cache/layermix");
  const [{ name }] = [...Deno.readDirSync(folder)] as [Deno.DirEntry];
  const file = join(folder, name);
  const content = JSON.parse(await Deno.readTextFile(file));
  const { best } = content;
  const [, ...rest] = Object.entries(best);
  await Deno.writeTextFile(file, JSON.stringify({ ...content, best: Object.fromEntries(rest) }));
  return { file, best };
}

/** macOS has its caches below the home folder, which Deno needs too. */
const ignore = Deno.build.os === "darwin";
const flags = { method: "baseline", epochs: 1 } as const;

Deno.test({
  name: "train uses the kernels of the user's cache, times the others, and says which it used",
  ignore,
  fn: () =>
    withPlace(async (place) => {
      await run(place, "filling", { flags, tune: filling(place) });
      const { file, best } = await forgetOne(place);
      const args = (name: string, ...more: string[]) => [
        ...trainArgs({ ...place, flags: { ...place.flags, ...flags } }, name)
          .filter((arg) => arg !== "--no-tune"),
        ...more,
      ];
      const first = await tuned(place, args("first"));
      assert.equal(first.code, 0, first.stderr);
      assert.match(first.stderr, /^tuning 1\/1 kernels, 100 %/m);
      const kept = JSON.parse(await Deno.readTextFile(file));
      const { tuning } = JSON.parse(await Deno.readTextFile(place.path("first/run.json")));
      assert.deepEqual(kept.best, tuning.best);
      assert.equal(kept.adapter, tuning.adapter);
      const [[key], ...rest] = Object.entries(best) as [[string, string], ...[string, string][]];
      const { [key]: _, ...cached } = tuning.best;
      assert.deepEqual(cached, Object.fromEntries(rest));
      assert.equal(typeof tuning.best[key], "string");
      const fixed = await tuned(place, args("fixed", "--no-tune", "--quiet"));
      assert.deepEqual([fixed.code, fixed.stderr], [0, ""]);
      const record = JSON.parse(await Deno.readTextFile(place.path("fixed/run.json")));
      assert.equal(record.tuning, null);
    }),
});

Deno.test({
  name: "evaluate uses the kernels of the user's cache, times the others, and says which it used",
  ignore,
  fn: () =>
    withPlace(async (place) => {
      await run(place, "run", { flags });
      const checkpoint = join(place.path("run"), "last.safetensors");
      const options = { checkpoint, suites: ["clean"] as const, dataPath: place.data };
      const fixed = await evaluateCifar({ ...options, batchSize: 7 });
      const filled = await evaluateCifar({ ...options, batchSize: 7, tune: filling(place) });
      assert.equal(fixed.tuning, null);
      assert.deepEqual(filled.suites, fixed.suites);
      const { best } = await forgetOne(place);
      assert.deepEqual(filled.tuning!.best, best);
      const args = ["evaluate", "cifar", checkpoint, "--data-path", place.data];
      const { code, stdout, stderr } = await tuned(place, [
        ...[...args, "--eval-batch-size", "7", "--json"],
      ]);
      assert.equal(code, 0, stderr);
      const lines = stderr.trim().split("\n").map((line) => JSON.parse(line));
      const { task, done, total } = lines[0];
      assert.deepEqual({ task, done, total }, { task: "tuning", done: 1, total: 1 });
      const results = JSON.parse(stdout);
      assert.deepEqual(Object.keys(results.tuning.best).sort(), Object.keys(best).sort());
      const ratio = results.suites.clean.loss / fixed.suites.clean!.loss;
      assert(Math.abs(ratio - 1) < 1e-4, String(ratio));
    }),
});
