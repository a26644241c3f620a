import assert from "node:assert/strict";
import { withPlace } from "../train/fixture.ts";
import { faults } from "./chaos/faults.ts";
import { disturbed, undisturbed } from "./chaos/round.ts";

// Kills, signals, full disks and lost devices are in tests/train.
Deno.test("a run in a folder that becomes read-only, or whose clock jumps, ends with the same bits", (t) =>
  withPlace(async (place) => {
    const whole = await undisturbed(place);
    for (const name of ["read-only folder", "clock jump", "cut checkpoint"]) {
      const fault = faults.find((one) => one.name === name)!;
      const { skipped, wrong } = await disturbed(fault, whole, 3, 0, 1);
      if (skipped) {
        await t.step({ name: `skipped: ${name}: ${skipped}`, ignore: true, fn() {} });
      }
      assert.equal(wrong, undefined, name);
    }
    const broken = faults.find(({ name }) => name === "clock jump")!;
    const other = await disturbed(broken, { ...whole, traces: {} }, 3, 1, 1);
    assert.equal(other.wrong, "other bits");
    const strict = await disturbed({ ...broken, allows: () => false }, whole, 3, 2, 1);
    assert.match(strict.wrong!, /^ended with code 0: /);
  }));
