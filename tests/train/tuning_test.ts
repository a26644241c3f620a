import assert from "node:assert/strict";
import { join } from "node:path";
import type { Gpu } from "../../lib/gpu/device.ts";
import { readFloats } from "../../lib/gpu/program.ts";
import { shapes } from "../../lib/data/shapes.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { cifarDefaults, settingsOf } from "../../lib/train/flags.ts";
import { type BegunRun, tuneOfResumed } from "../../lib/train/resume.ts";
import type { RunOptions } from "../../lib/train/run.ts";
import { openSession } from "../../lib/train/session.ts";
import type { TuneOptions } from "../../lib/tune/record_tuned.ts";
import type { TuningTable } from "../../lib/tune/table.ts";
import { gpuTest } from "../gpu.ts";
import { favouring, scripted } from "../tune/fixture.ts";
import { digest, type Place, run, runUntil, traces, withPlace } from "./fixture.ts";

/** The losses and the weights of three steps of WRN-10-1, and the kernels it used. */
async function steps(gpu: Gpu, tune?: TuneOptions) {
  const data = shapes("train", 16, 3);
  const small = { layers: 10, widenFactor: 1, batchSize: 8, evalBatchSize: 6 };
  const settings = settingsOf({ ...cifarDefaults, method: "baseline", ...small }, 10);
  const session = await openSession(gpu, settings, data, undefined, { tune });
  initialize(gpu, session.parameters, settings.seed);
  const losses: number[] = [];
  for (let number = 0; number < 3; number++) {
    const indices = Uint32Array.from({ length: 8 }, (_, i) => 8 * (number % 2) + i);
    await session.step(indices, 0, number, 100);
    losses.push((await session.sums(number, number + 1)).loss);
  }
  const weights = await readFloats(gpu, session.parameters.buffers.values);
  session.destroy();
  return { losses, weights, table: session.table };
}

gpuTest("tuned kernels give the losses and weights of the defaults to rounding", async (gpu) => {
  const fixed = await steps(gpu);
  const tuned = await steps(gpu, { folder: "", timer: favouring("last") });
  assert.equal(fixed.table, undefined);
  const kernels = Object.entries(tuned.table!.best);
  assert(kernels.some(([key]) => key.includes("weight_gradient")), "training is tuned");
  assert(kernels.some(([key]) => key.includes(" 6x")), "and evaluation");
  assert.notEqual(digest(tuned.weights), digest(fixed.weights), "kernels that sum otherwise");
  tuned.losses.forEach((loss, i) => {
    assert(Math.abs(loss / fixed.losses[i]! - 1) < 1e-5, `${loss} and ${fixed.losses[i]}`);
  });
  tuned.weights.forEach((weight, i) => {
    assert(Math.abs(weight - fixed.weights[i]!) < 1e-4, `${i}: ${weight} ${fixed.weights[i]}`);
  });
  const again = await steps(gpu, { table: tuned.table });
  assert.equal(digest(again.weights), digest(tuned.weights));
  assert.deepEqual([again.losses, again.table], [tuned.losses, tuned.table]);
});

gpuTest("training's kernels are tuned before evaluation's, as they take more time", async (gpu) => {
  const stop = new AbortController();
  const progress = ({ done }: { done: number }) => void (done === 3 && stop.abort());
  const timer = favouring("last");
  const { table } = await steps(gpu, { folder: "", timer, signal: stop.signal, progress });
  const passes = Object.keys(table!.best).map((key) => key.match(/(\w+) .* (8|6)x/)!.slice(1));
  assert.deepEqual(passes.map(([pass, batch]) => `${pass} ${batch}`).sort(), [
    "conv2d_forward 8",
    "conv2d_input_gradient 8",
    "conv2d_weight_gradient 8",
  ]);
});

/** What run.json says of the kernels. */
async function recordedIn(place: Place, name: string): Promise<TuningTable | null> {
  return JSON.parse(await Deno.readTextFile(join(place.path(name), "run.json"))).tuning;
}

