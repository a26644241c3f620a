import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type LoaderOptions, PictureLoader } from "../../lib/data/loader/loader.ts";
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
        expected.push({ number, indices: own, shown: own, labels, sha256: hash(pictures) });
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

Deno.test("one corrupt picture of 100 is named and replaced, as the seed says", () =>
  withFiles(manyFiles(100, (i) => i === 40), async (source) => {
    const runs: Awaited<ReturnType<typeof load>>[] = [];
    for (const workers of [1, 3]) {
      using loader: PictureLoader = new PictureLoader(source, {
        view: training,
        batch: 8,
        workers,
      });
      runs.push(await load(loader, order(100)), await load(loader, order(100)));
      assert.equal(loader.corrupt.length, 1);
      assert.equal(loader.corrupt[0]!.name, "first/0040.jpg");
      assert.match(loader.corrupt[0]!.reason, /0040.jpg: expected a PNG.* found another format$/);
    }
    for (const run of runs) assert.deepEqual(run, runs[0]);
    const batch = runs[0]!.find(({ indices }) => indices.includes(40))!;
    const row = batch.indices.indexOf(40), other = batch.shown[row]!;
    assert.notEqual(other, 40);
    assert.equal(batch.labels[row], source.labels[other]);
    // The same pixels as where the other one is asked for itself.
    using loader = new PictureLoader(source, { view: training, batch: 1, workers: 1 });
    const [asked, replaced] = await load(loader, [other, 40]);
    assert.equal(asked!.sha256, replaced!.sha256);
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
    const run = loader.run([0], 0);
    await run.next();
    await assert.rejects(load(loader, [0]), /Cannot load two runs at once/);
    await run.return();
  }));
