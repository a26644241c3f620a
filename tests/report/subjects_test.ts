import assert from "node:assert/strict";
import { join } from "node:path";
import { encodePng } from "../../lib/data/picture_file.ts";
import type { Picture } from "../../lib/data/pixels.ts";
import { centerCrop, resizeShorterSide } from "../../lib/data/resize.ts";
import { frameFolder } from "../../lib/report/frame_folder.ts";
import { openMixingSetFor } from "../../lib/report/mixing.ts";
import { datasetSubjects, fileSubjects, type Subjects } from "../../lib/report/subjects.ts";
import { data, original } from "./fixture.ts";
import { withFolder } from "../data/folder.ts";

function picture(width: number, height: number): Picture {
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let i = 0; i < width * height; i++) rgba.set([i, 7 * i, 255 - i], 4 * i);
  return { width, height, rgba };
}

async function write(folder: string, name: string, content: Picture | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await Deno.writeFile(file, "rgba" in content ? encodePng(content) : content);
  return file;
}

Deno.test("datasetSubjects() are pictures of a data set with their classes", () => {
  const { title, pictures, padding } = datasetSubjects(data, [3, 0]);
  assert.deepEqual([title, padding], ["shapes", 4]);
  assert.deepEqual(pictures.map(({ index }) => index), [3, 0]);
  assert.equal(pictures[0]!.name, data.classes[data.labels[3]!]);
  assert.deepEqual(pictures[0]!.picture, original(3));
});

Deno.test("datasetSubjects() refuse an index that is not in the data set, and none", () => {
  assert.throws(() => datasetSubjects(data, [0, 24]), {
    name: "RangeError",
    message: "Cannot draw picture 24: expected an index in 0 … 23 of shapes",
  });
  assert.throws(() => datasetSubjects(data, []), /expected an index in 0 … 23 of shapes/);
});

Deno.test("fileSubjects() are files as they are, or resized and cut to squares", () =>
  withFolder(async (folder) => {
    const pictures = [picture(9, 5), picture(1, 1)];
    const files = [
      await write(folder, "a.png", pictures[0]!),
      await write(folder, "b.png", pictures[1]!),
    ];
    const own = await fileSubjects(files, "own");
    assert.deepEqual([own.title, own.padding], ["2 pictures", 0]);
    assert.deepEqual(own.pictures.map(({ index, name }) => [index, name]), [[0, "a.png"], [
      1,
      "b.png",
    ]]);
    assert.deepEqual(own.pictures.map(({ picture }) => picture), pictures);
    const square = await fileSubjects(files, 8);
    for (const [i, subject] of square.pictures.entries()) {
      assert.deepEqual(subject.picture, centerCrop(resizeShorterSide(pictures[i]!, 8), 8));
    }
  }));

Deno.test("fileSubjects() refuse what is no picture with a line that names the file", () =>
  withFolder(async (folder) => {
    const png = encodePng(picture(9, 5));
    const refused: [string, RegExp][] = [
      [await write(folder, "text.png", new TextEncoder().encode("text")), /found another format$/],
      [await write(folder, "cut.png", png.subarray(0, png.length - 30)), /broken or cut/],
      [await write(folder, "empty.png", new Uint8Array()), /found no bytes$/],
      [await write(folder, "strip.png", picture(200, 2)), /at most 32 to 1 to resize but found/],
      [folder, /expected a picture file but found a folder$/],
      [join(folder, "none.png"), /expected a picture file but found nothing there$/],
      [join(folder, "text.png", "x"), /expected a picture file but found/],
    ];
    for (const [file, message] of refused) {
      await assert.rejects(() => fileSubjects([file], 8), (error: Error) => {
        assert.equal(error.name, "DataError");
        assert(error.message.startsWith(`Cannot read ${file}: `), error.message);
        assert.match(error.message, message);
        return true;
      });
    }
  }));

Deno.test("openMixingSetFor() gives mixing pictures that cover the pictures", () =>
  withFolder(async (folder) => {
    await write(folder, "wide.png", picture(30, 20));
    const shorter = async (...pictures: Picture[]) => {
      const subjects = { pictures: pictures.map((picture) => ({ picture })) } as Subjects;
      return (await openMixingSetFor(folder, subjects, { most: Infinity })).size;
    };
    assert.equal(await shorter(picture(32, 32)), 36);
    assert.equal(await shorter(picture(224, 224)), 256);
    assert.equal(await shorter(picture(1, 1)), 1);
    assert.equal(await shorter(picture(12, 50), picture(40, 3)), 50);
  }));

Deno.test("frameFolder() writes files that sort by picture, method, epoch and stage", () =>
  withFolder(async (folder) => {
    const shown = picture(3, 2);
    const to = join(folder, "new", "frames");
    const frames = await frameFolder(to);
    const subject = { index: 12, name: "cat & dog.png", picture: shown };
    const frame = { method: "augmix", subject, epoch: 3, picture: shown } as const;
    await frames.write({ ...frame, number: 0, what: "original" });
    await frames.write({ ...frame, number: 1, what: "shear_x slope -0.5" });
    assert.equal(frames.count, 2);
    assert.deepEqual([...Deno.readDirSync(to)].map(({ name }) => name).sort(), [
      "00012-cat-dog.png_augmix_epoch-0003_000-original.png",
      "00012-cat-dog.png_augmix_epoch-0003_001-shear_x-slope-minus-0.5.png",
    ]);
    const message = (text: string) => ({
      name: "DataError",
      message: `Cannot write frames ${text}`,
    });
    await assert.rejects(
      () => frameFolder(to),
      message(`to ${to}: expected a new or empty folder but found files in it`),
    );
    const file = await write(folder, "file", new Uint8Array());
    await assert.rejects(
      () => frameFolder(file),
      message(`to ${file}: expected a folder but found a file`),
    );
  }));
