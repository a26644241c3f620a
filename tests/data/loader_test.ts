import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type LoaderOptions, PictureLoader } from "../../lib/data/loader/loader.ts";
import { batchesOf } from "../../lib/data/dataset.ts";
import { streamedPictures } from "../../lib/data/loader/streamed_pictures.ts";
import type { PictureSource, SharedSource } from "../../lib/data/picture_source.ts";
import { drawView, planView, type View } from "../../lib/data/view.ts";
import { manyFiles, withFiles, withTree } from "./trees.ts";

const training: View = { kind: "training", size: 32, seed: 7 };
const mixing: View = { kind: "mixing", resize: 36, size: 32, seed: 7 };
const evaluation: View = { kind: "evaluation", resize: 36, size: 32 };
const order = (count: number) => Array.from({ length: count }, (_, i) => (i * 7) % count);

const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** Every batch of a run: what it says, and a hash of its pictures. */
async function load(loader: PictureLoader, indices: ArrayLike<number>, epoch = 0) {
  const batches = [];
  for await (const { pictures, ...rest } of loader.run(indices, epoch)) {
    batches.push({ ...rest, sha256: hash(pictures) });
  }
  return batches;
}

async function loadOnce(source: PictureSource, options: LoaderOptions, epoch = 0) {
  using loader = new PictureLoader(source, options);
  return await load(loader, order(source.count), epoch);
}

for (const view of [training, mixing, evaluation]) {
  Deno.test(`batches of ${view.kind} views are drawView()'s, for any number of workers`, () =>
    withTree(async (source) => {
      const expected = [];
      const indices = Uint32Array.from(order(source.count));
      for (let number = 0; 5 * number < source.count; number++) {
        const own = indices.slice(5 * number, 5 * number + 5);
        const pictures = new Uint8Array(own.length * 4 * 32 * 32);
        for (const [row, index] of own.entries()) {
          const picture = await source.read(index);
          const output = pictures.subarray(row * 4096, (row + 1) * 4096);
          drawView(picture, planView(view, picture, index, 3), output);
        }
        const labels = own.map((index) => source.labels[index]!);
        const told = { number, indices: own, shown: own, labels, unreadable: [] };
        expected.push({ ...told, sha256: hash(pictures) });
      }
      assert.deepEqual(expected.at(-1)!.indices.length, 3);
      for (const [workers, slots] of [[1, 3], [2, 2], [3, 5]] as const) {
        const batches = await loadOnce(source, { view, batch: 5, workers, slots }, 3);
        assert.deepEqual(batches, expected, `${workers} workers`);
      }
    }));
}

Deno.test("random views change with the epoch and the seed, evaluation views do not", () =>
  withTree(async (source) => {
    const first = async (view: View, epoch: number) =>
      (await loadOnce(source, { view, batch: 23, workers: 1 }, epoch))[0]!.sha256;
    assert.notEqual(await first(training, 0), await first(training, 1));
    assert.notEqual(await first(training, 0), await first({ ...training, seed: 8 }, 0));
    assert.equal(await first(evaluation, 0), await first(evaluation, 1));
  }));

Deno.test("a batch stays as it is until the next one is asked for, however slow that is", () =>
  withTree(async (source) => {
    using loader = new PictureLoader(source, { view: training, batch: 2, workers: 2, slots: 2 });
    let seen = 0;
    for await (const { pictures } of loader.run(order(source.count), 0)) {
      const before = hash(pictures);
      await sleep(20);
      assert.equal(hash(pictures), before);
      seen++;
    }
    assert.equal(seen, 12);
  }));

Deno.test("a run that ends early leaves the loader ready for another", () =>
  withTree(async (source) => {
    using loader = new PictureLoader(source, { view: training, batch: 3, workers: 3, slots: 2 });
    const whole = await load(loader, order(source.count));
    for (let stop = 0; stop < 6; stop++) {
      for await (const { number } of loader.run(order(source.count), 0)) if (number === stop) break;
    }
    await assert.rejects(async () => {
      for await (const _ of loader.run(order(source.count), 0)) throw new Error("of the consumer");
    }, /of the consumer/);
    assert.deepEqual(await load(loader, order(source.count)), whole);
    assert.deepEqual(await load(loader, []), []);
  }));

Deno.test("a run ends the one before, and its batches may be smaller than the largest", () =>
  withTree(async (source) => {
    using loader = new PictureLoader(source, { view: training, batch: 5, workers: 2 });
    const whole = await load(loader, order(source.count));
    const left = loader.run(order(source.count), 0);
    await left.next();
    const small = await Array.fromAsync(loader.run([7, 0, 14], 0, 2), ({ indices, number }) => {
      return [number, ...indices];
    });
    assert.deepEqual(small, [[0, 7, 0], [1, 14]]);
    await assert.rejects(left.next(), /Cannot go on loading: another run has begun$/);
    assert.deepEqual(await load(loader, order(source.count)), whole);
  }));

Deno.test("one corrupt picture of 100 is named and replaced, as the seed says", () =>
  withFiles(manyFiles(100, (i) => i === 60), async (source) => {
    const runs: Awaited<ReturnType<typeof load>>[] = [];
    for (const workers of [1, 3]) {
      using loader: PictureLoader = new PictureLoader(source, {
        view: training,
        batch: 8,
        workers,
      });
      runs.push(await load(loader, order(100)), await load(loader, order(100)));
      assert.equal(loader.corrupt.length, 1);
      assert.equal(loader.corrupt[0]!.name, "second/0060.jpg");
      assert.match(loader.corrupt[0]!.reason, /0060.jpg: expected a PNG.* found another format$/);
    }
    for (const run of runs) assert.deepEqual(run, runs[0]);
    const batch = runs[0]!.find(({ indices }) => indices.includes(60))!;
    const row = batch.indices.indexOf(60), other = batch.shown[row]!;
    assert.notEqual(other, 60);
    assert.deepEqual([batch.labels[row], source.labels[other]], [1, 1]);
    // The same pixels as where the other one is asked for itself.
    using loader = new PictureLoader(source, { view: training, batch: 1, workers: 1 });
    const [asked, replaced] = await load(loader, [other, 60]);
    assert.equal(asked!.sha256, replaced!.sha256);
  }));

