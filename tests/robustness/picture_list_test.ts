import assert from "node:assert/strict";
import { imagenet1k, imagenet200, imagenetA } from "../../lib/data/class_list.ts";
import { openPictureList } from "../../lib/robustness/picture_list.ts";
import { StreamedReader } from "../../lib/robustness/streamed_reader.ts";
import type { ListSuiteName } from "../../lib/robustness/suites.ts";
import { below, SIDE, six, tree, withImageNet } from "./imagenet_fixture.ts";

const view = { kind: "evaluation", resize: 37, size: SIDE } as const;

async function open(folder: string, suite: ListSuiteName, classes: readonly string[]) {
  const notes: string[] = [];
  const note = (line: string) => notes.push(line);
  const source = await openPictureList(folder, suite, {
    ...{ classes, view, reader: new StreamedReader(1), note },
  });
  return { ...source, notes };
}

const shared = imagenet200.filter((name) => imagenetA.includes(name));

Deno.test("R and A have 200 classes each, 86 of them in common, all of ImageNet-1k's", () => {
  assert.deepEqual([imagenet1k.length, imagenet200.length, imagenetA.length], [1000, 200, 200]);
  assert.equal(shared.length, 86);
  for (const list of [imagenet1k, imagenet200, imagenetA]) {
    assert.deepEqual(list, [...list].sort());
    assert(list.every((name) => imagenet1k.includes(name)));
  }
});

Deno.test("a network of 1000 classes is masked to the 200 of R or A, whichever are there", () =>
  withImageNet(
    { ...below("r", tree(six, 2)), ...below("a", tree(six.slice(-1), 2)) },
    async (path) => {
      const r = await open(path("r"), "r", imagenet1k);
      const { count, classes, suite_classes, network_classes } = r.description;
      assert.deepEqual([count, classes, suite_classes, network_classes], [12, 200, 200, 1000]);
      assert.deepEqual(r.columns.map((column) => imagenet1k[column]), imagenet200);
      const places = six.map((name) => imagenet200.indexOf(name));
      assert.deepEqual([...r.labels as Uint16Array], places.flatMap((place) => [place, place]));
      assert.match(r.notes.join(), /194 classes are not there/);
      const a = await open(path("a"), "a", imagenet1k);
      assert.deepEqual(a.columns.map((column) => imagenet1k[column]), imagenetA);
    },
  ));

Deno.test("of A, a network of R's classes is asked for those that both have alone", () =>
  withImageNet(below("a", tree(imagenetA, 1)), async (path) => {
    const a = await open(path("a"), "a", imagenet200);
    assert.deepEqual([a.description.count, a.description.classes], [86, 86]);
    assert.deepEqual(a.columns.map((column) => imagenet200[column]), shared);
    assert.deepEqual([...a.labels as Uint16Array], [...shared.keys()]);
    assert.match(a.notes.join(), /pictures of 114 of 200 classes are left out, which the network/);
    const r = await open(path("a"), "a", imagenetA);
    assert.deepEqual([r.description.count, r.notes], [200, []]);
  }));

Deno.test("folders that are none of the suite's are named, and other networks refused", () =>
  withImageNet({
    ...below("r", tree(imagenet200, 1)),
    ...below("r", tree(["extra"], 1)),
    ...below("own", tree(["ant", "bee"], 1)),
  }, async (path) => {
    const { description } = await open(path("r"), "r", imagenet200);
    assert.deepEqual([description.unknown_files, description.count], [["extra"], 200]);
    await assert.rejects(
      open(path("r"), "r", ["ant", "bee"]),
      /^DataError: Cannot evaluate r: expected a network of some of the 200 classes of ImageNet-R/,
    );
    await assert.rejects(
      open(path("own"), "r", imagenet200),
      /own: expected a folder for each class of ImageNet-R, such as .* but found only ant, bee$/,
    );
    await assert.rejects(open(path("none"), "a", imagenet200), /none: .* but found nothing there$/);
  }));
