import assert from "node:assert/strict";
import { openDataset, openMixingSet } from "../../lib/data/open.ts";
import { digest, TEST, TRAIN, withPlace, writeCifar } from "../train/fixture.ts";

Deno.test("openDataset() opens the split that is asked for", () =>
  withPlace(async ({ data, path }) => {
    const train = await openDataset("cifar10", data, "train");
    const test = await openDataset("cifar10", data, "test");
    assert.deepEqual([train.count, train.split, train.classes.length], [TRAIN, "train", 10]);
    assert.deepEqual([test.count, test.split, test.classes.length], [TEST, "test", 10]);
    assert.notEqual(train.fingerprint, test.fingerprint);
    await writeCifar(path("cifar100"), 100);
    const fine = await openDataset("cifar100", path("cifar100"), "train");
    assert.deepEqual([fine.count, fine.name, fine.classes.length], [TRAIN, "cifar100", 100]);
    assert.equal(digest(fine.rgba), digest(train.rgba));
    await assert.rejects(() => openDataset("cifar100", data, "train"), /train\.bin/);
  }));

Deno.test("openDataset() asks for a folder where one is needed, and makes shapes without", async () => {
  for (const name of ["cifar10", "cifar100"] as const) {
    await assert.rejects(() => openDataset(name, undefined, "train"), {
      name: "DataError",
      message: `Cannot read ${name}: give the folder of its files with --data-path`,
    });
  }
  const test = await openDataset("shapes", undefined, "test");
  assert.deepEqual([test.name, test.split, test.count], ["shapes", "test", 1000]);
});

Deno.test("openMixingSet() resizes pictures to 36 pixels, and says what it skipped", () =>
  withPlace(async ({ mixing, path }) => {
    await Deno.writeTextFile(`${mixing}/letter.png`, "Dear reader");
    const set = await openMixingSet(mixing);
    assert.deepEqual([set.size, set.count, [...set.widths]], [36, 4, [36, 36, 36, 36]]);
    assert.deepEqual(set.skipped.map(({ file }) => file), ["letter.png"]);
    await Deno.mkdir(path("empty"));
    await assert.rejects(() => openMixingSet(path("empty")), /^DataError: .* but found no file$/);
    await assert.rejects(() => openMixingSet(path("absent")), /^DataError: [^\n]*absent[^\n]*$/);
  }));