Deno.test("corrupt pictures are named in the order of the batch, whichever thread met them", () =>
  withFiles(manyFiles(400, (i) => i % 100 === 33), async (source) => {
    for (const workers of [1, 3]) {
      using loader: PictureLoader = new PictureLoader(source, {
        ...{ view: training, batch: 8, workers },
      });
      const [batch] = await load(loader, [333, 1, 133, 2, 33, 3, 233, 133]);
      assert.deepEqual(batch!.shown.map((index) => source.labels[index]!), batch!.labels);
      const names = loader.corrupt.map(({ name }) => name.slice(-8, -4));
      assert.deepEqual(names, ["0333", "0133", "0033", "0233"]);
    }
  }));

Deno.test("a corrupt picture is black in evaluation, with its own label", () =>
  withFiles(manyFiles(100, (i) => i === 60), async (source) => {
    using loader = new PictureLoader(source, { view: evaluation, batch: 1, workers: 1 });
    for await (const { pictures, shown, labels } of loader.run([60], 0)) {
      assert.deepEqual([[...shown], [...labels]], [[60], [1]]);
      assert.ok(pictures.every((byte, i) => byte === (i % 4 === 3 ? 255 : 0)));
    }
    assert.equal(loader.corrupt.length, 1);
  }));

Deno.test("more than 1 % corrupt pictures end the run with their names", () =>
  withFiles(manyFiles(200, (i) => i === 3 || i === 70 || i === 150), async (source) => {
    for (const workers of [1, 2]) {
      using loader = new PictureLoader(source, { view: training, batch: 16, workers });
      await assert.rejects(load(loader, order(200)), (error: Error) => {
        assert.equal(error.name, "DataError");
        assert.match(error.message, /^Cannot go on with .*\/tree: expected at most 2 unreadable/);
        assert.match(error.message, /of 200 \(1 %\) but found 3: .*0070.*; .*0003.*; .*0150/);
        return true;
      });
    }
  }));

Deno.test("a run fails, and does not wait for ever, where a worker or the loader ends", () =>
  withTree(async (source) => {
    const shared = { ...source.shared, names: undefined } as unknown as SharedSource;
    using broken = new PictureLoader({ ...source, shared }, {
      view: training,
      batch: 2,
      workers: 2,
    });
    await assert.rejects(load(broken, [0, 1, 2]), /Loading pictures failed: /);
    await assert.rejects(load(broken, [0]), /Loading pictures failed: /);
    using loader = new PictureLoader(source, { view: training, batch: 2, workers: 2 });
    const run = loader.run(order(source.count), 0);
    await run.next();
    loader.close();
    await assert.rejects(Array.fromAsync(run), /The loader was closed/);
  }));

Deno.test("PictureLoader refuses impossible counts and pictures", () =>
  withTree(async (source) => {
    const options = { view: training, batch: 2, workers: 1 };
    const open = (changed: Partial<LoaderOptions>) => () =>
      new PictureLoader(source, { ...options, ...changed });
    assert.throws(open({ batch: 0 }), /expected batch of at least 1 but found 0/);
    assert.throws(open({ slots: 1 }), /expected slots of at least 2 but found 1/);
    assert.throws(open({ workers: 1.5 }), /expected workers of at least 1 but found 1.5/);
    using loader = new PictureLoader(source, options);
    await assert.rejects(load(loader, [0, 23]), /picture 23: expected a number in 0 … 22/);
    const larger = loader.run([0], 0, 3);
    await assert.rejects(larger.next(), /Cannot load 3 pictures at once: expected at most 2$/);
  }));

Deno.test("streamedPictures() gives batches of a source as training asks for them", () =>
  withTree(async (source) => {
    using data = streamedPictures(source, "imagenet", "train", {
      ...{ view: training, batch: 10, workers: 2 },
    });
    assert.deepEqual([data.name, data.split, data.width, data.count], [
      "imagenet",
      "train",
      32,
      23,
    ]);
    assert.deepEqual([...data.labels], [...source.labels]);
    assert.ok(data.labels instanceof Uint8Array);
    const lengths: number[] = [], indices = Uint32Array.from(order(23));
    for await (const { rgba } of batchesOf(data, indices, 10, 1)) lengths.push(rgba.length / 4096);
    assert.deepEqual(lengths, [10, 10, 3]);
    // Asked for once and left, as a step without a loop does.
    const { value } = await batchesOf(data, indices.subarray(4, 6), 2, 1).next();
    const [expected] = await loadOnce(source, { view: training, batch: 6, workers: 1 }, 1);
    assert.deepEqual([value!.rgba.length, Array.from(value!.labels)], [8192, [
      ...expected!.labels.subarray(4),
    ]]);
    const { value: first } = await batchesOf(data, indices.subarray(0, 6), 6, 1).next();
    assert.equal(hash(first!.rgba), expected!.sha256);
    const classes = Array.from({ length: 65_537 }, (_, i) => String(i));
    assert.throws(
      () => streamedPictures({ ...source, classes }, "x", "test", { view: training, batch: 1 }),
      /expected at most 65536 classes but found 65537$/,
    );
  }));
