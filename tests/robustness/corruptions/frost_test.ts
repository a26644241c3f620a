import assert from "node:assert/strict";
import { frost, frosted } from "../../../lib/robustness/corruptions/frost.ts";
import { frostTextures } from "../../../lib/robustness/corruptions/frost_textures.ts";
import { Stream } from "../../../lib/random/stream.ts";
import { plain } from "./pictures.ts";

Deno.test("the built-in frost has five different pictures with light and shade", () => {
  const textures = frostTextures();
  assert.equal(textures.length, 5);
  for (const { width, height, rgb } of textures) {
    assert.deepEqual([width, height, rgb.length], [400, 300, 360_000]);
    const mean = rgb.reduce((a, b) => a + b) / rgb.length;
    const deviation = Math.sqrt(
      rgb.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rgb.length,
    );
    assert.ok(mean > 0.4 && mean < 0.85 && deviation > 0.06, `${mean} ± ${deviation}`);
  }
  assert.notDeepEqual(textures[0]!.rgb, textures[1]!.rgb);
});

Deno.test("a part of one frost picture is added, and mirrored where it is too small", () => {
  const texture = { width: 2, height: 1, rgb: Float64Array.of(0.1, 0.2, 0.3, 0.4, 0.5, 0.6) };
  const { rgb } = frosted(
    plain(4, 1, [0.2, 0.2, 0.2]),
    { weights: [0.5, 1], step: 1 },
    texture,
    0,
    1,
  );
  const red = [0, 1, 2, 3].map((x) => Number(rgb[3 * x]!.toFixed(9)));
  assert.deepEqual(red, [0.5, 0.5, 0.2, 0.2]);
});

Deno.test("of six frost pictures the first five are drawn, and every place", () => {
  const textures = [0, 1, 2, 3, 4, 5].map((i) => plain(20, 20, [i / 10, 0, 0]));
  const random = new Stream(1, 99);
  const drawn = new Set(
    Array.from(
      { length: 200 },
      () =>
        frost(plain(2, 2, [0, 0, 0]), { weights: [1, 1], step: 5 }, textures, random).rgb[0]!
          .toFixed(1),
    ),
  );
  assert.deepEqual([...drawn].toSorted(), ["0.0", "0.1", "0.2", "0.3", "0.4"]);
});
