// Parsers that break every promise, which the fuzzer must notice.
import { Buffer } from "node:buffer";
import process from "node:process";
import { deflateSync, inflateSync } from "node:zlib";
import { DataError } from "../../../lib/data/error.ts";
import { runChild } from "./child.ts";
import type { Target } from "./target.ts";

const whole = new TextEncoder().encode("whole");

/** Takes whole files, and does with others what it should not. */
function bad(name: string, harm: (bytes: Uint8Array) => unknown): Target {
  return {
    name,
    seeds: () => Promise.resolve([whole]),
    file: "a.bad",
    inMemory: true,
    errors: ["DataError"],
    parse: (bytes) => new TextDecoder().decode(bytes) === "whole" ? undefined : harm(bytes),
  };
}

/** Uses so many seconds of the processor's time. */
function burn(seconds: number): void {
  const began = process.cpuUsage();
  for (let used = 0; used < 1e6 * seconds;) {
    const { user, system } = process.cpuUsage(began);
    used = user + system;
  }
}

let kept: unknown;

/** A bomb: few bytes that become 64 MiB. */
const bomb = deflateSync(new Uint8Array(2 ** 26));

await runChild([
  bad("good", () => {
    throw new DataError("Cannot read a.bad: expected whole but found another");
  }),
  bad("foreign error", () => {
    throw new TypeError("Cannot read properties of undefined");
  }),
  bad("no error", () => {
    throw "a.bad";
  }),
  bad("nameless", () => {
    throw new DataError("Cannot read: expected whole but found another");
  }),
  bad("long", () => {
    throw Object.assign(new DataError(), { message: `Cannot read a.bad: ${"x".repeat(5000)}` });
  }),
  bad("two lines", () => {
    throw Object.assign(new DataError(), { message: "Cannot read a.bad:\nexpected another" });
  }),
  bad("array", () => void (kept = new Uint8Array(2 ** 31))),
  bad("dropped array", () => {
    new Float64Array(2 ** 27).fill(1, 0, 1);
    (globalThis as unknown as { gc(): void }).gc();
  }),
  bad("buffer", () => void Buffer.alloc(2 ** 27)),
  bad("list", () => void (kept = Array.from({ length: 5_000_000 }, (_, i) => ({ i })))),
  bad("webassembly", () => void new WebAssembly.Memory({ initial: 1 }).grow(4000)),
  bad("inflated", () => void (kept = inflateSync(bomb))),
  bad("slow", () => burn(1.2)),
  bad("endless", () => burn(1000)),
  bad("never", () => new Promise(() => {})),
  bad("exit", () => Deno.exit(3)),
  bad("killed", () => Deno.kill(Deno.pid, "SIGKILL")),
]);
void kept;
