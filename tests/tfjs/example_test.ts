import { equal, ok } from "node:assert/strict";

Deno.test("the example learns from LayerMix batches", async () => {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "examples/tfjs_train.ts"],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder(), text = decoder.decode(stdout);
  equal(code, 0, decoder.decode(stderr));
  equal(text.match(/^step \d+ {2}loss \d\.\d{3}$/gm)?.length, 4, text);
  // Of ten classes; four standard deviations of 1000 guesses are 3.8 %.
  const [, accuracy] = text.match(/^test accuracy (\S+) %$/m) ?? [];
  ok(Number(accuracy) > 14, text);
});