Deno.test("a resumed run goes on with the kernels it began with, whatever the cache says", () =>
  withPlace(async (place) => {
    const tune = { folder: place.path("cache"), timer: favouring("last") };
    await run(place, "straight", { tune });
    const straight = await traces(place.path("straight"));
    const table = await recordedIn(place, "straight");
    assert(Object.keys(table!.best).length > 0);
    const cached = scripted({});
    await runUntil(place, "run", { pictures: 24 }, { tune: { ...tune, timer: cached } });
    assert.deepEqual(cached.calls, []);
    const other = { folder: place.path("other"), timer: favouring("first") };
    await run(place, "other", { tune: other });
    assert.notDeepEqual((await traces(place.path("other"))).last, straight.last);
    await Deno.remove(tune.folder, { recursive: true });
    const untouched = scripted({});
    const resume = { resume: true, tune: { ...other, timer: untouched } };
    await runUntil(place, "run", { pictures: 32 }, resume);
    await run(place, "run", { resume: true });
    assert.deepEqual(await traces(place.path("run")), straight);
    assert.deepEqual(await recordedIn(place, "run"), table);
    assert.deepEqual(untouched.calls, []);
  }));

Deno.test("a run that began with fixed kernels goes on with them", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 1 } as const;
    await run(place, "straight", { flags });
    await runUntil(place, "run", { pictures: 24 }, { flags });
    assert.equal(await recordedIn(place, "run"), null);
    const untouched = scripted({});
    const tune = { folder: "", timer: untouched };
    await run(place, "run", { flags, resume: true, tune });
    assert.deepEqual(await traces(place.path("run")), await traces(place.path("straight")));
    assert.deepEqual([await recordedIn(place, "run"), untouched.calls], [null, []]);
  }));

Deno.test("a run that is stopped while it tunes saves, and a resumed one tunes on", () =>
  withPlace(async (place) => {
    const stop = new AbortController();
    const tune = { folder: place.path("cache"), timer: favouring("last") };
    const told: RunOptions["observer"] = {
      preparing: ({ done }) => void (done === 2 && stop.abort()),
    };
    const flags = { method: "baseline", epochs: 1 } as const;
    const options = { flags, tune, observer: told, signal: stop.signal };
    const { interrupted, progress } = await run(place, "run", options);
    assert.deepEqual([interrupted, progress.step], [true, 0]);
    assert.equal(Object.keys((await recordedIn(place, "run"))!.best).length, 2);
    await run(place, "run", { flags, tune, resume: true });
    await run(place, "straight", { flags, tune });
    assert.deepEqual(await recordedIn(place, "run"), await recordedIn(place, "straight"));
    assert.deepEqual(await traces(place.path("run")), await traces(place.path("straight")));
  }));

Deno.test("a run whose record of kernels is damaged is not resumed", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 1 } as const;
    await runUntil(place, "run", { pictures: 16 }, { flags });
    const file = join(place.path("run"), "run.json");
    const json = JSON.parse(await Deno.readTextFile(file));
    for (
      const tuning of [7, {}, { adapter: "x" }, { adapter: "x", best: { a: 1 } }, { best: {} }]
    ) {
      await Deno.writeTextFile(file, JSON.stringify({ ...json, tuning }));
      await assert.rejects(
        () => run(place, "run", { flags, resume: true }),
        /^TrainError: Cannot resume .* but found damage \(the tuning is no table\)$/,
        JSON.stringify(tuning),
      );
    }
    const { tuning: _, ...before } = json;
    await Deno.writeTextFile(file, JSON.stringify(before));
    assert.equal((await run(place, "run", { flags, resume: true })).interrupted, false);
  }));

Deno.test("tuneOfResumed() binds a run to its kernels on its adapter from the first step on", () => {
  const gpu = { name: "A" } as Gpu;
  const note = () => {};
  const tune = { folder: "" };
  const of = (tuning: TuningTable | null | undefined, step: number, given?: TuneOptions) =>
    tuneOfResumed({ run: { tuning }, progress: { step } } as BegunRun, gpu, note, given);
  const ours = { adapter: "A", best: { key: "name" } };
  const others = { adapter: "B", best: { key: "name" } };
  for (const given of [tune, undefined]) {
    assert.deepEqual(of(ours, 1, given), { table: ours, note });
    assert.equal(of(others, 1, given), given);
    for (const step of [0, 1]) {
      for (const none of [null, undefined]) assert.equal(of(none, step, given), undefined);
    }
  }
  assert.equal(of(ours, 0, tune), tune);
  assert.deepEqual(of(ours, 0), { table: ours, note });
});
