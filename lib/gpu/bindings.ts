import { GpuError } from "./error.ts";

/** Where and how an entry point binds a buffer. */
export interface Binding {
  slot: number;
  /** A buffer bound as "storage" may be written, the others are only read. */
  type: GPUBufferBindingType;
}

const known = new Map<string, Map<string, ReadonlyMap<string, Binding>>>();

/**
 * The buffers that an entry point reaches, by name. Several entry points share a source, so what is
 * declared is more than what one of them uses; names are followed from function to function.
 *
 * @throws {GpuError} when the source has no function of that name
 */
export function bindingsOf(code: string, kernel: string): ReadonlyMap<string, Binding> {
  const ofSource = known.get(code) ?? new Map<string, ReadonlyMap<string, Binding>>();
  known.set(code, ofSource);
  const found = ofSource.get(kernel) ?? reached(code, kernel);
  ofSource.set(kernel, found);
  return found;
}

function reached(code: string, kernel: string): ReadonlyMap<string, Binding> {
  const declared = declaredBindings(code);
  const bodies = new Map<string, Set<string>>();
  for (const [, name, body] of code.matchAll(/^fn (\w+)([^]*?)\n\}/gm)) {
    bodies.set(name!, new Set(body!.replace(/\/\/.*/g, "").match(/(?<![.\w])[A-Za-z_]\w*/g)));
  }
  if (!bodies.has(kernel)) {
    throw new GpuError(`Cannot run ${kernel}: no function of that name is in its source`);
  }
  const functions = new Set([kernel]);
  const used = new Map<string, Binding>();
  for (const name of functions) {
    for (const word of bodies.get(name)!) {
      if (bodies.has(word)) functions.add(word);
      const binding = declared.get(word);
      if (binding) used.set(word, binding);
    }
  }
  return used;
}

function declaredBindings(code: string): Map<string, Binding> {
  const declared = new Map<string, Binding>();
  for (const [, slot, space, name] of code.matchAll(/@binding\((\d+)\)\s+var<([^>]*)>\s+(\w+)/g)) {
    const type = space === "uniform"
      ? "uniform"
      : space!.includes("write")
      ? "storage"
      : "read-only-storage";
    declared.set(name!, { slot: Number(slot), type });
  }
  return declared;
}
