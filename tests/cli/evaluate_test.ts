import assert from "node:assert/strict";
import { join } from "node:path";
import { encodeSafetensors } from "../../lib/checkpoint/safetensors.ts";
import { layermix, run, withPlace } from "../train/fixture.ts";

async function refuses(message: RegExp, ...args: string[]): Promise<void> {
  const { code, stdout, stderr } = await layermix(
    "evaluate",
    "cifar",
    ...args,
    "--no-tune",
    "--quiet",
  );
  assert.deepEqual([code, stdout], [1, ""], `${args.join(" ")}: ${stderr}`);
  assert.match(stderr, /^layermix: [^\n]+\n$/);
  assert.match(stderr, message);
}

Deno.test("layermix evaluate writes results.json, and prints what is in it", () =>
  withPlace(async (place) => {
    await run(place, "run", { flags: { method: "baseline", epochs: 1 } });
    const file = join(place.path("run"), "last.safetensors");
    const args = ["evaluate", "cifar", file, "--data-path", place.data, "--no-tune"];
    const { code, stdout, stderr } = await layermix(...args);
    assert.equal(code, 0, stderr);
    const written = join(place.path("run"), "results.json");
    const results = JSON.parse(await Deno.readTextFile(written));
    const error = (100 * results.suites.clean.error).toFixed(2);
    assert.match(stdout, /^WRN-10-1 on 20 test pictures of cifar10\n/);
    assert.match(stdout, new RegExp(`^clean error +${error.replace(".", "\\.")} %$`, "m"));
    assert(stdout.endsWith(`written to ${written}\n`));
    const out = place.path("elsewhere.json");
    const json = await layermix(...args, "--json", "--out", out, "--eval-batch-size", "3");
    const { date: _, ...printed } = JSON.parse(json.stdout);
    const { date: __, ...first } = results;
    assert.deepEqual(printed, first);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(out)), JSON.parse(json.stdout));
  }));

Deno.test("layermix evaluate refuses files that are no checkpoint, and places it cannot write to", () =>
  withPlace(async (place) => {
    await run(place, "run", { flags: { method: "baseline", epochs: 1 } });
    const good = join(place.path("run"), "last.safetensors");
    const data = ["--data-path", place.data];
    const bytes = await Deno.readFile(good);
    const write = async (content: Uint8Array) => {
      await Deno.writeFile(place.path("a.safetensors"), content);
      return place.path("a.safetensors");
    };
    const x = { dtype: "F32" as const, shape: [1], data: Float32Array.of(1) };
    const others = await write(encodeSafetensors(new Map([["x", x]]), {}));
    await refuses(/give --dataset/, others, ...data);
    const cut = await write(bytes.subarray(0, bytes.length - 100));
    await refuses(/Cannot read .*a\.safetensors: expected \d+ bytes of values but/, cut, ...data);
    const text = await write(new TextEncoder().encode("This is no safetensors file at all."));
    await refuses(/a\.safetensors: expected a safetensors or PyTorch file but/, text, ...data);
    await refuses(/a\.safetensors: expected a safetensors header/, await write(bytes.slice(0, 5)));
    await refuses(/expected weights but found nothing there/, place.path("absent"));
    const out = ["--out", join(good, "results.json")];
    await refuses(/Cannot write .*: a part of its path is not a folder/, good, ...data, ...out);
  }));
