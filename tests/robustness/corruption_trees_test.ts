import assert from "node:assert/strict";
import { join } from "node:path";
import type { CorruptPicture } from "../../lib/data/corrupt_pictures.ts";
import { openCorruptionTrees } from "../../lib/robustness/corruption_trees.ts";
import type { CorruptionSource } from "../../lib/robustness/source.ts";
import { StreamedReader } from "../../lib/robustness/streamed_reader.ts";
import type { CorruptionSuiteName } from "../../lib/robustness/suites.ts";
import { broken, refused } from "../data/trees.ts";
import { below, png, SIDE, six, tree, withImageNet } from "./imagenet_fixture.ts";
import { decodePicture } from "../../lib/data/picture_file.ts";

const view = { kind: "evaluation", resize: SIDE, size: SIDE } as const;
const two = six.slice(0, 2);

/** Calls `test` with the source of a folder, and with what it noted. */
async function withSource(
  folder: string,
  test: (source: CorruptionSource, notes: string[]) => Promise<void>,
  { suite = "c", classes = two }: { suite?: CorruptionSuiteName; classes?: readonly string[] } = {},
): Promise<void> {
  const reader = new StreamedReader(2), notes: string[] = [];
  const note = (line: string) => notes.push(line);
  try {
    await test(await openCorruptionTrees(folder, suite, { classes, view, reader, note }), notes);
  } finally {
    reader.close();
  }
}

/** Bytes r, g, b of a picture file. */
async function rgbOf(file: Uint8Array): Promise<Uint8Array> {
  const { rgba } = await decodePicture(file, "picture");
  return rgba.filter((_, i) => i % 4 !== 3);
}

Deno.test("a tree's stamp changes when a picture is replaced, in whichever class", () =>
  withImageNet(below("c/fog/1", tree(two, 3)), async (path) => {
    const stamp = async () => {
      let found = "";
      await withSource(path("c"), (source) => {
        found = source.stamp;
        return Promise.resolve();
      });
      return found;
    };
    const folder = path(`c/fog/1/${two[1]}`), [file] = [...Deno.readDirSync(folder)];
    // Clocks of file systems tick every few milliseconds.
    await Deno.utime(folder, 1, 1);
    const before = await stamp();
    assert.equal(await stamp(), before);
    await Deno.writeFile(join(folder, "new"), png(7));
    await Deno.rename(join(folder, "new"), join(folder, file!.name));
    assert.notEqual(await stamp(), before);
  }));

Deno.test("C's tree is found with what is missing and unknown, and read as it is", () =>
  withImageNet({
    ...below("c/fog/1", tree(two, 3)),
    ...below("c/fog/3", tree(two, 3, 40)),
    ...below("c/spatter/5", tree(two, 3, 80)),
    ...below("c/fog/6", tree(two, 1)),
    ...below("c/rain/1", tree(two, 1)),
  }, async (path) => {
    await withSource(path("c"), async ({ description, labels, read }, notes) => {
      assert.deepEqual(description.found, [
        { name: "fog", severities: [1, 3] },
        { name: "spatter", severities: [5] },
      ]);
      assert.deepEqual([description.count, description.scale], [6, "imagenet"]);
      assert.deepEqual(description.unknown_files, ["rain", "fog/6"]);
      assert.equal(description.pictures, "files, Resize(32), CenterCrop(32)");
      assert.deepEqual(notes, []);
      assert.deepEqual(Array.from(await labels(3, "fog")), [0, 0, 0, 1, 1, 1]);
      const expected = [await rgbOf(png(2, 40)), await rgbOf(png(3, 40))];
      const bytes = await read("fog", 3, 2, 2);
      assert.deepEqual(bytes, Uint8Array.from(expected.flatMap((one) => [...one])));
      assert.deepEqual(await read("fog", 1, 0, 1), await rgbOf(png(0)));
    });
  }));

Deno.test("a network of some classes takes these, and is told of classes that are not there", () =>
  withImageNet(below("c/fog/1", tree(six.slice(0, 3), 2)), async (path) => {
    await withSource(path("c"), async ({ description, labels }, notes) => {
      assert.equal(description.count, 4);
      assert.deepEqual(description.unknown_classes, [six[2]]);
      assert.match(notes.join(), new RegExp(`1 folders are no classes .* passed over: ${six[2]}$`));
      assert.deepEqual(Array.from(await labels(1, "fog")), [0, 0, 1, 1]);
    });
    const classes = [six[5]!, ...six.slice(0, 3)];
    await withSource(path("c"), async ({ description, labels }, notes) => {
      assert.deepEqual(description.missing_classes, [six[5]]);
      assert.match(
        notes.join(),
        new RegExp(`1 of the network's 4 classes are not there: ${six[5]}$`),
      );
      assert.deepEqual(
        Array.from(await labels(1, "fog")),
        [1, 1, 2, 2, 3, 3],
        "in the network's order",
      );
    }, { classes });
  }));

