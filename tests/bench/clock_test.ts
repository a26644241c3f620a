import assert from "node:assert/strict";
import { clockOf, medianTime, quick, thorough, type Work } from "../../lib/bench/clock.ts";
import type { Gpu } from "../../lib/gpu/device.ts";

/** Work on a clock of its own: each call takes the next of `times`, of which the last stays. */
function scripted(times: number[]) {
  let [now, calls] = [0, 0];
  const work: Work = {
    call: () => now += times[Math.min(calls++, times.length - 1)]!,
    idle: () => Promise.resolve(),
    release() {},
  };
  return { clock: { name: "wall" as const, now: () => now }, work, calls: () => calls };
}

Deno.test("the median leaves out the first call, in which drivers compile, and what disturbs", async () => {
  const { clock, work } = scripted([9000, 200, 200, 7000, 210, 190, 205]);
  assert.equal(await medianTime(clock, work, thorough), 205);
});

Deno.test("short work is called several times between two waits", async () => {
  const { clock, work, calls } = scripted([50, 10]);
  assert.equal(await medianTime(clock, work, { rounds: 3, span: 100 }), 10);
  assert.equal(calls(), 2 + 3 * 10);
});

Deno.test("a quick measurement is one call after the first", async () => {
  const { clock, work, calls } = scripted([50, 10, 90]);
  assert.equal(await medianTime(clock, work, quick), 10);
  assert.equal(calls(), 2);
});

Deno.test("what takes longer than the patience is called once", async () => {
  const { clock, work, calls } = scripted([6000]);
  assert.equal(await medianTime(clock, work, { ...thorough, patience: 5000 }), 6000);
  assert.equal(calls(), 1);
});

Deno.test("a software adapter is timed by the processor, a GPU by the clock on the wall", () => {
  assert.equal(clockOf({ software: false } as Gpu).name, "wall");
  const clock = clockOf({ software: true } as Gpu);
  assert.equal(clock.name, "cpu");
  const began = clock.now();
  let sum = 0;
  while (clock.now() === began) sum += Math.sqrt(sum);
  assert(clock.now() > began);
});
