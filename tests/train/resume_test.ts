import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeSafetensors, encodeSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { trainCifar } from "../../lib/train/run.ts";
import { run, runUntil, withPlace } from "./fixture.ts";

Deno.test("trainCifar() refuses to resume on other pictures, or from a damaged folder", () =>
  withPlace(async (place) => {
    const flags = { epochs: 1 };
    await runUntil(place, "run", { pictures: 16 }, { flags });
    const resume = () => run(place, "run", { flags, resume: true });
    const [first] = Deno.readDirSync(place.mixing);
    const picture = join(place.mixing, first!.name);
    await Deno.rename(picture, place.path("kept"));
    await assert.rejects(resume, /the mixing pictures are not those the run began with$/);
    await Deno.rename(place.path("kept"), picture);
    for (const name of ["last.safetensors", "run.json"]) {
      const file = place.path(`run/${name}`);
      const content = await Deno.readFile(file);
      await Deno.writeFile(file, content.subarray(0, content.length / 2));
      await assert.rejects(resume, new RegExp(`Cannot [a-z]+ .*${name}.* but found [^\n]*$`));
      await Deno.writeFile(file, content);
    }
    assert.equal((await resume()).interrupted, false);
  }));

Deno.test("trainCifar() refuses to resume from the checkpoint of another run", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 1 } as const;
    await run(place, "run", { flags });
    await run(place, "other", { flags: { ...flags, seed: 9, batchSize: 16 } });
    const file = place.path("run/last.safetensors");
    const own = await Deno.readFile(file);
    await Deno.copyFile(place.path("other/last.safetensors"), file);
    const resume = () => run(place, "run", { flags, resume: true });
    await assert.rejects(resume, /expected batchSize 8 but found a checkpoint of another run$/);
    const { tensors, metadata } = decodeSafetensors(own, file);
    tensors.delete("optimizer.momentum.fc.bias");
    await Deno.writeFile(file, encodeSafetensors(tensors, metadata));
    await assert.rejects(resume, /expected optimizer\.momentum\.fc\.bias .* but found none$/);
    const header = JSON.parse(metadata.header!);
    header.progress.step = 700;
    await Deno.writeFile(file, encodeSafetensors(tensors, { header: JSON.stringify(header) }));
    await assert.rejects(resume, /expected to read how far training was but found damage$/);
  }));

Deno.test("a resumed run finds its pictures where they were moved to, from then on", () =>
  withPlace(async (place) => {
    const flags = { method: "baseline", epochs: 2 } as const;
    await runUntil(place, "run", { pictures: 16 }, { flags });
    const moved = place.path("moved");
    await Deno.rename(place.data, moved);
    const options = { folder: place.path("run"), resume: true };
    const stop = AbortSignal.abort();
    await trainCifar({ ...options, flags: { dataPath: moved }, signal: stop });
    assert.equal((await trainCifar({ ...options, flags: {} })).interrupted, false);
  }));
