import assert from "node:assert/strict";
import type { Lifetime } from "../../lib/gpu/lifetime.ts";
import { assignSlots, type Slot } from "../../lib/gpu/slots.ts";
import { Stream } from "../../lib/random/stream.ts";

function lifetime(bytes: number, first: number, last: number): Lifetime {
  return { region: { name: `${bytes} from ${first} to ${last}`, bytes, offset: 0 }, first, last };
}

/** `count` lifetimes within 100 launches, some of one launch; sizes are whole granules. */
function randomLifetimes(seed: number, count: number, sizes: number): Lifetime[] {
  const stream = new Stream(seed, 0);
  return Array.from({ length: count }, () => {
    const first = stream.integer(100);
    const length = stream.integer(3) === 0 ? 0 : stream.integer(100 - first);
    return lifetime(64 * (1 + stream.integer(sizes)), first, first + length);
  });
}

const total = (slots: readonly Slot[]) => slots.reduce((sum, { bytes }) => sum + bytes, 0);

/** The most bytes that one launch needs at once: less cannot do. */
function peak(lifetimes: readonly Lifetime[]): number {
  return Math.max(...Array.from({ length: 100 }, (_, launch) =>
    lifetimes
      .filter(({ first, last }) => first <= launch && launch <= last)
      .reduce((sum, { region }) => sum + region.bytes, 0)));
}

const seeds = Array.from({ length: 50 }, (_, seed) => seed);

Deno.test("assignSlots() never gives one slot to two regions that a launch may need", () => {
  for (const seed of seeds) {
    for (const { lifetimes } of assignSlots(randomLifetimes(seed, 60, 40))) {
      const launches = lifetimes.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i)
      );
      assert.equal(new Set(launches).size, launches.length, `seed ${seed}`);
    }
  }
});

Deno.test("assignSlots() gives every region one slot, as large as the largest in it", () => {
  for (const seed of seeds) {
    const lifetimes = randomLifetimes(seed, 60, 40);
    const slots = assignSlots(lifetimes);
    const placed = slots.flatMap((slot) => slot.lifetimes);
    assert.equal(placed.length, lifetimes.length);
    assert.deepEqual(new Set(placed), new Set(lifetimes));
    for (const { bytes, lifetimes } of slots) {
      assert.equal(bytes, Math.max(...lifetimes.map(({ region }) => region.bytes)));
    }
  }
});

Deno.test("assignSlots() takes no more than all regions apart, no less than a launch needs", () => {
  for (const seed of seeds) {
    const lifetimes = randomLifetimes(seed, 60, 40);
    const found = total(assignSlots(lifetimes));
    const apart = lifetimes.reduce((sum, { region }) => sum + region.bytes, 0);
    assert.ok(peak(lifetimes) <= found && found < apart / 1.5, `seed ${seed}: ${found}`);
  }
});

Deno.test("assignSlots() takes only what a launch needs where all sizes are equal", () => {
  for (const seed of seeds) {
    const lifetimes = randomLifetimes(seed, 60, 1);
    assert.equal(total(assignSlots(lifetimes)), peak(lifetimes));
  }
});

Deno.test("assignSlots() gives the same slots to the same lifetimes", () => {
  for (const seed of seeds) {
    const [first, second] = [0, 1].map(() => assignSlots(randomLifetimes(seed, 60, 40)));
    assert.deepEqual(second, first);
  }
});

Deno.test("assignSlots() shares neither in the launch of one's end and the other's begin", () => {
  const [a, b, c] = [lifetime(64, 0, 1), lifetime(64, 1, 2), lifetime(64, 2, 3)];
  const slots = assignSlots([a, b, c]);
  assert.deepEqual(slots.map(({ lifetimes }) => lifetimes), [[a, c], [b]]);
});

Deno.test("assignSlots() does not keep a large slot from large regions by a small one", () => {
  const small = lifetime(64, 2, 9);
  const large = [lifetime(6400, 0, 1), lifetime(6400, 5, 6)];
  assert.deepEqual(total(assignSlots([small, ...large])), 6464);
});

Deno.test("assignSlots() takes the smallest of the free slots", () => {
  const [large, middle] = [lifetime(640, 0, 1), lifetime(320, 0, 1)];
  const small = lifetime(64, 2, 3);
  const slots = assignSlots([small, middle, large]);
  assert.deepEqual(slots.map(({ lifetimes }) => lifetimes), [[large], [middle, small]]);
});

Deno.test("assignSlots() of nothing is nothing", () => {
  assert.deepEqual(assignSlots([]), []);
});
