import assert from "node:assert/strict";
import { GpuError } from "../../lib/gpu/error.ts";
import type { Timer } from "../../lib/gpu/timing.ts";
import { type Alternative, Tuning } from "../../lib/gpu/tuning.ts";
import { openCache } from "../../lib/tune/cache.ts";
import { type Preparation, recordTuned, type TuneOptions } from "../../lib/tune/record_tuned.ts";
import { tableOf } from "../../lib/tune/table.ts";
import { withFolder } from "../data/folder.ts";
import { gpuTest } from "../gpu.ts";
import { scripted, spin } from "./fixture.ts";

const alternatives = [spin("a"), spin("b"), spin("c")];
const keys = ["first", "second", "often", "often", "third"];

/** What a recording of the keys uses for each, in order. */
function record(tuning: Tuning): string[] {
  return keys.map((key) => tuning.choose(key, alternatives).name);
}

/** For where nothing is to be timed. */
const untouched = scripted({});
const defaults = ["a", "a", "a", "a", "a"];

gpuTest("recordTuned() without options uses the defaults and leaves nothing", async (gpu) => {
  const { recorded, tuning } = await recordTuned(gpu, record);
  assert.deepEqual(recorded, defaults);
  assert.deepEqual(tableOf(gpu, tuning).best, {});
});

gpuTest(
  "recordTuned() times once, and keeps what it found for later runs",
  (gpu) =>
    withFolder(async (folder) => {
      const told: Preparation[] = [];
      const notes: string[] = [];
      const options: TuneOptions = {
        folder,
        timer: scripted({ a: 2, b: 1, c: 2 }),
        progress: (state) => told.push(state),
        note: (line) => notes.push(line),
      };
      const first = await recordTuned(gpu, record, options);
      assert.deepEqual(first.recorded, ["b", "b", "b", "b", "b"]);
      const best = { first: "b", second: "b", often: "b", third: "b" };
      assert.deepEqual(tableOf(gpu, first.tuning), { adapter: gpu.name, best });
      const of = (done: number) => ({ task: "tuning", done, total: 4 });
      assert.deepEqual(told, [1, 2, 3, 4].map(of));
      const again = await recordTuned(gpu, record, { ...options, timer: untouched });
      assert.deepEqual([again.recorded, untouched.calls], [first.recorded, []]);
      assert.deepEqual(tableOf(gpu, again.tuning), tableOf(gpu, first.tuning));
      assert.equal(told.length, 4);
      assert.deepEqual(notes, []);
    }),
);

gpuTest(
  "recordTuned() times only what the cache does not know, or knows by no name",
  (gpu) =>
    withFolder(async (folder) => {
      const known = new Map([["first", "c"], ["second", "gone"], ["elsewhere", "b"]]);
      await openCache(gpu.name, folder).add(known);
      const timer = scripted({ a: 2, b: 1, c: 2 });
      const { recorded, tuning } = await recordTuned(gpu, record, { folder, timer });
      assert.deepEqual(recorded, ["c", "b", "b", "b", "b"]);
      const best = { first: "c", second: "b", often: "b", third: "b" };
      assert.deepEqual(tableOf(gpu, tuning).best, best, "and nothing that is not used");
      const kept = await openCache(gpu.name, folder).read();
      assert.deepEqual(Object.fromEntries(kept), { ...best, elsewhere: "b" });
    }),
);

gpuTest(
  "recordTuned() with a table uses it whatever the cache says, and times nothing",
  (gpu) =>
    withFolder(async (folder) => {
      await openCache(gpu.name, folder).add(new Map(keys.map((key) => [key, "b"])));
      const notes: string[] = [];
      const note = (line: string) => notes.push(line);
      const best = { first: "c", often: "a" };
      const table = { adapter: gpu.name, best };
      const options = { table, folder, timer: untouched, note };
      const { recorded, tuning } = await recordTuned(gpu, record, options);
      assert.deepEqual([recorded, untouched.calls], [["c", "a", "a", "a", "a"], []]);
      assert.deepEqual(tableOf(gpu, tuning), table);
      assert.deepEqual(notes, []);
      const old = { adapter: gpu.name, best: { ...best, second: "gone", nowhere: "a" } };
      assert.deepEqual(
        (await recordTuned(gpu, record, { ...options, table: old })).recorded,
        recorded,
      );
      assert.match(
        notes.join(),
        /^note: 2 of the kernels that were used are not in this version; /,
      );
    }),
);

