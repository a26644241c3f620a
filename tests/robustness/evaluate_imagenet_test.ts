import assert from "node:assert/strict";
import { imagenet1k, imagenet200 } from "../../lib/data/class_list.ts";
import { EvaluationInterrupted } from "../../lib/robustness/evaluate.ts";
import {
  evaluateImageNet,
  type EvaluateImageNetOptions,
  evaluateImageNetShard,
} from "../../lib/robustness/evaluate_imagenet.ts";
import { mergeShards } from "../../lib/robustness/merge.ts";
import { parseShard } from "../../lib/robustness/shard_file.ts";
import { resultsCsv } from "../../lib/robustness/results_csv.ts";
import type { TrainFlags } from "../../lib/train/flags.ts";
import { trainImageNet } from "../../lib/train/run.ts";
import { broken } from "../data/trees.ts";
import { encodeNpyHeader } from "../../lib/data/npy.ts";
import { timeless } from "./checkpoint.ts";
import { below, SIDE, six, tree, withImageNet, writeNetwork } from "./imagenet_fixture.ts";
import { schemaErrors } from "./schema.ts";

/** A video of three frames, ever darker. */
function video(level: number): Uint8Array {
  const header = encodeNpyHeader("|u1", [3, SIDE, SIDE, 3]);
  const bytes = new Uint8Array(header.length + 9 * SIDE * SIDE);
  bytes.set(header);
  for (let i = header.length; i < bytes.length; i++) {
    bytes[i] = Math.max(0, level + i % 89 - Math.floor((i - header.length) / 3072) * 40);
  }
  return bytes;
}

Deno.test("the clean error is exactly the test error of training, of a folder and of fewer threads", () =>
  withImageNet({ ...below("train", tree(six, 1)), ...below("val", tree(six, 2)) }, async (path) => {
    const flags: Partial<TrainFlags> = {
      ...{
        dataStandard: path("train"),
        dataVal: path("val"),
        side: SIDE,
        epochs: 1,
        batchSize: 6,
      },
      ...{ method: "baseline", model: "imagenet_resnet18", layers: 18 },
    };
    const { last } = await trainImageNet({ flags, folder: path("run"), workers: 1 });
    const results = await evaluateImageNet({
      ...{ checkpoint: path("run/last.safetensors"), dataVal: path("val"), suites: ["clean"] },
      ...{ batchSize: 7, workers: 2 },
    });
    const { error, loss, count } = results.suites.clean!;
    assert.deepEqual([error, loss, count], [last!.error, last!.loss, 12]);
    assert.deepEqual(results.data.view, "Resize(37), CenterCrop(32)");
    assert.deepEqual([results.data.dataset, results.model.classes], ["imagenet", 6]);
    assert.deepEqual([results.measured.method, results.data.missing], ["baseline", []]);
  }));

