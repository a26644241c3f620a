import assert from "node:assert/strict";
import { join } from "node:path";
import { modelTitle } from "../../lib/models/model.ts";
import { completed, settingsOf, type TrainFlags } from "../../lib/train/flags.ts";
import { readCheckpoint, restore, saveCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { readState } from "../../lib/checkpoint/network_state.ts";
import { shapes } from "../../lib/data/shapes.ts";
import { initialize } from "../../lib/nn/initialize.ts";
import { openSession } from "../../lib/train/session.ts";
import { gpuTest } from "../gpu.ts";
import { digests, run, runUntil, traces, withPlace } from "./fixture.ts";

/** Two steps in each epoch of the tiny data. */
const brief: Partial<TrainFlags> = { epochs: 1, batchSize: 22, evalBatchSize: 20 };

const variants: [string, Partial<TrainFlags>][] = [
  ["an average, parts, smoothing, warm-up and pictures held out", {
    ...{ ...brief, epochs: 2, batchSize: 20, holdout: 4, method: "cutmix" },
    ...{ accumulate: 2, emaDecay: 0.9, labelSmoothing: 0.1, warmupEpochs: 0.5 },
  }],
  ["f16 with an average, in parts", {
    ...{ ...brief, epochs: 2, batchSize: 20, accumulate: 2, emaDecay: 0.9, precision: "f16" },
  }],
  ["three views in parts", { ...brief, method: "augmix", jsd: true, accumulate: 2 }],
];

for (const [name, flags] of variants) {
  Deno.test(`resuming has the bits of never stopping: ${name}`, () =>
    withPlace(async (place) => {
      await run(place, "straight", { flags, saveEvery: 1 });
      const straight = await traces(place.path("straight"));
      const moment = { pictures: flags.batchSize! };
      const stopped = await runUntil(place, "stopped", moment, { flags });
      assert.deepEqual([stopped.interrupted, stopped.progress.step], [true, 1]);
      await run(place, "stopped", { resume: true, flags });
      assert.deepEqual(await traces(place.path("stopped")), straight);
    }));
}

for (const model of ["resnet18", "resnext29", "densenet40", "allconv"] as const) {
  gpuTest(`a checkpoint of ${model} holds all that its next step depends on`, async (gpu) => {
    const folder = await Deno.makeTempDir({ prefix: "layermix-test-" });
    const data = shapes("train", 8, 5), file = join(folder, "last.safetensors");
    const flags = completed({ model, method: "baseline", batchSize: 4, emaDecay: 0.9 });
    const settings = settingsOf(flags, data.classes.length);
    const session = await openSession(gpu, settings, data);
    const { parameters, averages } = session;
    for (const one of [parameters, averages!]) initialize(gpu, one, settings.seed);
    const state = async () => ({
      ...digests(await readState(gpu, parameters, 0)),
      average: digests(await readState(gpu, averages!, 0)),
    });
    const second = async () => {
      await session.step(Uint32Array.of(4, 5, 6, 7), 0, 1, 10);
      return await state();
    };
    await session.step(Uint32Array.of(0, 1, 2, 3), 0, 0, 10);
    const { name: dataset, classes, width, height } = data;
    const header = { dataset, classes, width, height, model: settings.model, settings: {} };
    const progress = { step: 1 };
    await saveCheckpoint(gpu, parameters, file, { ...header, progress }, averages);
    const straight = await second();
    assert.notDeepEqual(await second(), straight);
    const checkpoint = await readCheckpoint(file);
    restore(gpu, parameters, checkpoint, settings.model, { momenta: true, averages });
    assert.deepEqual(await second(), straight);
    session.destroy();
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("pictures held out choose the best epoch, and are not trained on", () =>
  withPlace(async (place) => {
    const result = await run(place, "held", { flags: { method: "baseline", holdout: 12 } });
    const { records } = await traces(place.path("held")) as { records: Record<string, number>[] };
    const errors = records.map(({ holdout_error }) => holdout_error!);
    const { epoch, holdout_error } = result.progress.best!;
    assert.equal(holdout_error, Math.min(...errors));
    assert.equal(errors[epoch - 1], holdout_error);
    const json = JSON.parse(await Deno.readTextFile(place.path("held/run.json")));
    assert.equal(json.best_chosen_on, "holdout");
    assert.deepEqual([json.data.train.count, json.data.holdout.count], [32, 12]);
    await assert.rejects(
      () => run(place, "all", { flags: { holdout: 44 } }),
      /^RangeError: Cannot hold out pictures: expected fewer than the 44 of cifar10 but found 44$/,
    );
  }));

Deno.test("a moving average is saved beside the weights and is what is tested", () =>
  withPlace(async (place) => {
    const flags = { ...brief, method: "baseline", emaDecay: 0.99 } as const;
    await run(place, "average", { flags });
    await run(place, "plain", { flags: { ...flags, emaDecay: 0 } });
    const read = async (name: string) => {
      const { records } = await traces(place.path(name)) as { records: Record<string, number>[] };
      const { tensors } = await readCheckpoint(place.path(`${name}/last.safetensors`));
      return { record: records[0]!, tensors };
    };
    const [average, plain] = [await read("average"), await read("plain")];
    assert.equal(average.record.train_loss, plain.record.train_loss);
    assert.notEqual(average.record.test_loss, plain.record.test_loss);
    assert.deepEqual(average.tensors.get("fc.weight"), plain.tensors.get("fc.weight"));
    assert.notDeepEqual(average.tensors.get("average.fc.weight"), plain.tensors.get("fc.weight"));
    assert.ok(!plain.tensors.has("average.fc.weight"));
  }));

Deno.test("flags complete themselves by the network, and refuse what it has not", () => {
  const { layers, widenFactor, droprate } = completed({ model: "allconv" });
  assert.deepEqual([layers, widenFactor, droprate], [9, 1, 0.5]);
  const settings = settingsOf(completed({ model: "densenet40" }), 10);
  assert.equal(modelTitle(settings.model), "DenseNet-40 k=12");
  const refuse = (flags: Partial<TrainFlags>, error: RegExp) =>
    assert.throws(() => settingsOf(completed(flags), 10), error);
  refuse({ model: "resnet18", layers: 50 }, /Cannot build ResNet-18: expected layers 18/);
  refuse({ model: "resnext29", droprate: 0.3 }, /expected dropRate 0 but found 0.3/);
  refuse({ warmupEpochs: 100 }, /warm-up shorter than the 100 epochs but found 100/);
  refuse({ batchSize: 128, accumulate: 3 }, /3 equal parts of a batch of 128 pictures are none/);
});
