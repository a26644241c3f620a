import assert from "node:assert/strict";
import schema from "../../docs/results.schema.json" with { type: "json" };

const text = Deno.readTextFileSync(new URL("../../docs/evaluation.md", import.meta.url));
const { evaluation, corruption_suite, sequence_suite, sequence_row, results } = schema.$defs;

Deno.test("docs/evaluation.md explains every figure of the schema", () => {
  const told = ["complete", "rows", "sequence", "videos", "frames", "count"];
  const all = [
    evaluation,
    corruption_suite,
    sequence_suite,
    sequence_row,
    results.properties.suites,
  ];
  const names = [...all.flatMap(({ properties }) => Object.keys(properties)), "c_and_c_bar"];
  assert(names.length > 30);
  for (const name of names) {
    if (!told.includes(name)) assert(text.includes(`\`${name}\``), `${name} is not explained`);
  }
});
