import assert from "node:assert/strict";
import { decodeOutcome, encodeOutcome, type Outcome } from "../../lib/robustness/outcome.ts";
import { dropMisfits, openPartial } from "../../lib/robustness/partial.ts";
import { keyOf } from "../../lib/robustness/units.ts";
import { answers } from "./outcomes.ts";

const unit = { suite: "clean", name: "", severity: 0, first: 3, count: 21 } as const;
const sums = { pairs: 8, flips: 3, top5_distance: 12, zipf_distance: 0.1 + 0.2 };

Deno.test("outcomes come back from JSON with the same bits", () => {
  for (const outcome of [answers(unit, 3), sums]) {
    assert.deepEqual(decodeOutcome(JSON.parse(JSON.stringify(encodeOutcome(outcome)))), outcome);
  }
  const broken = { ...answers(unit, 1), loss_sum: NaN };
  assert(
    Number.isNaN(
      (decodeOutcome(JSON.parse(JSON.stringify(encodeOutcome(broken)))) as typeof broken).loss_sum,
    ),
  );
});

Deno.test("decodeOutcome() refuses what is damaged", () => {
  const encoded = encodeOutcome(answers(unit, 3));
  const refuses = (damaged: Record<string, unknown>) =>
    assert.throws(() => decodeOutcome(damaged as typeof encoded), TypeError);
  refuses({ ...encoded, count: 20 });
  refuses({ ...encoded, correct: "" });
  refuses({ ...encoded, confidence: 3 });
  refuses({ ...encoded, missed5: undefined });
  refuses({ pairs: 3 });
});

const of = { checkpoint: "a", data: "b", options: "c", adapter: "d" };
const table = { adapter: "llvmpipe", best: { a: "b" } };

async function withFile(use: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(`${folder}/results.partial.jsonl`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Opens the file, and what people were told. */
async function open(path: string, fingerprints: typeof of = of) {
  const notes: string[] = [];
  const partial = await openPartial(path, fingerprints, (line) => notes.push(line));
  return { ...partial, notes };
}

Deno.test("a partial file goes on with the units and kernels it has", () =>
  withFile(async (path) => {
    const first = await open(path);
    assert.deepEqual([first.table, first.notes, first.outcomes.size], [undefined, [], 0]);
    await first.begin(table);
    await first.add("clean 3+21", answers(unit, 3));
    await first.add("p snow 0+4", sums);
    const second = await open(path);
    assert.deepEqual(second.table, table);
    const expected = new Map<string, unknown>([["clean 3+21", answers(unit, 3)], [
      "p snow 0+4",
      sums,
    ]]);
    assert.deepEqual(second.outcomes, expected);
    assert.match(second.notes.join(), /^going on with .*: 2 parts are measured already$/);
    await second.begin(null);
    assert.deepEqual((await open(path)).table, table);
  }));

Deno.test("a partial file without a unit does not tie an evaluation to its kernels", () =>
  withFile(async (path) => {
    await (await open(path)).begin(table);
    const second = await open(path);
    assert.deepEqual([second.table, second.notes], [undefined, []]);
    await second.begin(null);
    await second.add("a", sums);
    assert.equal((await open(path)).table, null);
  }));

Deno.test("a half-written last line does not count, nor harm the next one", () =>
  withFile(async (path) => {
    const first = await open(path);
    await first.begin(null);
    await first.add("a", sums);
    await first.add("b", sums);
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.slice(0, -5));
    const second = await open(path);
    assert.deepEqual([...second.outcomes.keys()], ["a"]);
    await second.begin(null);
    await second.add("c", sums);
    assert.deepEqual([...(await open(path)).outcomes.keys()], ["a", "c"]);
  }));

Deno.test("a partial file of anything else is begun anew, with a note that says of what", () =>
  withFile(async (path) => {
    for (const name of ["checkpoint", "data", "options", "adapter"] as const) {
      const first = await open(path);
      await first.begin(null);
      await first.add("a", sums);
      const other = await open(path, { ...of, [name]: "other" });
      assert.deepEqual([other.outcomes.size, other.table], [0, undefined]);
      assert.match(
        other.notes.join(),
        new RegExp(`^note: .*it is of another evaluation \\(${name} differ\\); beginning an`),
      );
      assert.equal((await open(path)).outcomes.size, 0, "the old units are gone");
    }
    await Deno.writeTextFile(path, "{}\n");
    assert.match((await open(path)).notes.join(), /it is damaged; beginning anew$/);
  }));

Deno.test("units of another evaluation that writes into the same file do not count", () =>
  withFile(async (path) => {
    const first = await open(path);
    await first.begin(null);
    const other = await open(path, { ...of, checkpoint: "other" });
    await other.begin(null);
    await first.add("a", sums);
    await other.add("b", sums);
    assert.deepEqual([...(await open(path, { ...of, checkpoint: "other" })).outcomes.keys()], [
      "b",
    ]);
  }));

Deno.test("an outcome that cannot be of its unit is measured again", () => {
  const sequence = { suite: "p", name: "snow", severity: 0, first: 0, count: 4 } as const;
  const [key, other] = [keyOf(unit), keyOf(sequence)];
  const fits = new Map<string, Outcome>([[key, answers(unit, 3)], [other, sums]]);
  const left = (changed: [string, Outcome][]) => {
    const outcomes = new Map([...fits, ...changed]);
    dropMisfits(outcomes, [unit, sequence]);
    return [...outcomes.keys()];
  };
  assert.deepEqual(left([]), [key, other]);
  assert.deepEqual(left([[key, sums]]), [other]);
  assert.deepEqual(left([[key, answers({ ...unit, count: 20 }, 3)]]), [other]);
  assert.deepEqual(left([[other, answers(unit, 3)]]), [key]);
});

Deno.test("a place that cannot be written to is refused before anything is measured", () =>
  withFile(async (path) => {
    await assert.rejects(
      openPartial(`${path}/x/y`, of),
      /^CheckpointError: Cannot write .*y: its fold/,
    );
  }));
