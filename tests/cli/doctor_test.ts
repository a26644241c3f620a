import assert from "node:assert/strict";
import { describe } from "../../cli/doctor.ts";
import { layermix } from "../train/fixture.ts";

Deno.test("layermix doctor --quiet says nothing when all is well", async () => {
  assert.deepEqual(await layermix("doctor", "--quiet"), {
    ...{ code: 0, signal: null },
    ...{ stdout: "", stderr: "" },
  });
});

Deno.test("layermix doctor without an adapter says what to install", async () => {
  const text = describe({ works: false, problem: "Cannot find a WebGPU adapter" });
  assert.match(text, /^adapter +none$/m);
  assert.match(text, /^install +sudo apt-get install -y mesa-vulkan-drivers$/m);
  const { code, stdout, stderr } = await layermix("doctor");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^test +passed/m);
});

Deno.test("describe() says whether the adapter runs on the processor, and when it fails", () => {
  const features = ["shader-f16"];
  const sizes = { maxBufferSize: 2 ** 31, maxBindingSize: 2 ** 27 };
  const adapter = { name: "A card", software: false, features, ...sizes };
  const card = describe({ works: true, problem: "", adapter });
  assert.match(card, /^adapter +A card\nfeatures +shader-f16\nbuffers +2048 MiB, bound 128 MiB$/m);
  assert.doesNotMatch(card, /software|hint/);
  const slow = describe({ works: false, problem: "", adapter: { ...adapter, software: true } });
  assert.match(slow, /A card \(software: runs on the processor\)/);
  assert.match(slow, /^test +FAILED$/m);
});
