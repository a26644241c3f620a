import { CommanderError } from "commander";
import assert from "node:assert/strict";
import { describeFailure, UsageError } from "../../cli/error.ts";

Deno.test("describeFailure() gives one line and code 1 for any error", () => {
  assert.deepEqual(
    describeFailure(new RangeError("Cannot X:\n  expected a\n  but found b"), false),
    {
      text: "layermix: Cannot X: expected a but found b\n",
      code: 1,
    },
  );
  assert.equal(
    describeFailure(new Error("Cannot read a\x1b[31m\u202e: broken"), false).text,
    "layermix: Cannot read a?[31m?: broken\n",
  );
  assert.equal(describeFailure("thrown text", false).text, "layermix: thrown text\n");
  assert.equal(describeFailure(new TypeError(), false).text, "layermix: TypeError\n");
});

Deno.test("describeFailure() gives code 2 for a wrong command line", () => {
  const { text, code } = describeFailure(new UsageError("Cannot use --a with --b"), false);
  assert.deepEqual([text, code], ["layermix: Cannot use --a with --b\n", 2]);
});

Deno.test("describeFailure() repeats nothing that Commander has printed", () => {
  const unknown = new CommanderError(1, "commander.unknownOption", "error: unknown option '--x'");
  const help = new CommanderError(0, "commander.helpDisplayed", "(outputHelp)");
  assert.deepEqual(describeFailure(unknown, false), { text: "", code: 2 });
  assert.deepEqual(describeFailure(help, false), { text: "", code: 0 });
});

Deno.test("describeFailure() shows stack and cause when debugging", () => {
  const { text } = describeFailure(new Error("outer", { cause: new Error("inner") }), true);
  assert.match(text, /^layermix: outer\nError: outer\n {4}at /);
  assert.match(text, /\[cause\]: Error: inner/);
});

Deno.test("runMain() prints to standard error and ends with the code", async () => {
  const module = new URL("../../cli/error.ts", import.meta.url).href;
  const code = `const { runMain } = await import(Deno.args[0]);
    await runMain(() => Promise.reject(new Error("Cannot X")));`;
  const { code: exit, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code, module],
    cwd: new URL("../..", import.meta.url),
    env: { LAYERMIX_DEBUG: "0" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.deepEqual([exit, text(stdout), text(stderr)], [1, "", "layermix: Cannot X\n"]);
});
