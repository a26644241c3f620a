import assert from "node:assert/strict";
import type { Picture } from "../../lib/data/pixels.ts";
import { centerCrop, crop, resize, resizedCrop, resizeShorterSide } from "../../lib/data/resize.ts";
import { golden, goldenFile } from "../golden.ts";

const tensors = golden("resize");
const cases: {
  name: string;
  op: string;
  params: Record<string, number>;
  input: string[];
  output: string | Record<string, string>;
}[] = JSON.parse(Deno.readTextFileSync(goldenFile("resize.json")));

/** The (3 × height × width) tensor as a picture. */
function picture(name: string): Picture {
  const { shape, data } = tensors.get(name)!;
  const [height, width] = [shape[1]!, shape[2]!];
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) rgba[i * 4 + c] = Number(data[c * width * height + i]);
  }
  return { width, height, rgba };
}

for (const { name, params, output } of cases.filter(({ op }) => op === "resize_center_crop")) {
  const { height, width, shorter_side, crop } = params;
  Deno.test(`resizeShorterSide() and centerCrop() equal PIL: ${width}x${height} to ${shorter_side}`, () => {
    const { resized, cropped } = output as Record<string, string>;
    const made = resizeShorterSide(picture(`${name}/image`), shorter_side!);
    assert.deepEqual(made, picture(resized!));
    assert.deepEqual(centerCrop(made, crop!), picture(cropped!));
  });
}

for (const { name, params, input, output } of cases.filter(({ op }) => op === "resized_crop")) {
  const { top, left, height, width, size } = params as Record<
    "top" | "left" | "height" | "width" | "size",
    number
  >;
  Deno.test(`resizedCrop() equals PIL: ${name}, ${width}x${height} to ${size}`, () => {
    const made = resizedCrop(picture(input[0]!), { top, left, height, width }, size);
    assert.deepEqual(made, picture(output as string));
  });
}

Deno.test("resize() keeps a picture of that size, as a copy, and a plain colour at any size", () => {
  const same = picture("resize/4/image");
  const copy = resize(same, same.width, same.height);
  assert.deepEqual(copy, same);
  assert.notEqual(copy.rgba, same.rgba);
  const plain = { width: 1, height: 7, rgba: new Uint8Array(28).fill(255) };
  assert.ok(resize(plain, 33, 1).rgba.every((byte) => byte === 255));
});

Deno.test("resize() and crop() refuse impossible sizes", () => {
  const small = { width: 4, height: 3, rgba: new Uint8Array(48) };
  for (const side of [0, -1, 1.5, NaN]) assert.throws(() => resize(small, side, 3), RangeError);
  assert.throws(
    () => crop(small, 0, 1, 3, 4),
    /expected a part of 4x3 pixels but found 4x3 at \(1/,
  );
  assert.throws(() => centerCrop(small, 4), RangeError);
});
