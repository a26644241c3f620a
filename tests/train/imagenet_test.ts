import assert from "node:assert/strict";
import { completed, type TrainFlags } from "../../lib/train/flags.ts";
import { trainImageNet } from "../../lib/train/run.ts";
import { tellCorrupt } from "../../lib/train/run_data.ts";
import { traces } from "./fixture.ts";
import { withTrees, write } from "./imagenet_fixture.ts";

Deno.test("trainImageNet() trains on folders of classes, with any number of threads, resumed or not", () =>
  withTrees(async ({ path, run }) => {
    const result = await run("straight");
    assert.deepEqual([result.progress.step, result.progress.epoch], [6, 2]);
    const json = JSON.parse(await Deno.readTextFile(path("straight/run.json")));
    assert.deepEqual([json.data.train.count, json.data.test.count], [22, 9]);
    assert.deepEqual([json.data.train.path, json.data.test.path], [path("train"), path("val")]);
    assert.equal(json.settings.model.classes, 3);
    const straight = await traces(path("straight"));
    const stop = new AbortController();
    const observer = {
      step: ({ pictures }: { pictures: number }) => pictures === 8 && stop.abort(),
    };
    const stopped = await run(
      "stopped",
      {},
      { signal: stop.signal, workers: 1, observer } as never,
    );
    assert.deepEqual([stopped.interrupted, stopped.progress.step], [true, 1]);
    await trainImageNet({ flags: {}, folder: path("stopped"), resume: true, workers: 3 });
    assert.deepEqual(await traces(path("stopped")), straight);
  }));

Deno.test("trainImageNet() mixes pictures in, holds some out, and shows others for damaged ones", () =>
  withTrees(async ({ path, run }) => {
    await write(path("train/ant/damaged.png"), new TextEncoder().encode("no picture"));
    for (let i = 0; i < 120; i++) {
      await Deno.copyFile(path("train/bee/1.png"), path(`train/bee/copy${i}.png`));
    }
    const notes: string[] = [];
    const more = { method: "layermix", mixingSet: "fractals", holdout: 100, epochs: 1 } as const;
    await run("mixed", more, { note: (line) => notes.push(line) });
    const json = JSON.parse(await Deno.readTextFile(path("mixed/run.json")));
    const { train, holdout, mixing } = json.data;
    assert.deepEqual([train.count, holdout.count, mixing.count], [43, 100, 64]);
    assert.notEqual(train.fingerprint, holdout.fingerprint);
    const told = notes.filter((line) => line.includes("could not be read"));
    assert.equal(told.length, 1, told.join());
    assert.match(told[0]!, /^note: 1 (train .*\); others|holdout .*\); black ones) were shown in/);
    assert.match(told[0]!, /\(first: ant\/damaged\.png: /);
    // What is measured keeps its place.
    tellCorrupt("test", [{ name: "a.png", reason: "cut" }], (line) => notes.push(line), "black");
    assert.equal(
      notes.at(-1),
      "note: 1 test pictures could not be read (first: a.png: cut); black ones were shown in their place",
    );
  }));

Deno.test("trainImageNet() refuses other classes to test with, and folders that are not named", () =>
  withTrees(async ({ path, run }) => {
    const refuses = (flags: Partial<TrainFlags>, message: RegExp) =>
      assert.rejects(run("refused", flags), message);
    await refuses({ dataVal: undefined }, /give the folders .* --data-standard and --data-val$/);
    await refuses({ numClasses: 10 }, /train: expected 10 classes but found 3$/);
    await refuses(
      { dataStandard: path("absent") },
      /absent: expected a folder of classes or a pack/,
    );
    await Deno.rename(path("val/bee"), path("val/wasp"));
    await refuses({}, /val: expected a folder for each of 3 classes but found none for bee$/);
    await refuses({ method: "pixmix" }, /val: /);
  }));

Deno.test("the defaults of large pictures are the published ImageNet recipe", () => {
  const { model, epochs, batchSize, learningRate, side, droprate } = completed({
    dataset: "imagenet",
  });
  assert.deepEqual(
    { model, epochs, batchSize, learningRate, side, droprate },
    {
      model: "imagenet_resnet50",
      epochs: 90,
      batchSize: 128,
      learningRate: 0.01,
      side: 224,
      droprate: 0,
    },
  );
  const { blendingRatio, magnitude, allOps } = completed({ dataset: "imagenet", method: "pixmix" });
  assert.deepEqual([blendingRatio, magnitude, allOps], [4, 1, true]);
  const small = completed({ method: "pixmix" });
  assert.deepEqual([small.blendingRatio, small.magnitude], [3, 3]);
});
