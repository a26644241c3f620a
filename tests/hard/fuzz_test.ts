import assert from "node:assert/strict";
import { fingerprint } from "../../lib/data/dataset.ts";
import { mutated } from "./fuzz/attempt.ts";
import { runTarget } from "./fuzz/run.ts";
import { targets } from "./fuzz/targets/all.ts";

const child = new URL("./fuzz/bad_parsers.ts", import.meta.url).href;
const isLinux = Deno.build.os === "linux";

/** What the fuzzer says of the first mutation for each of the bad parsers. */
const expected: Record<string, RegExp> = {
  "foreign error": /^threw TypeError: Cannot read properties/,
  "no error": /^threw a\.bad$/,
  "nameless": /^said "Cannot read: .*not one line that names a\.bad$/,
  "long": /^said 5\d\d\d characters$/,
  "two lines": /^said "Cannot read a\.bad:\\nexpected another"/,
  "array": /^took 21[45]\d{7} bytes, 4194304 at the most$/,
  "dropped array": /^took 107\d{7} bytes/,
  "buffer": /^took 13[45]\d{6} bytes/,
  "list": /^took \d{8,9} bytes/,
  "inflated": /^took \d{8,9} bytes/,
  "slow": /^took \d{4,5} ms$/,
  "never": /^ended the process with code 1: .*never resolved/s,
  "exit": /^ended the process with code 3: $/,
  "killed": /^ended the process with SIGKILL: $/,
  ...(isLinux ? { "webassembly": /^took 2\d{8} bytes/, "endless": /^hangs: nothing after/ } : {}),
};

Deno.test("the fuzzer notices parsers that break each of its promises, and goes on after them", async () => {
  const options = { seed: 1, from: 1, child, busy: 1.5 };
  for (const [name, message] of Object.entries(expected)) {
    const { mutations, faults } = await runTarget(name, { ...options, to: 2 });
    assert.equal(mutations, 1, name);
    assert.equal(faults[0]?.number, 1, name);
    assert.match(faults[0]!.fault, message, `${name}: ${faults[0]!.fault}`);
  }
  const good = await runTarget("good", { ...options, to: 40 });
  assert.deepEqual(good.faults, []);
  assert.equal(good.accepted + good.refused, 39);
  const exits = await runTarget("exit", { ...options, to: 4 });
  assert.deepEqual(exits.faults.map(({ number }) => number), [1, 2, 3]);
});

Deno.test("a seed and a number are the same damaged file again, and few are whole", async () => {
  for (const target of targets) {
    const seeds = await target.seeds(), whole = new Set(seeds.map((bytes) => fingerprint(bytes)));
    const files = () => Array.from({ length: 40 }, (_, i) => mutated(target, seeds, 5, i));
    const [first, again] = [files(), files()].map((all) => all.map((bytes) => fingerprint(bytes)));
    assert.deepEqual(first, again);
    assert.ok(first!.filter((print) => whole.has(print)).length < 8, target.name);
    assert.ok(files().every(({ length }) => length <= 2 ** 21), target.name);
  }
});

Deno.test("every parser reads or refuses some hundred damaged files as it promises", async () => {
  const quick = new URL("./fuzz/quick.ts", import.meta.url).href;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", "--v8-flags=--expose-gc", quick, "7", "200"],
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.equal(text(stderr), "");
  assert.equal(code, 0);
  assert.match(text(stdout), new RegExp(`^${200 * targets.length} mutations for`));
});