Deno.test("sets of other pictures than the first have counts of their own", () =>
  withImageNet({
    ...below("c/fog/1", tree(two, 3)),
    ...below("c/snow/1", tree(two, 2)),
  }, (path) =>
    withSource(path("c"), ({ description }, notes) => {
      assert.deepEqual(description.found.map(({ counts }) => counts), [[4], [6]]);
      assert.deepEqual([description.count, description.names], [6, undefined]);
      assert.match(notes.join(), /not all corruptions and severities are of the same pictures/);
      return Promise.resolve();
    })));

Deno.test("C-bar's severities may be named by their strength, as the published code writes them", () =>
  withImageNet({
    ...below("bar/blue_noise_sample/0.80", tree(two, 1)),
    ...below("bar/blue_noise_sample/5.60", tree(two, 1)),
    ...below("bar/plasma_noise/2", tree(two, 1)),
    ...below("bar/plasma_noise/7.00", tree(two, 1)),
    ...below("bar/ripple/1", tree(two, 1)),
  }, (path) =>
    withSource(path("bar"), ({ description }) => {
      assert.deepEqual(description.found, [
        { name: "blue_noise_sample", severities: [1, 5] },
        { name: "plasma_noise", severities: [2] },
      ]);
      assert.deepEqual(description.unknown_files, ["ripple", "plasma_noise/7.00"]);
      return Promise.resolve();
    }, { suite: "c-bar" })));

Deno.test("a picture that does not decode is black and named; more than 1 % of a set end it", () =>
  withImageNet({
    ...below("c/fog/1", tree(two, 60)),
    [`c/fog/1/${two[0]}/007.png`]: broken,
    ...below("c/snow/1", tree(two, 2)),
    [`c/snow/1/${two[0]}/001.png`]: new Uint8Array(0),
  }, (path) =>
    withSource(path("c"), async ({ read }) => {
      const told: CorruptPicture[] = [];
      const bytes = await read("fog", 1, 6, 3, (picture) => told.push(picture));
      assert.deepEqual(told.map(({ name }) => name), [`${two[0]}/007.png`]);
      assert.match(
        told[0]!.reason,
        /007\.png: expected a PNG, JPEG or WebP picture but found anoth/,
      );
      const size = 3 * SIDE * SIDE;
      assert(bytes.subarray(size, 2 * size).every((byte) => byte === 0));
      assert.deepEqual(bytes.subarray(2 * size), await rgbOf(png(8)));
      await assert.rejects(
        read("snow", 1, 0, 4),
        /^DataError: Cannot go on with .*: expected at most 0 unreadable pictures of 4 \(1 %\)/,
      );
    })));

Deno.test("trees of something else are refused, by their path", () =>
  withImageNet({
    ...below("c/fog/1", tree(two, 1)),
    ...below("wrong/hail/1", tree(two, 1)),
    ...below("empty/fog/1", { [two[0]!]: null, ...below(two[1]!, { "a.png": png(0) }) }),
    "bare/fog/1": null,
    "none/fog": null,
    file: png(0),
  }, async (path) => {
    const opened = (name: string, classes = two) =>
      withSource(path(name), () => Promise.resolve(), { classes });
    await refused(
      opened("absent"),
      /absent: expected a folder \(--imagenet-c-dir\) but found noth/,
    );
    await refused(opened("file"), /file: expected a folder \(--imagenet-c-dir\) but found/);
    await refused(
      opened("wrong"),
      /folders such as gaussian_noise\/1, .* but found hail; is it the/,
    );
    await refused(opened("none"), /but found none; is it the right folder\?$/);
    await refused(
      opened("bare"),
      /fog\/1: expected a folder for each class .* but found no folder$/,
    );
    await refused(opened("empty"), /at least one .* picture of each class but found none in /);
    await refused(
      opened("c", six.slice(2)),
      /c\/fog\/1: expected a folder for each class of the net/,
    );
    await refused(
      opened("c", six.slice(1)),
      new RegExp(`found none for ${six[2]}, .* but one for ${six[0]}$`),
    );
  }));

Deno.test("files that change while they are evaluated are told", () =>
  withImageNet(
    below("c/fog/1", tree(two, 2)),
    (path) =>
      withSource(path("c"), async ({ labels }) => {
        await Deno.remove(join(path("c/fog/1"), two[0]!, "000.png"));
        await assert.rejects(
          async () => await labels(1, "fog"),
          /fog\/1: its files are others than at the beginning$/,
        );
      }),
  ));
