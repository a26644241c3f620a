import { InvalidArgumentError } from "commander";
import assert from "node:assert/strict";
import { closest, integer, listOf, method, number, oneOf } from "../../cli/options.ts";

Deno.test("closest() finds the name that was meant, or none", () => {
  const names = ["layermix", "baseline", "wrn"];
  assert.equal(closest("layermx", names), "layermix");
  assert.equal(closest("base-line", names), "baseline");
  assert.equal(closest("wnr", names), "wrn");
  assert.equal(closest("baseline", names), "baseline");
  assert.equal(closest("augmentation", names), undefined);
  assert.equal(closest("anything", []), undefined);
});

Deno.test("oneOf() gives the name, or says which there are and which was meant", () => {
  const method = oneOf("the method", ["layermix", "baseline"]);
  assert.equal(method("baseline"), "baseline");
  assert.throws(() => method("layermx"), {
    message: 'Cannot use the method "layermx": expected layermix, baseline; did you mean layermix?',
  });
  assert.throws(() => method("zzzzzzzzz"), /expected layermix, baseline$/);
  assert.throws(() => method(""), /^UsageError: Cannot use the method ""/);
});

Deno.test("integer() takes whole numbers in its range and nothing else", () => {
  const read = integer(1, 100);
  assert.deepEqual(["1", "007", "100"].map(read), [1, 7, 100]);
  for (const text of ["0", "101", "-1", "1.5", "1e1", "0x10", "", " ", "x", "1 ", "NaN", "٣"]) {
    assert.throws(() => read(text), InvalidArgumentError, text);
  }
  assert.equal(integer(0)("4294967295"), 2 ** 32 - 1);
  assert.throws(() => integer(0)("4294967296"), /Expected a whole number of 0 … 4294967295\./);
});

Deno.test("number() takes numbers in its range and nothing else", () => {
  const read = number(0, 10);
  assert.deepEqual(["0", "10", "0.1", "1e-3", ".5"].map(read), [0, 10, 0.1, 0.001, 0.5]);
  for (const text of ["-0.1", "10.01", "", "  ", "x", "NaN", "Infinity", "1,5"]) {
    assert.throws(() => read(text), InvalidArgumentError, text);
  }
});

Deno.test("listOf() reads each item, with spaces around it or not", () => {
  assert.deepEqual(listOf(integer(0))("3, 1,2"), [3, 1, 2]);
  for (const text of ["", "1,", "1;2", "1,x"]) assert.throws(() => listOf(integer(0))(text), text);
});

Deno.test("method() takes LayerMix by its published name too", () => {
  assert.deepEqual([method("laddermix"), method("baseline")], ["layermix", "baseline"]);
  assert.throws(() => method("laddermx"), /expected layermix, pixmix, ipmix, /);
});
