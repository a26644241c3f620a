import assert from "node:assert/strict";
import { parseJson } from "../lib/json.ts";

Deno.test("parseJson() reads JSON of up to 64 levels", () => {
  const nested = (levels: number) => `${"[".repeat(levels)}1${"]".repeat(levels)}`;
  assert.deepEqual(parseJson('{"a":[1,null,"b"]}'), { a: [1, null, "b"] });
  assert.equal(JSON.stringify(parseJson(nested(64))), nested(64));
  for (const levels of [65, 100_000]) {
    assert.throws(() => parseJson(nested(levels)), /^SyntaxError: more than 64 levels$/);
    assert.throws(() => parseJson(`{"a":${nested(levels)}}`), /^SyntaxError: more than 64 levels$/);
  }
  assert.throws(() => parseJson("{"), SyntaxError);
});
