import assert from "node:assert/strict";
import { BOUND, growth, type Reading } from "./soak/memory.ts";

const readings = (change: Partial<Reading>[]): Reading[] =>
  change.map((one, i) => ({ step: 100 * (i + 1), rss: 5e8, gpu: 1e6, ...one }));

Deno.test("memory that grows after the warm-up is noticed, buffers by a byte", () => {
  assert.equal(
    growth(readings([{ rss: 1, gpu: 1 }, {}, {}, { rss: 5e8 + BOUND }]), 200),
    undefined,
  );
  assert.equal(growth(readings([{}, {}, { rss: 4e8, gpu: 0 }, {}]), 200), undefined);
  assert.match(
    growth(readings([{}, {}, {}, { rss: 5e8 + BOUND + 1 }]), 200)!,
    /^resident memory grew from 500000000 to 516777217 bytes, .* between steps 200 and 400$/,
  );
  assert.match(
    growth(readings([{}, { gpu: 1e6 + 1 }, {}]), 100)!,
    /^buffers grew from 1000000 to 1000001 bytes between steps 100 and 200$/,
  );
});
