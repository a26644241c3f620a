import assert from "node:assert/strict";
import { contain } from "../../lib/gpu/contain.ts";
import { GpuError } from "../../lib/gpu/error.ts";
import type { Program } from "../../lib/gpu/program.ts";
import { Tape } from "../../lib/gpu/tape.ts";
import { openTimer, type Timer } from "../../lib/gpu/timing.ts";
import { gpuTest } from "../gpu.ts";
import { spin } from "../tune/fixture.ts";

/** Whether what other programs do to the time spares one of ten attempts, as a fault never does. */
async function passesOnce(attempt: () => Promise<void>): Promise<void> {
  for (let number = 1; number < 10; number++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof assert.AssertionError)) throw error;
    }
  }
  await attempt();
}

/** Milliseconds of one of so many runs, in the fastest of some passes. */
async function timeOf(timer: Timer, program: Program, times: number): Promise<number> {
  const pass = { program, times };
  const [, ...found] = await timer.time([pass, pass, pass, pass]);
  return Math.min(...found);
}

gpuTest("a timer tells how long one run takes, by the GPU's clock and by waiting", async (gpu) => {
  for (const hasClock of [gpu.device.features.has("timestamp-query"), false]) {
    const timer = openTimer(gpu, hasClock);
    const [short, long] = await Promise.all([100, 8_000].map((rounds) => {
      const tape = new Tape(gpu, false);
      spin(`for_${rounds}`, rounds).record(tape);
      return tape.compile();
    }));
    await passesOnce(async () => {
      const once = await timeOf(timer, short!, 1), often = await timeOf(timer, short!, 40);
      const oftener = await timeOf(timer, short!, 400);
      const longOnce = await timeOf(timer, long!, 1), longOften = await timeOf(timer, long!, 8);
      assert(longOften > 5 * often, `${longOften} and ${often} ms`);
      // Waiting takes its time too; on a real GPU more than the kernel.
      assert(often < 3 * once && (!hasClock || once < 10 * often), `${often} and ${once} ms`);
      assert(!gpu.software || oftener < 2 * often, `${oftener} and ${often} ms`);
      assert(!gpu.software || 8 * longOften > 3 * longOnce, `${longOften} and ${longOnce} ms`);
      const mixed = await timer.time(
        [long!, long!, short!].map((program) => ({ program, times: 1 })),
      );
      assert(!hasClock || mixed[2]! < mixed[1]! / 2, "each by itself");
    });
    short!.destroy();
    await assert.rejects(
      () => timer.time([{ program: short!, times: 1 }]),
      /^GpuError: Cannot time a kernel on /,
    );
    gpu.check();
    long!.destroy();
  }
});

gpuTest("contain() throws the faults of its work, and leaves the device usable", async (gpu) => {
  const tooLarge = () => gpu.device.createBuffer({ size: 2 ** 52, usage: 1 });
  await assert.rejects(
    () => contain(gpu, "try this", () => void tooLarge()),
    (error) => error instanceof GpuError && /^Cannot try this on .+: .+/.test(error.message),
  );
  await assert.rejects(
    () => contain(gpu, "try this", () => assert.fail("its own")),
    /^Assert.*its own/,
  );
  await assert.rejects(
    () => contain(gpu, "try this", async () => assert.fail(`${await Promise.resolve("late")}`)),
    /late/,
  );
  assert.equal(await contain(gpu, "try this", () => Promise.resolve(7)), 7);
  await gpu.idle();
});
