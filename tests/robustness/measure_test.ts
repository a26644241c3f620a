import assert from "node:assert/strict";
import type { Dataset } from "../../lib/data/dataset.ts";
import type { Answers } from "../../lib/robustness/classification.ts";
import { type Bench, measureUnit } from "../../lib/robustness/measure.ts";
import type { PerturbationSums } from "../../lib/robustness/perturbation.ts";
import type { Pictures, Predictor } from "../../lib/robustness/predict.ts";

/** Pictures of one pixel; a network that says the class which the pixel's red channel is. */
const size = { width: 1, height: 1 };
const predictor = {
  stride: 12,
  logits({ count, rgba }: Pictures, progress: (done: number) => boolean = () => true) {
    const logits = new Float32Array(12 * count);
    for (let i = 0; i < count; i++) {
      assert.deepEqual([rgba[4 * i + 1], rgba[4 * i + 2]], [7, 8], "green and blue are in place");
      logits[12 * i + rgba[4 * i]!] = 5;
    }
    return Promise.resolve(progress(count) ? logits : undefined);
  },
} as unknown as Predictor;

/** Red channels, with green and blue beside them. */
function rgb(count: number, red: (i: number) => number): Uint8Array {
  return Uint8Array.from({ length: 3 * count }, (_, i) => i % 3 === 0 ? red(i / 3) : 6 + i % 3);
}

const answer = (picture: number) => picture * 7 % 10;
const label = (picture: number) =>
  picture % 1000 === 999 ? (answer(picture) + 1) % 10 : answer(picture);

const test = {
  ...size,
  classes: Array.from({ length: 10 }, String),
  count: 3000,
  labels: Uint8Array.from({ length: 3000 }, (_, i) => label(i)),
  rgba: Uint8Array.from({ length: 12000 }, (_, i) => [answer(i >> 2), 7, 8, 255][i % 4]!),
} as unknown as Dataset;

const reads: string[] = [];
const bench = {
  ...{ test, predictor, seed: 0, difficulty: 1 },
  sources: {
    c: {
      labels: (severity: number) => Array.from({ length: 13_000 }, (_, i) => label(i + severity)),
      read(name: string, severity: number, first: number, count: number) {
        reads.push(`${name} ${severity} ${first}+${count}`);
        return Promise.resolve(rgb(count, (i) => answer(first + i + severity)));
      },
    },
    p: {
      description: { found: [{ name: "snow", videos: 900, frames: 5 }] },
      // Video v says another class from frame v % 5 on.
      read: (_: string, first: number, count: number) =>
        Promise.resolve(rgb(5 * count, (i) => Number(i % 5 >= (first + Math.floor(i / 5)) % 5))),
    },
  },
} as unknown as Bench;

/** Each of the right pictures, one of a thousand being wrong. */
function assertAnswers(outcome: unknown, first: number, count: number): void {
  const { correct } = outcome as Answers;
  assert.equal(correct.length, count);
  correct.forEach((right, i) => assert.equal(right, Number((first + i) % 1000 !== 999), `${i}`));
}

Deno.test("a unit of a corruption has the answers to its own pictures, read in parts", async () => {
  const unit = { suite: "c", name: "fog", severity: 3, first: 10_000, count: 2500 } as const;
  reads.length = 0;
  assertAnswers(await measureUnit(bench, unit), 10_003, 2500);
  assert.deepEqual(reads, ["fog 3 10000+1024", "fog 3 11024+1024", "fog 3 12048+452"]);
});

Deno.test("a unit of clean pictures has the answers to its own", async () => {
  const unit = { suite: "clean", name: "", severity: 0, first: 500, count: 1900 } as const;
  assertAnswers(await measureUnit(bench, unit), 500, 1900);
});

Deno.test("a unit of a sequence compares the frames of its own videos", async () => {
  const sumsOf = async (first: number, count: number) =>
    await measureUnit(bench, {
      suite: "p",
      name: "snow",
      severity: 0,
      first,
      count,
    }) as PerturbationSums;
  const { pairs, flips } = await sumsOf(100, 700);
  // One in five videos does not change: its first frame says the other class already.
  assert.deepEqual([pairs, flips], [700 * 4, 700 * 4 / 5]);
  assert.deepEqual([await sumsOf(100, 1), await sumsOf(101, 1)].map((sums) => sums.flips), [0, 1]);
});

Deno.test("a unit tells how far it is, and ends when told to", async () => {
  const unit = { suite: "c", name: "fog", severity: 1, first: 0, count: 2500 } as const;
  const told: number[] = [];
  await measureUnit(bench, unit, (done) => told.push(done) > 0);
  assert.deepEqual(told, [1024, 2048, 2500]);
  assert.equal(await measureUnit(bench, unit, (done) => done < 2000), undefined);
  const videos = { suite: "p", name: "snow", severity: 0, first: 0, count: 300 } as const;
  told.length = 0;
  await measureUnit(bench, videos, (done) => told.push(done) > 0);
  assert.deepEqual(told, [1020, 1500]);
});

Deno.test("answers to R are looked for among its columns alone", async () => {
  const columns = [1, 3, 8], reds = [3, 8, 1, 5];
  const r = {
    columns,
    labels: [1, 2, 1, 0],
    read: (first: number, count: number) => Promise.resolve(rgb(count, (i) => reds[first + i]!)),
  };
  const masked = { ...bench, sources: { r } } as unknown as Bench;
  const unit = { suite: "r", name: "", severity: 0, first: 0, count: 4 } as const;
  const { correct, confidence } = await measureUnit(masked, unit) as Answers;
  // The last one says a class that is masked: then all others are alike, and the first is taken.
  assert.deepEqual([...correct], [1, 1, 0, 1]);
  assert.deepEqual([confidence[0]!.toFixed(4), confidence[3]], ["0.9867", 1 / 3]);
});

Deno.test("what cannot be read is kept with the outcome, and videos of it do not count", async () => {
  const lost = { name: "a.png", reason: "no picture" };
  const p = {
    description: { found: [{ name: "snow", videos: 3, frames: 5 }] },
    read(_: string, first: number, count: number, unreadable: (one: typeof lost) => void) {
      if (first === 0) unreadable(lost);
      return Promise.resolve(rgb(5 * (first === 0 ? count - 1 : count), (i) => i % 2));
    },
  };
  const some = { ...bench, sources: { p } } as unknown as Bench;
  const unit = { suite: "p", name: "snow", severity: 0, first: 0, count: 3 } as const;
  const outcome = await measureUnit(some, unit) as PerturbationSums;
  assert.deepEqual(outcome, { ...outcome, pairs: 8, unreadable: [lost] });
  const none = await measureUnit(some, { ...unit, count: 1 });
  assert.deepEqual(none, {
    ...{ pairs: 0, flips: 0, top5_distance: 0, zipf_distance: 0, unreadable: [lost] },
  });
});
