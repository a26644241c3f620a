import { Buffer } from "node:buffer";

/** The constructors with a length, and the bytes of an element. */
const constructors = {
  ArrayBuffer: 1,
  SharedArrayBuffer: 1,
  Uint8Array: 1,
  Uint8ClampedArray: 1,
  Int8Array: 1,
  Uint16Array: 2,
  Int16Array: 2,
  Uint32Array: 4,
  Int32Array: 4,
  Float32Array: 4,
  Float64Array: 8,
  BigInt64Array: 8,
  BigUint64Array: 8,
} as const;

let largest = 0;

/** Counts every typed array and buffer that is made by a length, or copied from a list. */
export function watchAllocations(): void {
  for (const [name, size] of Object.entries(constructors)) {
    const record = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
    record[name] = new Proxy(record[name]!, {
      construct(target, args, newTarget) {
        const [first] = args as [{ length?: unknown } | number | undefined];
        const count = typeof first === "number" ? first : Number(first?.length ?? 0);
        // Before it is tried: what cannot be had was asked for all the same.
        if (count > 0) largest = Math.max(largest, count * size);
        return Reflect.construct(target, args, newTarget);
      },
    });
  }
  const buffers = Buffer as unknown as Record<string, (size: number, ...rest: unknown[]) => Buffer>;
  for (const name of ["alloc", "allocUnsafe", "allocUnsafeSlow"]) {
    const make = buffers[name]!;
    buffers[name] = (size, ...rest) => {
      largest = Math.max(largest, size);
      return make.call(Buffer, size, ...rest);
    };
  }
}

/** What memory is in use, in bytes: of JavaScript and its buffers, and of the process in all. */
interface Use {
  script: number;
  /** Private memory that can be written, touched or not; 0 where the system does not tell. */
  process: number;
}

/** The process's own memory moves so much by itself: threads for files have stacks of megabytes. */
const PROCESS_NOISE = 2 ** 25;
/** Garbage is collected between files when there is so much of it, so that it is not within one. */
const GARBAGE = 2 ** 25;

function use(): Use {
  const { heapUsed, external } = Deno.memoryUsage();
  return { script: heapUsed + external, process: processBytes() };
}

function processBytes(): number {
  if (Deno.build.os !== "linux") return 0;
  const pages = Deno.readTextFileSync("/proc/self/statm").split(" ")[5];
  return 4096 * Number(pages);
}

let clean = Infinity;

/**
 * Does work, and tells the largest memory that it took in bytes: the largest buffer that was asked
 * for, what JavaScript has more after it, or what the process has more (WebAssembly, libraries), the
 * largest of the three. Needs `watchAllocations()`, and `--v8-flags=--expose-gc`.
 */
export async function largestAllocation(work: () => Promise<void>): Promise<number> {
  collect();
  const before = use();
  largest = 0;
  await work();
  const buffer = largest, after = use();
  const native = after.process - before.process;
  return Math.max(buffer, after.script - before.script, native > PROCESS_NOISE ? native : 0);
}

function collect(): void {
  const { heapUsed, external } = Deno.memoryUsage();
  if (heapUsed + external < clean + GARBAGE) return;
  (globalThis as unknown as { gc(): void }).gc();
  const left = Deno.memoryUsage();
  clean = left.heapUsed + left.external;
}
