import assert from "node:assert/strict";
import { readCheckpoint } from "../../lib/checkpoint/checkpoint.ts";
import { encodeSafetensors, type StoredTensor } from "../../lib/checkpoint/safetensors.ts";
import { layermix, type Place, run, runUntil, withPlace, writeCifar } from "./fixture.ts";

const flags = { method: "baseline", epochs: 1 } as const;

/** A trained network's weights under other names, as another program would write them. */
async function writeWeights(
  place: Place,
  rename: (name: string) => string,
): Promise<Map<string, StoredTensor>> {
  await run(place, "teacher", { flags });
  const { tensors } = await readCheckpoint(place.path("teacher/last.safetensors"));
  const plain = [...tensors].filter(([name]) => !name.startsWith("optimizer."));
  const renamed = new Map(plain.map(([name, tensor]) => [rename(name), tensor]));
  await Deno.writeFile(place.path("weights.safetensors"), encodeSafetensors(renamed, {}));
  return new Map(plain);
}

Deno.test("--pretrained begins with a file's weights, whatever prefix they have", () =>
  withPlace(async (place) => {
    const weights = await writeWeights(place, (name) => `module._orig_mod.${name}`);
    const pretrained = place.path("weights.safetensors");
    const notes: string[] = [];
    const note = (line: string) => void notes.push(line);
    const begun = { flags: { ...flags, pretrained, emaDecay: 0.9 }, note };
    await runUntil(place, "student", undefined, begun);
    const { tensors } = await readCheckpoint(place.path("student/last.safetensors"));
    for (const [name, { data }] of weights) {
      if (name.endsWith("num_batches_tracked")) continue;
      assert.deepEqual(tensors.get(name)!.data, data, name);
      assert.deepEqual(tensors.get(`average.${name}`)!.data, data, name);
    }
    assert.ok(notes.includes(`beginning with the weights of ${pretrained}`));
    const json = JSON.parse(await Deno.readTextFile(place.path("student/run.json")));
    assert.match(json.pretrained.sha256, /^[0-9a-f]{64}$/);
    assert.deepEqual([json.flags.pretrained, json.pretrained.drawn], [pretrained, []]);
    // What it began with is in its checkpoint from then on.
    await Deno.remove(pretrained);
    assert.equal((await run(place, "student", { resume: true, flags })).interrupted, false);
  }));

Deno.test("--pretrained draws a classifier of other classes anew, and nothing else", () =>
  withPlace(async (place) => {
    const weights = await writeWeights(place, (name) => name);
    const data = place.path("cifar100"), pretrained = place.path("weights.safetensors");
    await writeCifar(data, 100);
    const notes: string[] = [];
    const note = (line: string) => void notes.push(line);
    const other = { ...flags, dataset: "cifar100", dataPath: data } as const;
    await runUntil(place, "student", undefined, { flags: { ...other, pretrained }, note });
    await runUntil(place, "drawn", undefined, { flags: other });
    const [student, drawn] = await Promise.all(
      ["student", "drawn"].map(async (name) =>
        (await readCheckpoint(place.path(`${name}/last.safetensors`))).tensors
      ),
    );
    assert.deepEqual(student!.get("conv1.weight"), weights.get("conv1.weight"));
    assert.deepEqual(student!.get("fc.weight"), drawn!.get("fc.weight"));
    assert.notDeepEqual(student!.get("conv1.weight"), drawn!.get("conv1.weight"));
    assert.ok(notes.some((line) => line.endsWith("drawn anew: fc.weight, fc.bias")));
    const wrong = { ...other, pretrained, widenFactor: 2 };
    await assert.rejects(
      () => runUntil(place, "wider", undefined, { flags: wrong }),
      /Cannot load .*: expected the network's 40 tensors but found 1 missing .*; 33 of another shape/,
    );
  }));

Deno.test("evaluate and --pretrained refuse files that would run a command, by its name", () =>
  withPlace(async (place) => {
    const evil = new URL("../golden/files/evil_zip.pth", import.meta.url).pathname;
    const model = ["--model", "wrn", "--layers", "10", "--widen-factor", "1"];
    const data = ["--dataset", "cifar10", "--data-path", place.data];
    const evaluated = await layermix("evaluate", "cifar", evil, ...data, ...model);
    assert.equal(evaluated.code, 1);
    assert.match(evaluated.stderr, /^layermix: Cannot read .*evil_zip.pth: [^\n]*system[^\n]*\n$/);
    await assert.rejects(
      () => runUntil(place, "evil", undefined, { flags: { ...flags, pretrained: evil } }),
      /Cannot read .*evil_zip.pth: .*system/,
    );
  }));
