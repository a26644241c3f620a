import assert from "node:assert/strict";
import { formatSeconds, progress, type ProgressOptions } from "../../cli/progress.ts";

/** A progress display on a stream that collects, with a clock that is set by hand. */
function collected(options: Partial<ProgressOptions> & { isTTY?: boolean } = {}) {
  const clock = { seconds: 0 };
  const written: string[] = [];
  const stream = {
    isTTY: options.isTTY ?? false,
    columns: 200,
    write: (text: string) => written.push(text),
  };
  const now = () => 1000 * clock.seconds;
  const display = progress({ total: 1000, unit: "pictures", stream, now, ...options });
  return { display, clock, written, lines: () => written.join("").split("\n").slice(0, -1) };
}

Deno.test("progress() into a pipe writes a line every 10 % with speed and time left", () => {
  const { display, clock, lines } = collected();
  for (let done = 50; done <= 1000; done += 50) {
    clock.seconds += 1;
    display.update(done, { loss: (1000 / done).toFixed(2) });
  }
  display.finish();
  assert.equal(lines().length, 10);
  assert.equal(lines()[0], "100/1000 pictures, 10 %, 50 pictures/s, 18 s left, loss 10.00");
  assert.equal(lines()[9], "1000/1000 pictures, 100 %, 50 pictures/s, loss 1.00");
});

Deno.test("progress() of an unknown total shows what is done and how fast", () => {
  const { display, clock, lines } = collected({ total: 0, unit: "MB", task: "downloading" });
  for (let done = 1; done <= 15; done++) {
    clock.seconds += 1;
    display.update(2 * done);
  }
  display.finish();
  assert.deepEqual(lines(), [
    "downloading 20 MB, 2 MB/s",
    "downloading 30 MB, 2 MB/s",
  ]);
});

Deno.test("progress() into a pipe writes a line every 10 seconds when work is slow", () => {
  const { display, clock, lines } = collected();
  for (let done = 1; done <= 25; done++) {
    clock.seconds += 1;
    display.update(done);
  }
  assert.deepEqual(lines().map((line) => line.split(" ")[0]), ["10/1000", "20/1000"]);
  display.finish();
  display.finish();
  display.update(26);
  assert.equal(lines().length, 3);
  assert.match(lines()[2]!, /^25\/1000 pictures, 2 %, 1 pictures\/s, 16 min 15 s left$/);
});

Deno.test("progress() forgets slow first steps and what was done before a resume", () => {
  const { display, clock, lines } = collected({ start: 400, total: 2000 });
  clock.seconds = 60;
  display.update(401);
  for (let done = 411; done <= 801; done += 10) {
    clock.seconds += 1;
    display.update(done);
  }
  const last = lines().at(-1)!;
  assert.match(last, /, 10 pictures\/s, /);
});

Deno.test("progress() with quiet writes nothing, on a terminal neither", () => {
  for (const isTTY of [false, true]) {
    const { display, written } = collected({ quiet: true, isTTY });
    display.update(500, { loss: "1" });
    display.note("best so far");
    display.finish();
    assert.deepEqual(written, []);
  }
});

Deno.test("progress() with json writes one object a line, on a terminal too", () => {
  const { display, clock, lines } = collected({ json: true, isTTY: true });
  clock.seconds = 5;
  display.update(500, { loss: "1.5" });
  display.note('a "note"');
  display.finish();
  assert.deepEqual(lines().map((line) => JSON.parse(line)), [
    { done: 500, total: 1000, unit: "pictures", per_second: 100, seconds_left: 5, loss: "1.5" },
    { note: 'a "note"' },
  ]);
});

Deno.test("progress() names the task, where it is given one", () => {
  const options = { total: 40, unit: "kernels", task: "tuning" };
  for (const json of [false, true]) {
    const { display, clock, lines } = collected({ ...options, json });
    clock.seconds = 6;
    display.update(12);
    const [line] = lines();
    if (json) assert.deepEqual(Object.entries(JSON.parse(line!))[0], ["task", "tuning"]);
    else assert.equal(line, "tuning 12/40 kernels, 30 %, 2 kernels/s, 14 s left");
  }
});

Deno.test("progress() on a terminal draws a bar in place, and notes on lines of their own", () => {
  const { display, clock, written } = collected({ isTTY: true });
  clock.seconds = 2;
  display.update(500, { accuracy: "91 %" });
  display.note("saved best.safetensors");
  display.update(750);
  display.finish();
  display.note("after");
  const all = written.join("");
  assert.match(all, /\[=+ *\] 500\/1000 pictures, 50 %, 250 pictures\/s, 2 s left, accuracy 91 %/);
  assert(written.includes("saved best.safetensors\n"));
  assert.match(written.at(-2)!, /^750\/1000 pictures, 75 %/);
  assert.equal(written.at(-1), "after\n");
  assert.equal(all.split("\n").length - 1, 3, "only notes and the last line end a line");
});

Deno.test("formatSeconds() names the two largest units", () => {
  const cases: [number, string][] = [
    [0, "0 s"],
    [59.6, "1 min 0 s"],
    [185, "3 min 5 s"],
    [7800, "2 h 10 min"],
    [273_600, "3 d 4 h"],
  ];
  for (const [seconds, text] of cases) assert.equal(formatSeconds(seconds), text);
});
