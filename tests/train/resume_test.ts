import assert from "node:assert/strict";
import { join } from "node:path";
import { checkpointFiles } from "../../lib/checkpoint/checkpoint.ts";
import { decodeSafetensors, encodeSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { trainCifar } from "../../lib/train/run.ts";
import { run, runUntil, traces, TRAIN, withPlace } from "./fixture.ts";

const readRun = async (folder: string) =>
  JSON.parse(await Deno.readTextFile(join(folder, "run.json")));

Deno.test("trainCifar() refuses to resume on other pictures, or from a damaged folder", () =>
  withPlace(async (place) => {
    const flags = { epochs: 1 };
    await runUntil(place, "run", { pictures: 16 }, { flags });
    const resume = () => run(place, "run", { flags, resume: true });
    const [first] = Deno.readDirSync(place.mixing);
    const picture = join(place.mixing, first!.name);
    await Deno.rename(picture, place.path("kept"));
    await assert.rejects(resume, /the mixing pictures are not those the run began with$/);
    await Deno.rename(place.path("kept"), picture);
    for (const name of ["last.safetensors", "run.json"]) {
      const file = place.path(`run/${name}`);
      const content = await Deno.readFile(file);
      await Deno.writeFile(file, content.subarray(0, content.length / 2));
      await assert.rejects(resume, new RegExp(`Cannot [a-z]+ .*${name}.* but found [^\n]*$`));
      await Deno.writeFile(file, content);
    }
    assert.equal((await resume()).interrupted, false);
  }));

Deno.test("a run whose last checkpoint is cut goes on from its best one, to the same bits", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline" } as const;
    await run(place, "straight", { flags });
    await runUntil(place, "run", { pictures: TRAIN + 16 }, { flags });
    const { last, best } = checkpointFiles(place.path("run"));
    const notes: string[] = [];
    const note = (line: string) => void notes.push(line);
    await Deno.truncate(last, 10_000);
    await run(place, "run", { flags, resume: true, note });
    const told = notes.filter((line) => line.includes("older"));
    assert.equal(told.length, 1);
    assert.match(told[0]!, /^note: Cannot read .*last\.safetensors: .*; going on from .*best\.saf/);
    assert.deepEqual(await traces(place.path("run")), await traces(place.path("straight")));
    for (const file of [last, best]) await Deno.truncate(file, 10_000);
    await assert.rejects(
      run(place, "run", { flags, resume: true }),
      /^CheckpointError: Cannot read .*last\.safetensors: expected /,
    );
  }));

Deno.test("trainCifar() refuses to resume a run of a network, method or data it does not know", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 1 } as const;
    await run(place, "run", { flags });
    const file = place.path("run/run.json");
    const json = await readRun(place.path("run"));
    for (const change of [{ model: "vgg" }, { method: "toString" }, { dataset: "svhn" }]) {
      await Deno.writeTextFile(
        file,
        JSON.stringify({ ...json, flags: { ...json.flags, ...change } }),
      );
      const only = { flags: {}, folder: place.path("run"), resume: true };
      await assert.rejects(() => trainCifar(only), /but found damage \(a field is missing\)$/);
    }
  }));

Deno.test("trainCifar() refuses to resume from the checkpoint of another run", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 1 } as const;
    await run(place, "run", { flags });
    await run(place, "other", { flags: { ...flags, seed: 9, batchSize: 16 } });
    const file = place.path("run/last.safetensors");
    const own = await Deno.readFile(file);
    await Deno.copyFile(place.path("other/last.safetensors"), file);
    const resume = () => run(place, "run", { flags, resume: true });
    await assert.rejects(resume, /expected batchSize 8 but found a checkpoint of another run$/);
    const { tensors, metadata } = decodeSafetensors(own, file);
    tensors.delete("optimizer.momentum.fc.bias");
    await Deno.writeFile(file, encodeSafetensors(tensors, metadata));
    await assert.rejects(resume, /expected optimizer\.momentum\.fc\.bias .* but found none$/);
    const header = JSON.parse(metadata.header!);
    header.progress.step = 700;
    await Deno.writeFile(file, encodeSafetensors(tensors, { header: JSON.stringify(header) }));
    await assert.rejects(resume, /expected to read how far training was but found damage$/);
  }));

Deno.test("a resumed run finds its pictures where they were moved to, from then on", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 2 } as const;
    await runUntil(place, "run", { pictures: 16 }, { flags });
    const moved = place.path("moved");
    await Deno.rename(place.data, moved);
    const options = { folder: place.path("run"), resume: true };
    const stop = AbortSignal.abort();
    await trainCifar({ ...options, flags: { dataPath: moved }, signal: stop });
    assert.equal((await trainCifar({ ...options, flags: {} })).interrupted, false);
  }));

const methods = [["augmix", true], ["mixup", false], ["cutmix", false]] as const;
for (const [method, jsd] of methods) {
  Deno.test(`a resumed run of ${method} has the bits of one that was never stopped`, () =>
    withPlace(async (place) => {
      const flags = { method };
      await run(place, "straight", { flags });
      await runUntil(place, "run", { pictures: 24 }, { flags });
      await runUntil(place, "run", { pictures: TRAIN + 8 }, { resume: true });
      await run(place, "run", { resume: true });
      assert.deepEqual(await traces(place.path("run")), await traces(place.path("straight")));
      const { flags: recorded, settings } = await readRun(place.path("run"));
      assert.deepEqual([recorded.jsd, settings.jsd], [jsd, jsd]);
    }));
}

/** Makes a run one of a version that did not have some flags yet. */
async function forget(folder: string, names: readonly string[]): Promise<void> {
  const without = (all: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name)));
  const { flags, settings, ...rest } = await readRun(folder);
  const older = { ...rest, flags: without(flags), settings: without(settings) };
  await Deno.writeTextFile(join(folder, "run.json"), JSON.stringify(older));
  const file = join(folder, "last.safetensors");
  const { tensors, metadata } = decodeSafetensors(await Deno.readFile(file), file);
  const header = JSON.parse(metadata.header!);
  header.settings = without(header.settings);
  const content = { ...metadata, header: JSON.stringify(header) };
  await Deno.writeFile(file, encodeSafetensors(tensors, content));
}

const newer = ["jsd", "grayMixing", "alpha", "k", "t", "mixtureWidth", "mixtureDepth", "allOps"];
const earlier = [["layermix", newer], ["augmix", newer.slice(0, 3)]] as const;
for (const [method, names] of earlier) {
  Deno.test(`a run of ${method} that began before there were some flags goes on as it began`, () =>
    withPlace(async (place) => {
      const flags = { method, jsd: false, epochs: 1 };
      await run(place, "straight", { flags });
      await runUntil(place, "run", { pictures: 16 }, { flags });
      await forget(place.path("run"), names);
      await assert.rejects(
        () => run(place, "run", { flags: { epochs: 1, jsd: true }, resume: true }),
        /expected --jsd false, as the run began, but found --jsd true; --force takes it$/,
      );
      await run(place, "run", { flags: { epochs: 1 }, resume: true });
      assert.deepEqual(await traces(place.path("run")), await traces(place.path("straight")));
      const [resumed, straight] = await Promise.all(
        ["run", "straight"].map((name) => readRun(place.path(name))),
      );
      assert.deepEqual(resumed.flags, straight.flags);
      assert.deepEqual(resumed.settings, straight.settings);
    }));
}
