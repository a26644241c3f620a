import assert from "node:assert/strict";
import { methodNames } from "../../lib/augment/methods.ts";
import { cifarDefaults, completed, flagsOfResumed, settingsOf } from "../../lib/train/flags.ts";
import { withRecipe } from "../../lib/train/recipes.ts";

const begun = { ...cifarDefaults, dataPath: "/data", mixingSet: "fractals", batchSize: 64 };

Deno.test("settingsOf() takes every flag but those that say where the pictures are", () => {
  const { dataset: _, dataPath: __, mixingSet: ___, model: name, ...rest } = begun;
  const { layers, widenFactor, droprate: dropRate, ...plain } = rest;
  const model = { name, layers, widenFactor, dropRate, classes: 100 };
  assert.deepEqual(settingsOf(begun, 100), { ...plain, model });
});

Deno.test("the defaults are the published recipe", () => {
  const { model, epochs, batchSize, learningRate, momentum, decay } = settingsOf(cifarDefaults, 10);
  assert.deepEqual(model, { name: "wrn", layers: 40, widenFactor: 4, dropRate: 0.3, classes: 10 });
  assert.deepEqual([epochs, batchSize, learningRate, momentum, decay], [100, 128, 0.1, 0.9, 5e-4]);
});

Deno.test("settingsOf() refuses a learning rate that is not above 0", () => {
  for (const learningRate of [0, -1, NaN]) {
    assert.throws(
      () => settingsOf({ ...begun, learningRate }, 10),
      new RangeError(`Cannot train: expected a learning rate above 0 but found ${learningRate}`),
    );
  }
});

Deno.test("AugMix's loss is on where it is published so, and off or on where asked", () => {
  const on = methodNames.filter((method) => completed({ method }).jsd);
  assert.deepEqual(on, ["ipmix", "augmix"]);
  assert.equal(completed({ method: "augmix", jsd: false }).jsd, false);
  assert.equal(settingsOf(completed({ method: "pixmix", jsd: true }), 10).jsd, true);
});

Deno.test("settingsOf() refuses AugMix's loss of methods without views", () => {
  for (const method of ["mixup", "cutmix", "baseline"] as const) {
    assert.throws(
      () => settingsOf(completed({ method, jsd: true }), 10),
      new RangeError(
        `Cannot train with ${method} and --jsd: it has no views of a picture to compare, as ` +
          "layermix, pixmix, ipmix, augmix, random_erasing have",
      ),
    );
  }
});

Deno.test("a recipe's network and ops do not count with another network or method", () => {
  const { layers, widenFactor, droprate } = completed(withRecipe("layermix-cifar", {}));
  assert.deepEqual([layers, widenFactor, droprate], [40, 4, 0.3]);
  const other = completed(withRecipe("augmix-cifar", { model: "resnet18", epochs: 3 }));
  assert.equal(settingsOf(other, 10).model.layers, 18);
  assert.deepEqual([other.method, other.ops, other.jsd, other.epochs], ["augmix", "pil", true, 3]);
  const mixed = completed(withRecipe("augmix-cifar", { method: "mixup" }));
  assert.deepEqual([mixed.widenFactor, mixed.jsd], [2, false]);
  const layermix = completed(withRecipe("pixmix-cifar", { method: "layermix" }));
  assert.deepEqual([layermix.ops, layermix.allOps], ["reference", false]);
  const same = withRecipe("augmix-cifar", { model: "wrn", method: "augmix", widenFactor: 4 });
  assert.deepEqual([same.widenFactor, same.layers, same.jsd], [4, 40, true]);
});

Deno.test("flagsOfResumed() gives the flags the run began with", () => {
  assert.deepEqual(flagsOfResumed(begun, {}, "runs/a"), begun);
  assert.deepEqual(flagsOfResumed(begun, { batchSize: 64, mixingSet: "fractals" }, "a"), begun);
});

Deno.test("flagsOfResumed() names a flag that differs as it is typed, and both values", () => {
  assert.throws(
    () => flagsOfResumed(begun, { batchSize: 64, evalBatchSize: 5 }, "runs/a"),
    new RangeError(
      "Cannot resume runs/a: expected --eval-batch-size 1000, as the run began, but found " +
        "--eval-batch-size 5; --force takes it",
    ),
  );
});

Deno.test("flagsOfResumed() takes flags that differ where forced, and names all of them", () => {
  const given = { learningRate: 0.05, epochs: 200 };
  assert.throws(
    () => flagsOfResumed(begun, given, "runs/a"),
    /expected --learning-rate 0.1, --epochs 100, .* found --learning-rate 0.05, --epochs 200; --f/,
  );
  assert.deepEqual(flagsOfResumed(begun, given, "runs/a", true), { ...begun, ...given });
});

Deno.test("flagsOfResumed() lets pictures have moved", () => {
  const given = { dataPath: "/moved", mixingSet: "/mixing" };
  assert.deepEqual(flagsOfResumed(begun, given, "a"), { ...begun, ...given });
});
