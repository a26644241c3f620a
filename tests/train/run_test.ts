import assert from "node:assert/strict";
import { join } from "node:path";
import { readCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { decodeSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { cifarDefaults, type TrainFlags } from "../../lib/train/flags.ts";
import {
  type Moment,
  type Place,
  run,
  runUntil,
  TEST,
  traces,
  TRAIN,
  withPlace,
} from "./fixture.ts";

/** A moment to stop at, before the first step if none is given, and the steps done by then. */
type Stop = [steps: number, moment?: Moment];

/** Stops and resumes a run at every given moment, to its end; then compares it with `straight`. */
async function assertSameBits(
  place: Place,
  straight: Record<string, unknown>,
  stops: readonly Stop[],
  saveEvery: number,
): Promise<void> {
  const name = `stopped every ${saveEvery}`;
  for (const [i, [steps, moment]] of stops.entries()) {
    const stopped = await runUntil(place, name, moment, { resume: i > 0, saveEvery });
    assert.equal(stopped.interrupted, true, JSON.stringify(moment));
    assert.equal(stepsSaved(place, name), steps, JSON.stringify(moment));
    await logAhead(place.path(name), stopped.progress.epoch + 1);
  }
  const { interrupted } = await run(place, name, { flags: {}, resume: true, saveEvery });
  assert.equal(interrupted, false);
  assert.deepEqual(await traces(place.path(name)), straight);
}

/** Logs an epoch that no checkpoint has, as a run does that is killed between the two. */
async function logAhead(folder: string, epoch: number): Promise<void> {
  const append = { append: true };
  await Deno.writeTextFile(join(folder, "log.csv"), `${epoch},1.0,2.0,2.0,50.000\n`, append);
  await Deno.writeTextFile(join(folder, "log.jsonl"), `{"epoch":${epoch}}\n`, append);
}

/** How many steps the last checkpoint has behind it. */
function stepsSaved(place: Place, name: string): number {
  const file = place.path(`${name}/last.safetensors`);
  const { metadata } = decodeSafetensors(Deno.readFileSync(file), file);
  return JSON.parse(metadata.header!).progress.step;
}

Deno.test("a resumed run has the bits of one that was never stopped", () =>
  withPlace(async (place) => {
    const result = await run(place, "straight", { saveEvery: 0 });
    assert.deepEqual(result.progress.sums, { count: 0, loss: 0, correct: 0, correct5: 0 });
    const straight = await traces(place.path("straight"));
    assert.equal((straight.records as unknown[]).length, 2);
    await assertSameBits(place, straight, [
      [0],
      [3, { pictures: 24 }], // within an epoch
      [6, { pictures: TRAIN }], // at its last step, which is not a full batch
      [6, { epoch: 1, tested: 6 }], // while it is evaluated
      [6, { epoch: 1, tested: TEST }], // just after that
      [7, { pictures: TRAIN + 8 }],
      [12, { epoch: 2, tested: 0 }],
    ], 0);
    await assertSameBits(place, straight, [[1, { pictures: 8 }], [8, { pictures: TRAIN + 16 }]], 2);
    await run(place, "straight", { resume: true });
    assert.deepEqual(await traces(place.path("straight")), straight, "resumed after its end");
  }));

Deno.test("a run saves every so many steps, and at the end of every epoch", () =>
  withPlace(async (place) => {
    for (
      const [saveEvery, expected] of [[0, [0, 0, 0, 0, 0, 0, 6, 6]], [4, [0, 0, 0, 4, 4, 4, 6, 8]]]
    ) {
      const [found, name]: [number[], string] = [[], `every ${saveEvery}`];
      const stop = new AbortController();
      const step = () => {
        if (found.push(stepsSaved(place, name)) === 8) stop.abort();
      };
      const options = { saveEvery: saveEvery as number, signal: stop.signal, observer: { step } };
      await run(place, name, options);
      assert.deepEqual(found, expected);
    }
  }));

Deno.test("the seed and the flags alone decide a run's bits", () =>
  withPlace(async (place) => {
    await run(place, "first");
    await run(place, "second", { saveEvery: 1 });
    await run(place, "other", { flags: { seed: 2 } });
    const [first, second, other] = await Promise.all(
      ["first", "second", "other"].map((name) => traces(place.path(name))),
    );
    assert.deepEqual(second, first);
    assert.notDeepEqual(other!.last, first!.last);
    assert.notDeepEqual(other!.records, first!.records);
  }));

Deno.test("run.json says all that a run depends on", () =>
  withPlace(async (place) => {
    const notes: string[] = [];
    await Deno.writeTextFile(join(place.mixing, "not-a-picture.png"), "some text");
    await run(place, "run", { note: (line) => notes.push(line) });
    assert.match(notes[0]!, /^cifar10: 44 training and 20 test pictures, 10 classes$/);
    assert.match(notes[1]!, /^note: only a part of cifar10: data_batch_2\.bin, .* not there$/);
    assert.match(
      notes[2]!,
      /^mixing set: 4 pictures on the GPU \(1 MiB\), 1 files skipped \(first: not-a-picture\.png: .*another format\)$/,
    );
    assert.match(notes[3]!, /^WRN-10-1: 77850 parameters, \d+ MiB on /);
    const json = JSON.parse(await Deno.readTextFile(join(place.path("run"), "run.json")));
    assert.deepEqual(json.flags, { ...cifarDefaults, ...place.flags });
    const { model: _, layers, widenFactor, droprate, dataset, ...rest } = json.flags;
    const model = { name: "wrn", layers, widenFactor, dropRate: droprate, classes: 10 };
    const { dataPath: path, mixingSet, ...settings } = rest;
    assert.deepEqual(json.settings, { ...settings, model });
    assert.equal(json.versions.deno, Deno.version.deno);
    assert.equal(typeof json.adapter.name, "string");
    const { train, test, mixing } = json.data;
    assert.deepEqual([train.name, train.path, train.count], [dataset, path, TRAIN]);
    assert.equal(test.count, TEST);
    assert.equal(train.missing.length, 4);
    assert.deepEqual([mixing.path, mixing.count, mixing.skipped.length], [mixingSet, 4, 1]);
    const fingerprints = new Set([train, test, mixing].map(({ fingerprint }) => fingerprint));
    assert.equal(fingerprints.size, 3);
    for (const print of fingerprints) assert.match(print, /^[0-9a-f]{64}$/);
    assert.deepEqual([json.steps_per_epoch, json.parameters], [6, 77850]);
  }));

Deno.test("a run that diverges says when, and leaves its last good checkpoint", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", mixingSet: undefined, learningRate: 1000 } as const;
    const cases = [
      // Rectifiers hide what is not a number from the loss: here the parameters tell first.
      { flags: { ...flags, decay: 10 }, saveEvery: 2, what: /conv1\.weight is not finite/ },
      {
        flags: { ...flags, decay: 10, batchSize: 2, epochs: 1 },
        saveEvery: 0,
        what: /the loss is/,
      },
    ];
    for (const { what, ...options } of cases) {
      const folder = place.path(String(what));
      await assert.rejects(() => run(place, String(what), options), (error) => {
        assert.equal((error as Error).name, "TrainError");
        const { message } = error as Error;
        assert.match(message, what);
        assert.match(
          message,
          /in epoch 1, after step \d+ of \d+, with a learning rate of \d+(\.\d+)?; the last/,
        );
        assert(message.endsWith(`the last good checkpoint is ${join(folder, "last.safetensors")}`));
        return true;
      });
      const { tensors } = await readCheckpoint(join(folder, "last.safetensors"));
      assert((tensors.get("conv1.weight")!.data as Float32Array).every(Number.isFinite));
    }
  }));

