import assert from "node:assert/strict";
import { join } from "node:path";
import { type MixingSet, readMixingSet } from "../../lib/data/mixing_set.ts";
import { openMixingSource } from "../../lib/data/mixing_source.ts";
import type { MixingCorner, MixingStream } from "../../lib/data/mixing_stream.ts";
import { openMixing } from "../../lib/data/open.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { writePack } from "../../lib/data/pack/write_pack.ts";
import { broken, manyFiles, withFiles, withTree, write } from "./trees.ts";

const SIZE = 20, WIDTH = 16, HEIGHT = 18;

async function openStream(path: string, workers = 2, size = SIZE): Promise<MixingStream> {
  const found = await openMixing(path, size, { most: 0, workers });
  assert.ok("cut" in found);
  return found;
}

/** Corners all over a set's pictures, more than there are pictures. */
function corners({ count, widths, heights }: Pick<MixingSet, "count" | "widths" | "heights">) {
  return Array.from({ length: 2 * count + 3 }, (_, i): MixingCorner => {
    const picture = 7 * i % count;
    const [down, across] = [heights[picture]! - HEIGHT, widths[picture]! - WIDTH];
    return { picture, top: 3 * i % (down + 1), left: 5 * i % (across + 1) };
  });
}

/** The same crops of a set in memory. */
function cutInMemory({ widths, offsets, rgba }: MixingSet, crops: readonly MixingCorner[]) {
  const found = new Uint8Array(crops.length * 4 * WIDTH * HEIGHT);
  for (const [i, { picture, top, left }] of crops.entries()) {
    for (let y = 0; y < HEIGHT; y++) {
      const from = offsets[picture]! + (top + y) * widths[picture]! + left;
      found.set(rgba.subarray(4 * from, 4 * (from + WIDTH)), 4 * WIDTH * (i * HEIGHT + y));
    }
  }
  return found;
}

const cutOut = async (stream: MixingStream, crops: readonly MixingCorner[]) => {
  const { rgba, release } = await stream.cut(crops, { width: WIDTH, height: HEIGHT });
  const found = rgba.slice();
  release();
  return found;
};

Deno.test("a mixing set that is read when needed has the pictures of one in memory, bit for bit", () =>
  withTree(async (_, folder) => {
    const path = join(folder, "tree");
    await write(path, { "notes.txt": broken, "a/strip.png.txt": broken });
    const set = await readMixingSet(path, { size: SIZE }), crops = corners(set);
    assert.deepEqual([set.count, set.skipped.length], [23, 2]);
    const expected = cutInMemory(set, crops);
    for (const workers of [1, 3]) {
      using stream = await openStream(path, workers);
      assert.deepEqual(
        [stream.files, stream.widths, stream.heights, stream.listing],
        [set.files, set.widths, set.heights, set.listing],
      );
      assert.deepEqual(stream.skipped.map(({ file }) => file), set.skipped.map(({ file }) => file));
      assert.deepEqual(await cutOut(stream, crops), expected);
      const alone = await cutOut(stream, crops.slice(9, 10));
      assert.deepEqual(alone, expected.slice(9 * alone.length, 10 * alone.length));
    }
  }));

Deno.test("a pack of a mixing set has its pictures, in memory or read when needed", () =>
  withTree(async (source, folder) => {
    const [path, file] = [join(folder, "tree"), join(folder, "set.pack")];
    await writePack((await openMixingSource(path)).source, file, { size: SIZE, workers: 2 });
    const set = await readMixingSet(path, { size: SIZE }), crops = corners(set);
    assert.deepEqual(await openMixing(file, SIZE, { most: Infinity }), set);
    using stream = await openStream(file);
    assert.deepEqual([stream.listing, stream.count], [set.listing, source.count]);
    assert.deepEqual(await cutOut(stream, crops), cutInMemory(set, crops));
  }));

Deno.test("openMixing() reads a set as a whole up to the bytes that it may take", () =>
  withTree(async (_, folder) => {
    const path = join(folder, "tree"), set = await readMixingSet(path, { size: SIZE });
    const bytes = set.rgba.length;
    assert.deepEqual(await openMixing(path, SIZE, { most: bytes }), set);
    assert.ok("cut" in await openMixing(path, SIZE, { most: bytes - 1 }));
  }));

Deno.test("crops that are asked for at once do not share memory, and what is given back is used again", () =>
  withTree(async (_, folder) => {
    const path = join(folder, "tree"), set = await readMixingSet(path, { size: SIZE });
    const crops = corners(set), size = { width: WIDTH, height: HEIGHT };
    using stream = await openStream(path);
    const [first, second] = [stream.cut(crops, size), stream.cut(crops.toReversed(), size)];
    assert.deepEqual((await first).rgba.slice(), cutInMemory(set, crops));
    assert.deepEqual((await second).rgba.slice(), cutInMemory(set, crops.toReversed()));
    (await first).release();
    const third = await stream.cut(crops.slice(1), size);
    assert.equal(third.rgba.buffer, (await first).rgba.buffer);
  }));

Deno.test("for a mixing picture that cannot be decoded another one is shown, whoever asks", () => {
  const files = manyFiles(200, () => false), name = "first/0007.jpg";
  for (let i = 0; i < 100; i++) {
    const [width, height] = [i === 7 ? 24 : 4 + i % 3, 2],
      rgba = new Uint8Array(4 * width * height).fill(i);
    files[`first/${String(i).padStart(4, "0")}.jpg`] = encodePng({ width, height, rgba });
  }
  // Its header is whole.
  files[name] = files[name]!.subarray(0, 50);
  return withFiles(files, async (_, folder) => {
    const found: Uint8Array[] = [], path = join(folder, "tree"), size = { width: 2, height: 2 };
    for (const workers of [1, 2]) {
      using stream = await openStream(path, workers, 2);
      assert.deepEqual([stream.count, stream.skipped], [200, []]);
      // The last corner of 24 pixels, of which the others have less.
      const at = (picture: number) => ({ picture, top: 0, left: picture === 7 ? 22 : 1 });
      const { rgba } = await stream.cut([at(6), at(7), at(8), at(7)], size);
      found.push(rgba.slice());
      assert.deepEqual(stream.corrupt.map(({ name }) => name), [name]);
      assert.match(stream.corrupt[0]!.reason, /0007\.jpg: .*broken or cut/);
      assert.deepEqual(rgba.slice(16, 32), rgba.slice(48));
      assert.deepEqual([...rgba.slice(3, 4), ...rgba.slice(19, 20)], [255, 255]);
    }
    assert.deepEqual(found[0], found[1]);
  });
});

Deno.test("a mixing set of which more than 1 % cannot be decoded ends the work, and names some", () => {
  const files = manyFiles(40, () => false), name = "first/0003.jpg";
  files[name] = files[name]!.subarray(0, 50);
  return withFiles(files, async (_, folder) => {
    using stream = await openStream(join(folder, "tree"), 1, 2);
    await assert.rejects(
      stream.cut([{ picture: 3, top: 0, left: 0 }], { width: 2, height: 2 }),
      /^DataError: Cannot go on with .*tree: expected at most 0 .*0003\.jpg: .*broken or cut/,
    );
    stream.close();
    await assert.rejects(stream.cut([{ picture: 4, top: 0, left: 0 }], { width: 2, height: 2 }));
  });
});
