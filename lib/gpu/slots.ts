import type { Lifetime } from "./lifetime.ts";

/** Memory that regions have one after the other; as large as the largest of them. */
export interface Slot {
  readonly bytes: number;
  readonly lifetimes: Lifetime[];
}

/**
 * Shares memory between regions that are never needed by the same launch. A slot becomes a whole
 * buffer: WebGPU refuses a launch that binds one buffer both to read and to write, even where the
 * parts do not overlap. The same lifetimes give the same slots.
 *
 * Largest first: every slot that is there is large enough, and what is left over is smaller.
 * Source: Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020.
 */
export function assignSlots(lifetimes: readonly Lifetime[]): Slot[] {
  const slots: Slot[] = [];
  const order = lifetimes.toSorted((a, b) => b.region.bytes - a.region.bytes || a.first - b.first);
  for (const lifetime of order) {
    // Slots come in descending size: the last free one is the smallest.
    const free = slots.findLast((slot) =>
      slot.lifetimes.every((other) => !overlap(lifetime, other))
    );
    if (free) free.lifetimes.push(lifetime);
    else slots.push({ bytes: lifetime.region.bytes, lifetimes: [lifetime] });
  }
  return slots;
}

function overlap(a: Lifetime, b: Lifetime): boolean {
  return a.first <= b.last && b.first <= a.last;
}