Deno.test("all suites are measured, as the schema says; shards and a second start make the same", () =>
  withImageNet({
    ...below("val", tree(six, 2)),
    ...below("c/fog/2", tree(six, 17, 30)),
    [`c/fog/2/${six[2]}/004.png`]: broken,
    ...below("c/snow/2", tree(six, 2, 60)),
    ...below("bar/plasma_noise/4.75", tree(six, 2, 90)),
    ...below("r", tree(six, 2, 20)),
    ...Object.fromEntries(six.map((name, i) => [`p/snow/${name}/a.npy`, video(40 * i)])),
  }, async (path) => {
    await writeNetwork(path("network.safetensors"), six);
    const notes: string[] = [];
    const options: EvaluateImageNetOptions = {
      ...{ checkpoint: path("network.safetensors"), dataVal: path("val"), batchSize: 16 },
      suites: ["pgd", "r", "p", "c-bar", "c", "clean"],
      ...{ imagenetCDir: path("c"), imagenetCBarDir: path("bar"), imagenetRDir: path("r") },
      ...{ imagenetPDir: path("p"), pgd: { steps: 1 }, workers: 2 },
    };
    const results = await evaluateImageNet({ ...options, note: (line) => notes.push(line) });
    assert.equal(schemaErrors(results), "");
    const { clean, c, "c-bar": cBar, p, r, pgd } = results.suites;
    assert.deepEqual([clean!.count, r!.count, pgd!.count], [12, 12, 12]);
    const rows = [...c!.rows, ...cBar!.rows];
    assert.deepEqual(
      rows.map(({ corruption, severity, count }) => `${corruption} ${severity}: ${count}`),
      ["snow 2: 12", "fog 2: 102", "plasma_noise 1: 12"],
    );
    assert.deepEqual([c!.complete, cBar!.missing.length, p!.rows.length], [false, 10, 1]);
    const losses = [clean, ...rows, r].map((row) => row!.loss);
    assert.equal(new Set(losses).size, 5, "pictures have answers of their own");
    const file = `${six[2]}/004.png`, told = { corruption: "fog", severity: 2, file };
    const unreadable = results.unreadable!.map(({ reason: _, ...others }) => others);
    assert.deepEqual([unreadable, c!.mce_interval], [[{ suite: "c", ...told }], null]);
    assert.match(notes.at(-1)!, /^note: 1 time a picture or video could not be read \(first: /);
    assert.equal(resultsCsv(results).trimEnd().split("\r\n").length, 1 + 2 + 2 + 1 + 1 + 1);
    assert.match(
      resultsCsv(results),
      /^r,.*"files, Resize\(37\), CenterCrop\(32\), 6 of 6 classes"/m,
    );
    const shards = [];
    for (const index of [1, 0]) {
      const shard = await evaluateImageNetShard({ ...options, batchSize: 5 }, { index, count: 2 });
      assert.equal(schemaErrors(shard), "");
      shards.push(parseShard(`${index}.json`, JSON.stringify(shard)));
    }
    assert.deepEqual(timeless(mergeShards(shards)), JSON.parse(JSON.stringify(timeless(results))));

    const partial = path("partial.jsonl"), stop = new AbortController();
    const progress = ({ done }: { done: number }) => done > 60 ? stop.abort() : undefined;
    await assert.rejects(
      evaluateImageNet({ ...options, partial, signal: stop.signal, progress }),
      EvaluationInterrupted,
    );
    notes.length = 0;
    const again = await evaluateImageNet({
      ...{ ...options, partial, note: (line: string) => notes.push(line) },
    });
    assert.match(notes.join(), /going on with .*: \d parts are measured already/);
    assert.deepEqual(timeless(again), timeless(results));
  }));

Deno.test("a network of 1000 classes answers R among its 200 alone", () =>
  withImageNet({ ...below("val", tree(six, 1)), ...below("r", tree(six, 2)) }, async (path) => {
    const checkpoint = path("network.safetensors");
    await writeNetwork(checkpoint, imagenet1k);
    const options = { checkpoint, dataVal: path("val"), batchSize: 16, imagenetRDir: path("r") };
    const results = await evaluateImageNet({ ...options, suites: ["clean", "r"] });
    assert.equal(schemaErrors(results), "");
    assert.equal(results.data.missing.length, 994);
    const { classes, network_classes } = results.sources.r!;
    assert.deepEqual([classes, network_classes], [200, 1000]);
    // A softmax over fewer classes leaves less to lose; both are near those of even odds.
    const even = (count: number) => Math.log(count);
    const { clean, r } = results.suites;
    assert(Math.abs(clean!.loss - even(1000)) < 1.5, `${clean!.loss}`);
    assert(Math.abs(r!.loss - even(imagenet200.length)) < 1.5, `${r!.loss}`);
    await assert.rejects(
      evaluateImageNet({ ...options, suites: ["a"] }),
      /^DataError: Cannot evaluate a: give the folder of its files, --imagenet-a-dir$/,
    );
    await assert.rejects(
      evaluateImageNet({ ...options, suites: ["clean"], resize: 31 }),
      /^RangeError: .*of at least 32 pixels but found --resize 31$/,
    );
  }));
