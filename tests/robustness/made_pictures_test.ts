import assert from "node:assert/strict";
import { join } from "node:path";
import { openDataset } from "../../lib/data/open.ts";
import { openCorruptionFiles } from "../../lib/robustness/corruption_files.ts";
import { makeCorruptions } from "../../lib/robustness/corruptions/make_corruptions.ts";
import { corruptions } from "../../lib/robustness/corruptions/suites.ts";
import { evaluateCifar } from "../../lib/robustness/evaluate_cifar.ts";
import { openMadePictures } from "../../lib/robustness/made_pictures.ts";
import { corruptionNames, sequenceNames } from "../../lib/robustness/suites.ts";
import type { Place } from "../train/fixture.ts";
import { withCheckpoint } from "./checkpoint.ts";
import { schemaErrors } from "./schema.ts";

/** Keeps the first three of the test pictures. */
async function shorten({ data }: Place): Promise<void> {
  await Deno.truncate(join(data, "test_batch.bin"), 3 * 3073);
}

Deno.test("the corruptions that can be made are those that count", () => {
  assert.deepEqual(corruptions("c").map(({ name }) => name), corruptionNames.c.test);
  const others = corruptions("c", "validation").map(({ name }) => name);
  assert.deepEqual(others, corruptionNames.c.validation);
  assert.deepEqual(corruptions("c-bar").map(({ name }) => name), corruptionNames["c-bar"].test);
  assert.deepEqual(corruptions("p").map(({ name }) => name), sequenceNames.test);
  const unofficial = corruptions("p", "validation").map(({ name }) => name);
  assert.deepEqual(unofficial, sequenceNames.validation);
});

Deno.test("--make measures exactly what the files of layermix corrupt have", () =>
  withCheckpoint(async (place, { cDir: folder, ...options }) => {
    await shorten(place);
    const { data: path } = place;
    const seed = 7, source = { dataset: "cifar10" as const, path };
    await makeCorruptions({ suite: "c", source, folder: folder!, seed });
    const all = { ...options, suites: ["clean", "c"] as const, batchSize: 3, seed };
    const [files, made] = [
      await evaluateCifar({ ...all, cDir: folder }),
      await evaluateCifar({ ...all, make: true }),
    ];
    assert.equal(schemaErrors(made), "");
    assert.equal(made.suites.c!.complete, true);
    assert.deepEqual(made.suites, files.suites);
    const settings = "made, table cifar, seed 7, frost built-in";
    assert.equal(made.sources.c!.pictures, settings);
    assert.match(files.sources.c!.pictures, new RegExp(`^${settings}, layermix \\d`));
    const test = await openDataset("cifar10", path, "test");
    const [one, other] = [
      await openMadePictures("c", test, { seed }),
      await openMadePictures("c", test, { seed: 8 }),
    ];
    const bytes = await one.read("gaussian_noise", 2, 1, 2);
    assert.notDeepEqual(await other.read("gaussian_noise", 2, 1, 2), bytes);
    assert.notEqual(one.description.fingerprint, other.description.fingerprint);
    const written = await openCorruptionFiles(folder!, "c", test);
    assert.deepEqual(bytes, await written.read("gaussian_noise", 2, 1, 2));
    for (const source of [one, other, written]) await source.close();
  }));

Deno.test("files that layermix corrupt wrote of some severities are of those severities", () =>
  withCheckpoint(async (place, { cDir }) => {
    await shorten(place);
    const folder = cDir!, source = { dataset: "cifar10" as const, path: place.data };
    await makeCorruptions({
      ...{ suite: "c", source, folder, seed: 7, names: ["contrast"], severities: [3, 5] },
    });
    const test = await openDataset("cifar10", place.data, "test");
    const [files, made] = [
      await openCorruptionFiles(folder, "c", test),
      await openMadePictures("c", test, { seed: 7 }),
    ];
    assert.deepEqual(files.description.found, [{ name: "contrast", severities: [3, 5] }]);
    for (const severity of [3, 5]) {
      const bytes = await files.read("contrast", severity, 0, 3);
      assert.deepEqual(bytes, await made.read("contrast", severity, 0, 3));
      assert.deepEqual([...files.labels(severity) as number[]], [...test.labels]);
    }
    await files.close();
    await made.close();
    await Deno.writeTextFile(join(folder, "corrupt.json"), '{"severities":[6]}');
    await assert.rejects(
      openCorruptionFiles(folder, "c", test),
      /^DataError: .*corrupt\.json: expected the record of corrupted pictures but found something/,
    );
    // What cannot be read is not absent.
    await Deno.remove(join(folder, "corrupt.json"));
    await Deno.mkdir(join(folder, "corrupt.json"));
    await assert.rejects(
      openCorruptionFiles(folder, "c", test),
      /^DataError: .*corrupt\.json: expected the record of corrupted pictures but found Is a dir/,
    );
  }));

Deno.test("--make measures C-bar and P as the files of layermix corrupt have them", () =>
  withCheckpoint(async (place, options) => {
    await shorten(place);
    const { data: path } = place, seed = 7;
    const source = { dataset: "cifar10" as const, path };
    const cBarDir = place.path("made-c-bar");
    await makeCorruptions({ suite: "c-bar", source, folder: cBarDir, seed });
    for (const difficulty of [1, 2] as const) {
      const suites = difficulty === 1 ? ["c-bar", "p"] as const : ["p"] as const;
      const pDir = place.path(`made-p-${difficulty}`);
      await makeCorruptions({ suite: "p", source, folder: pDir, seed, severities: [difficulty] });
      const all = { ...options, cBarDir, pDir, suites, batchSize: 3, seed, difficulty };
      const files = await evaluateCifar(all);
      const made = await evaluateCifar({ ...all, cBarDir: undefined, pDir: undefined, make: true });
      assert.equal(schemaErrors(made), "");
      assert.equal(made.suites.p!.complete, true);
      assert.deepEqual(made.suites, files.suites);
    }
  }));
