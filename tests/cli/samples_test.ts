import assert from "node:assert/strict";
import { digest, layermix, withPlace } from "../train/fixture.ts";

Deno.test("layermix samples draws the same bytes again, and others of another seed or epoch", () =>
  withPlace(async (place) => {
    const out = place.path("grid.png");
    const draw = async (...more: string[]) => {
      const args = ["--mixing-set", place.mixing, "--index", "0, 43", "--draws", "1", "--out", out];
      const drawn = await layermix("samples", "--data-path", place.data, ...args, ...more);
      assert.deepEqual([drawn.code, drawn.stderr], [0, `written to ${out}\n`]);
      return digest(await Deno.readFile(out));
    };
    const first = await draw();
    assert.equal(await draw("--seed", "1", "--epoch", "1"), first);
    assert.notEqual(await draw("--seed", "2"), first);
    assert.notEqual(await draw("--epoch", "2"), first);
  }));

Deno.test("layermix samples asks for a mixing set where the method needs one", () =>
  withPlace(async ({ data, path }) => {
    const args = ["samples", "--data-path", data, "--draws", "1", "--out", path("grid.png")];
    const { code, stderr } = await layermix(...args);
    assert.equal(code, 1);
    assert.match(stderr, /^layermix: [^\n]*layermix needs a mixing set[^\n]*\n$/);
    assert.equal((await layermix(...args, "--method", "baseline")).code, 0);
  }));
