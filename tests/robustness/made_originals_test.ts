import assert from "node:assert/strict";
import { join } from "node:path";
import type { CorruptPicture } from "../../lib/data/corrupt_pictures.ts";
import { writePack } from "../../lib/data/pack/write_pack.ts";
import { openPictureTree } from "../../lib/data/picture_tree.ts";
import { openClassPictures } from "../../lib/robustness/class_pictures.ts";
import { openCorruptionTrees } from "../../lib/robustness/corruption_trees.ts";
import { makeCorruptions } from "../../lib/robustness/corruptions/make_corruptions.ts";
import { corruptions } from "../../lib/robustness/corruptions/suites.ts";
import { streamedOriginals } from "../../lib/robustness/made_originals.ts";
import { openMadePictures, openMadeSequences } from "../../lib/robustness/made_pictures.ts";
import { openSequenceTrees } from "../../lib/robustness/sequence_trees.ts";
import type { Source } from "../../lib/robustness/source.ts";
import { StreamedReader } from "../../lib/robustness/streamed_reader.ts";
import { namesOf } from "../../lib/robustness/suites.ts";
import { broken } from "../data/trees.ts";
import { digest } from "../train/fixture.ts";
import { below, six, tree, withImageNet } from "./imagenet_fixture.ts";

const classes = six.slice(1, 3), seed = 7;
/** Larger than what CIFAR's tables are for. */
const view = { kind: "evaluation", resize: 80, size: 70 } as const;
const cut = { kind: "evaluation", resize: 70, size: 70 } as const;
const sizes = { resize: 80, crop: 70, format: "png" } as const;

Deno.test("the corruptions that can be made of large pictures are those that count", () => {
  const made = corruptions("c-bar", "test", "imagenet").map(({ name }) => name);
  assert.deepEqual(made, namesOf("c-bar", "imagenet").test);
});

Deno.test("--make has the bytes of layermix corrupt --images, also of some classes and of a pack", () =>
  withImageNet(below("val", tree(six.slice(0, 3), 2)), async (path) => {
    const images = path("val");
    const source = await openPictureTree(images);
    await writePack(source, path("val.pack"), { size: 80, workers: 1 });
    const reader = new StreamedReader(1), trees = { classes, view: cut, reader };
    const pictures = await openClassPictures(images, classes);
    const originals = await streamedOriginals(pictures, view);
    const opened: Source[] = [];
    const packed = await openClassPictures(path("val.pack"), classes);
    try {
      for (const [suite, name] of [["c", "gaussian_noise"], ["c-bar", "plasma_noise"]] as const) {
        const folder = path(suite), severity = 3;
        await makeCorruptions({
          ...{ suite, source: { images, ...sizes }, folder, seed, names: [name], workers: 1 },
          severities: [severity],
        });
        const made = await openMadePictures(suite, originals, { seed });
        const files = await openCorruptionTrees(folder, suite, trees);
        const fromPack = await openMadePictures(suite, await streamedOriginals(packed, view), {
          seed,
        });
        opened.push(made, files, fromPack);
        const expected = await files.read(name, severity, 0, 4);
        assert.equal(digest(await made.read(name, severity, 0, 4)), digest(expected));
        const last = expected.subarray(-3 * 70 * 70);
        assert.equal(digest(await made.read(name, severity, 3, 1)), digest(last));
        assert.equal(digest(await fromPack.read(name, severity, 0, 4)), digest(expected));
        assert.equal(made.description.names, files.description.names);
        assert.deepEqual(
          [made.description.scale, files.description.scale],
          Array(2).fill("imagenet"),
        );
      }
      const folder = path("p");
      await makeCorruptions({
        ...{ suite: "p", source: { images, ...sizes }, folder, seed, names: ["translate"] },
        workers: 1,
      });
      const made = openMadeSequences(originals, { seed }, 1);
      const files = await openSequenceTrees(folder, 1, trees);
      opened.push(made);
      const [one, other] = [made, files].map((source) => source.read("translate", 1, 2));
      assert.equal(digest(await one!), digest(await other!));
    } finally {
      for (const source of opened) await source.close();
      reader.close();
    }
  }));

Deno.test("--make shows black for a picture that does not decode, leaves out its video, and names it", () =>
  withImageNet(below("val", tree(classes, 60)), async (path) => {
    await Deno.writeFile(join(path("val"), classes[0]!, "001.png"), broken);
    const pictures = await openClassPictures(path("val"), classes);
    const originals = await streamedOriginals(pictures, { ...view, resize: 37, size: 32 });
    const made = await openMadePictures("c", originals, { seed });
    const told: CorruptPicture[] = [], size = 3 * 32 * 32;
    const bytes = await made.read("brightness", 1, 0, 3, (one) => told.push(one));
    assert(bytes.subarray(size, 2 * size).every((byte) => byte === 0));
    assert(bytes.subarray(2 * size).some((byte) => byte > 0));
    assert.deepEqual(told.map(({ name }) => name), [`${classes[0]}/001.png`]);
    await made.close();
    const videos = openMadeSequences(originals, { seed }, 1);
    const frames = await videos.read("brightness", 0, 3, (one) => told.push(one));
    assert.deepEqual([frames.length, told.length], [2 * 31 * size, 2]);
    await videos.close();
  }));
