import { bindingsOf } from "./bindings.ts";
import type { Launch, Region } from "./kernel.ts";

/** The launches in which a region must stay as it is: `first` … `last`, both included. */
export interface Lifetime {
  readonly region: Region;
  readonly first: number;
  readonly last: number;
}

/** How a region is used from its first launch to its last. */
interface Use {
  first: number;
  last: number;
  /** Whether the first launch may write it, and whether the last one may. */
  writtenFirst: boolean;
  writtenLast: boolean;
}

/**
 * The lifetimes of those regions that only the launches know. What the first launch reads comes
 * from the host, what the last launch writes is for the host, and what no launch binds is the
 * host's alone: such regions have no lifetime here, since the host may come at any time.
 */
export function lifetimesOf(
  launches: readonly Launch[],
  regions: ReadonlySet<Region>,
): Lifetime[] {
  const uses = usesOf(launches, regions);
  return [...regions].flatMap((region) => {
    const use = uses.get(region);
    return use?.writtenFirst && !use.writtenLast
      ? [{ region, first: use.first, last: use.last }]
      : [];
  });
}

function usesOf(launches: readonly Launch[], regions: ReadonlySet<Region>): Map<Region, Use> {
  const uses = new Map<Region, Use>();
  launches.forEach(({ kernel, code, bindings }, at) => {
    for (const [name, region] of Object.entries(bindings)) {
      if (!regions.has(region)) continue;
      const isWritten = bindingsOf(code, kernel).get(name)?.type === "storage";
      const use = uses.get(region);
      if (use) Object.assign(use, { last: at, writtenLast: isWritten });
      else {uses.set(region, {
          first: at,
          last: at,
          writtenFirst: isWritten,
          writtenLast: isWritten,
        });}
    }
  });
  return uses;
}