Deno.test("trainCifar() refuses a folder that is in use, or that holds a run", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 1 } as const;
    let second: Promise<unknown> | undefined;
    const step = () => void (second ??= run(place, "run", { flags, resume: true }).catch(String));
    await run(place, "run", { flags, observer: { step } });
    assert.match(String(await second), /another run \(pid \d+\) is using it/);
    await assert.rejects(
      () => run(place, "run", { flags }),
      /holds a run already; go on with --res/,
    );
    for (const [change, message] of changes) {
      await assert.rejects(
        () => run(place, "run", { flags: { ...flags, ...change }, resume: true }),
        message,
      );
    }
    await assert.rejects(() => run(place, "x", { resume: true }), /expected a run folder with run/);
  }));

const changes: [Partial<TrainFlags>, RegExp][] = [
  [
    { batchSize: 4 },
    /^RangeError: Cannot resume .*: expected --batch-size 8, .* but found --batch-size 4; --force takes it$/,
  ],
  [
    { dataPath: "elsewhere" },
    /Cannot read .*elsewhere: expected a folder but found nothing there$/,
  ],
];

Deno.test("a run removes what an earlier one was writing when it was killed, and no more", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 1 } as const;
    await Deno.mkdir(place.path("run"));
    for (const name of ["last.safetensors.tmp-12-3", "log.csv.tmp-12-4", "mine.txt"]) {
      await Deno.writeTextFile(place.path(`run/${name}`), "half");
    }
    await run(place, "run", { flags });
    const { names } = await traces(place.path("run"));
    assert.deepEqual(names, [...runFiles, "mine.txt"].sort());
  }));

const runFiles = ["best.safetensors", "last.safetensors", "log.csv", "log.jsonl", "run.json"];
