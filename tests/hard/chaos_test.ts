import assert from "node:assert/strict";
import { withPlace } from "../train/fixture.ts";
import { faults } from "./chaos/faults.ts";
import { disturbed, undisturbed } from "./chaos/round.ts";

// Kills, signals, full disks and lost devices are in tests/train.
Deno.test("a run in a folder that becomes read-only, or whose clock jumps, ends with the same bits", (t) =>
  withPlace(async (place) => {
    const whole = await undisturbed(place);
    for (const name of ["read-only folder", "clock jump"]) {
      const fault = faults.find((one) => one.name === name)!;
      const { skipped, wrong } = await disturbed(fault, whole, 3, 0, 1);
      if (skipped) {
        await t.step({ name: `skipped: ${name}: ${skipped}`, ignore: true, fn() {} });
      }
      assert.equal(wrong, undefined, name);
    }
    const end = { code: 1, signal: null, stdout: "", stderr: "why" };
    const none = { name: "clock jump", disturb: () => Promise.resolve(end), allows: () => true };
    const other = await disturbed(none, { ...whole, traces: {} }, 3, 0, 1);
    assert.deepEqual(other, { faults: 1, cut: 1, wrong: "other bits" });
    const strict = await disturbed({ ...none, allows: () => false }, whole, 3, 0, 1);
    assert.deepEqual(strict, { faults: 0, cut: 0, wrong: "ended with code 1: why" });
  }));
