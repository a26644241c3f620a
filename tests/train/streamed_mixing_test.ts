import assert from "node:assert/strict";
import { fractals } from "../../lib/data/fractals.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import type { RunOptions } from "../../lib/train/run.ts";
import { traces } from "./fixture.ts";
import { type Place, withTrees, write } from "./imagenet_fixture.ts";

/** A network that takes less time than those for large pictures. */
const small = { model: "wrn", layers: 10, widenFactor: 1, droprate: 0.3 } as const;

/** Calls `test` with training pictures, and a mixing set of five others. */
const withMixing = (test: (place: Place) => Promise<void>) =>
  withTrees(async (place) => {
    for (const { name, picture } of fractals(5, 48, 3)) {
      await write(place.path(`mixing/${name}.png`), encodePng(picture));
    }
    await test(place);
  });

Deno.test("a run has the same bits with its mixing set on the GPU or read when needed, in parts or resumed", () =>
  withMixing(async ({ path, run }) => {
    const flags = { ...small, method: "pixmix", mixingSet: path("mixing") } as const;
    const notes: string[] = [], note = (line: string) => void notes.push(line);
    const keptOf = async (name: string) => {
      const { data } = JSON.parse(await Deno.readTextFile(path(`${name}/run.json`)));
      return [data.mixing.kept, data.mixing.count];
    };
    await run("whole", flags, { note });
    const expected = await traces(path("whole"));
    assert.deepEqual(await keptOf("whole"), ["on the GPU", 5]);
    assert.ok(notes.includes("mixing set: 5 pictures on the GPU (1 MiB)"));
    await run("read", flags, { mixingMemory: 0, workers: 1, note });
    assert.deepEqual(await keptOf("read"), ["read when needed", 5]);
    assert.ok(notes.includes(
      "mixing set: 5 pictures read when needed (1 MiB, more than the 0 MiB for them there)",
    ));
    assert.deepEqual(await traces(path("read")), expected);
    // It stops in the first epoch, and goes on with the set on the GPU.
    const stop = new AbortController();
    const step = ({ pictures }: { pictures: number }) => pictures === 16 && stop.abort();
    const stopping = { signal: stop.signal, observer: { step } } as Partial<RunOptions>;
    const { progress } = await run("stopped", flags, { mixingMemory: 0, ...stopping });
    assert.equal(progress.step, 2);
    await run("stopped", flags, { resume: true, workers: 3 });
    assert.deepEqual(await traces(path("stopped")), expected);
  }));

Deno.test("parts of a batch and several views get their own mixing pictures", () =>
  withMixing(async ({ path, run }) => {
    const own = { ...small, method: "ipmix", mixingSet: path("mixing"), epochs: 1 } as const;
    const flags = { ...own, batchSize: 6, accumulate: 2, grayMixing: true };
    await run("whole", flags);
    await run("read", flags, { mixingMemory: 0 });
    assert.deepEqual(await traces(path("read")), await traces(path("whole")));
  }));

Deno.test("a resumed run refuses another mixing set, also where both are read when needed", () =>
  withMixing(async ({ path, run }) => {
    const flags = { ...small, method: "layermix", mixingSet: path("mixing"), epochs: 1 } as const;
    await run("read", flags, { mixingMemory: 0 });
    await Deno.rename(path("mixing/fractal-0.png"), path("mixing/other.png"));
    for (const mixingMemory of [0, undefined]) {
      await assert.rejects(
        run("read", flags, { resume: true, mixingMemory }),
        /the mixing pictures are not those the run began with/,
      );
    }
  }));
