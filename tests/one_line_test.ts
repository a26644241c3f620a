import assert from "node:assert/strict";
import { cannotRead } from "../lib/data/error.ts";
import { oneLine, OneLineError } from "../lib/one_line.ts";

Deno.test("oneLine() leaves text as it is, and shows what a terminal would obey", () => {
  assert.equal(oneLine("Cannot read ü/日本.png: 3 of 4"), "Cannot read ü/日本.png: 3 of 4");
  assert.equal(oneLine("a\nb\r\nc\u2028d"), "a b c d");
  assert.equal(oneLine("a\x1b[2Jb\x00\x07c\u202ed\ud800e"), "a?[2Jb?c?d?e");
});

Deno.test("errors about files are one line, whatever was in the file", () => {
  const { message, cause } = new OneLineError("Cannot\nread", { cause: "why" });
  assert.deepEqual([message, cause], ["Cannot read", "why"]);
  const long = cannotRead("a.json", `a seed ${"9".repeat(1e5)}`, "none").message;
  assert.match(long, /^Cannot read a\.json: expected a seed 9+ … 9+ but found none$/);
  assert.equal(long.length, 1503);
  assert.equal(
    cannotRead("a\nb.npy", "a type", "\x1b]0;title\x07").message,
    "Cannot read a b.npy: expected a type but found ?]0;title?",
  );
});
