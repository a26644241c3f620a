import assert from "node:assert/strict";
import { type PixelBytes, resample } from "../../lib/data/resample.ts";
import { code } from "../../lib/data/resample_wasm.ts";
import { assembled } from "./assemble.ts";
import { formula, goldenPictures, rgbHash, toRgba } from "./golden_pictures.ts";

Deno.test("the WebAssembly is that of resample.wat", async () => {
  assert.ok((await assembled()).includes(`"${code.toBase64()}"`));
});

for (const { width, height, top, left, size, sha256, ...part } of goldenPictures.resized_crop) {
  Deno.test(`resample() gives PIL's pixels of a part of ${width}x${height} pixels`, () => {
    const input = formula(width, height);
    const window = { top: 0, left: 0, width: size, height: size };
    const resampling = {
      part: { top, left, width: part.part_width, height: part.part_height },
      width: size,
      height: size,
      window,
    };
    const rgba: PixelBytes = { width, height, channels: 4, data: toRgba(input) };
    for (const pixels of [input, rgba]) {
      const output = new Uint8Array(4 * size * size);
      resample(pixels, resampling, output);
      assert.equal(rgbHash(output), sha256);
    }
  });
}

Deno.test("resample() gives any window the pixels that it has in the whole", () => {
  const input = formula(180, 131);
  const part = { top: 7, left: 11, width: 150, height: 120 };
  for (const [width, height] of [[40, 33], [300, 121], [150, 120]] as const) {
    const whole = new Uint8Array(4 * width * height);
    resample(input, { part, width, height, window: { top: 0, left: 0, width, height } }, whole);
    for (
      const window of [
        { top: 3, left: 5, width: 17, height: 9 },
        { top: height - 2, left: width - 1, width: 1, height: 2 },
      ]
    ) {
      const output = new Uint8Array(4 * window.width * window.height);
      resample(input, { part, width, height, window }, output);
      for (let y = 0; y < window.height; y++) {
        const from = ((window.top + y) * width + window.left) * 4;
        assert.deepEqual(
          output.subarray(y * 4 * window.width, (y + 1) * 4 * window.width),
          whole.subarray(from, from + 4 * window.width),
        );
      }
    }
  }
});

Deno.test("resample() gives the same pixels after a larger picture grew its memory", () => {
  const small = formula(30, 20), large = formula(3000, 400);
  const window = { top: 0, left: 0, width: 8, height: 8 };
  const resized = (input: PixelBytes) => {
    const output = new Uint8Array(4 * 64);
    const part = { top: 0, left: 0, width: input.width, height: input.height };
    resample(input, { part, width: 8, height: 8, window }, output);
    return output;
  };
  const before = resized(small);
  resized(large);
  assert.deepEqual(resized(small), before);
});

Deno.test("resample() refuses parts, windows and outputs that do not fit", () => {
  const input = formula(4, 3), all = { top: 0, left: 0, width: 4, height: 3 };
  const run = (part: typeof all, window: typeof all, bytes: number) => () =>
    resample(input, { part, width: 2, height: 2, window }, new Uint8Array(bytes));
  const two = { top: 0, left: 0, width: 2, height: 2 };
  const outside = /expected a part of .* pixels but found/;
  assert.throws(run({ ...all, left: 1 }, two, 16), outside);
  assert.throws(run({ ...all, top: 0.5, height: 1 }, two, 16), outside);
  assert.throws(run(all, { ...two, top: 1 }, 16), outside);
  assert.throws(run(all, two, 15), /expected 16 bytes of output but found 15$/);
});