gpuTest(
  "recordTuned() uses the defaults where the fastest kernels do not fit",
  (gpu) =>
    withFolder(async (folder) => {
      const notes: string[] = [];
      const options = {
        folder,
        timer: scripted({ a: 2, b: 1, c: 2 }),
        note: (line: string) => notes.push(line),
      };
      const small = (tuning: Tuning) => {
        const names = record(tuning);
        if (names.includes("b")) throw new GpuError("too large");
        return names;
      };
      for (let start = 1; start <= 2; start++) {
        const calls = options.timer.calls.length;
        const { recorded, tuning } = await recordTuned(gpu, small, options);
        assert.deepEqual([recorded, tableOf(gpu, tuning).best], [defaults, {}]);
        assert.match(
          notes[start - 1]!,
          /^note: the fastest kernels need more memory than there is/,
        );
        assert.equal(options.timer.calls.length > calls, start === 1, "timed once");
      }
      const none = () => assert.rejects(() => recordTuned(gpu, () => fail(), options), GpuError);
      const fail = () => {
        throw new GpuError("too large");
      };
      await none();
      await Deno.remove(folder, { recursive: true });
      await Deno.mkdir(folder);
      await none();
      assert.equal(notes.length, 2);
    }),
);

/** A timer that always answers the same and ends something after so many calls. */
function endingAfter(calls: number, end: () => void): Timer {
  const timer = scripted({ a: 2, b: 1, c: 2 });
  return {
    span: 0,
    time: (passes) => {
      const answer = timer.time(passes);
      if (timer.calls.length === calls) end();
      return answer;
    },
  };
}

gpuTest(
  "recordTuned() stops when told, and keeps what was found by then",
  (gpu) =>
    withFolder(async (folder) => {
      const stop = new AbortController();
      const notes: string[] = [];
      const note = (line: string) => notes.push(line);
      const timer = endingAfter(4, () => stop.abort());
      const options = { folder, timer, signal: stop.signal, note };
      const { recorded, tuning } = await recordTuned(gpu, record, options);
      // The kernel that is used most often comes first.
      assert.deepEqual(recorded, ["a", "a", "b", "b", "a"]);
      assert.deepEqual(tableOf(gpu, tuning).best, { often: "b" });
      assert.deepEqual(await openCache(gpu.name, folder).read(), new Map([["often", "b"]]));
      assert.deepEqual(notes, []);
      const rest = await recordTuned(gpu, record, {
        folder,
        timer: scripted({ a: 2, b: 3, c: 1 }),
      });
      assert.deepEqual(rest.recorded, ["c", "c", "b", "b", "c"]);
    }),
);

gpuTest(
  "recordTuned() ends when its time is up, and says what is left",
  (gpu) =>
    withFolder(async (folder) => {
      const notes: string[] = [];
      const note = (line: string) => notes.push(line);
      const told: number[] = [];
      const slow = endingAfter(4, () => {
        const until = performance.now() + 1000;
        while (performance.now() < until);
      });
      const options = {
        folder,
        note,
        budget: 1000,
        progress: ({ done }: Preparation) => told.push(done),
      };
      const { recorded } = await recordTuned(gpu, record, { ...options, timer: slow });
      assert.deepEqual(recorded, ["a", "a", "b", "b", "a"]);
      assert.deepEqual(told, [1]);
      assert.match(
        notes.join("\n"),
        /^note: after 1 s, 3 of 4 kernels are not tuned and stay as [^\n]+$/,
      );
      const none = await recordTuned(gpu, record, { budget: 0, folder: "", timer: untouched });
      assert.deepEqual([none.recorded, untouched.calls], [defaults, []]);
    }),
);

gpuTest(
  "recordTuned() keeps the default of a kernel none of whose alternatives works",
  (gpu) =>
    withFolder(async (folder) => {
      const told: number[] = [];
      const timer: Timer = { span: 0, time: () => Promise.reject(new Error("no")) };
      const progress = ({ done }: Preparation) => told.push(done);
      const { recorded } = await recordTuned(gpu, record, { folder, timer, progress });
      assert.deepEqual(recorded, defaults);
      assert.deepEqual(told, [1, 2, 3, 4]);
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    }),
);

Deno.test("Tuning asks for nothing where there is no choice", () => {
  const tuning = new Tuning();
  assert.equal(tuning.choose("one", [alternatives[1]!]).name, "b");
  assert.equal(tuning.open.size, 0);
});

Deno.test("Tuning has what is used most often first, then what came first", () => {
  const tuning = new Tuning(new Map([["known", "b"]]));
  for (const key of ["x", "known", "y", "z", "y", "z", "known", "known"]) {
    const { name } = tuning.choose<Alternative>(key, alternatives);
    assert.equal(name, key === "known" ? "b" : "a");
  }
  assert.deepEqual([...tuning.open.keys()], ["y", "z", "x"]);
  assert.deepEqual([...tuning.chosen], [["known", "b"]]);
});
