import assert from "node:assert/strict";
import { fractals, isRich } from "../../lib/data/fractals.ts";
import { outlines } from "../../lib/data/outlines.ts";
import { shapes } from "../../lib/data/shapes.ts";

Deno.test("shapes() are ten balanced classes of 32x32 pictures, all different", () => {
  const data = shapes("train", 40, 1);
  assert.deepEqual([data.count, data.width, data.height, data.split], [40, 32, 32, "train"]);
  assert.equal(new Set(data.classes).size, 10);
  for (let label = 0; label < 10; label++) {
    assert.equal(data.labels.filter((other) => other === label).length, 4);
  }
  const pictures = Array.from(
    { length: 40 },
    (_, i) => data.rgba.subarray(i * 4096, i * 4096 + 4096),
  );
  assert.equal(new Set(pictures.map(String)).size, 40);
  for (const picture of pictures) {
    assert.ok(picture.every((byte, i) => i % 4 !== 3 || byte === 255));
    assert.ok(new Set(picture).size > 20, "nearly plain");
  }
});

Deno.test("shapes() are a function of seed, split and index, not of the count", () => {
  const few = shapes("train", 5, 7), many = shapes("train", 12, 7);
  assert.deepEqual(many.rgba.subarray(0, few.rgba.length), few.rgba);
  assert.notDeepEqual(shapes("train", 5, 8).rgba, few.rgba);
  assert.notDeepEqual(shapes("test", 5, 7).rgba, few.rgba);
  assert.equal(shapes("train", 5, 7).fingerprint, few.fingerprint);
  assert.throws(() => shapes("train", 0, 7), RangeError);
});

Deno.test("each outline is of middling area, within reach, and unlike the others", () => {
  const masks = outlines.map(({ inside }) => {
    return Array.from({ length: 3600 }, (_, i) => {
      return inside(((i % 60) - 29.5) / 25, (Math.floor(i / 60) - 29.5) / 25, 0.5);
    });
  });
  masks.forEach((mask, a) => {
    const area = mask.filter(Boolean).length / 625;
    assert.ok(area > 0.9 && area < 3, `${outlines[a]!.name}: ${area}`);
    const edge = mask.filter((hit, i) => hit && (i < 60 || i >= 3540 || i % 60 === 0));
    assert.equal(edge.length, 0, `${outlines[a]!.name} reaches too far`);
    for (let b = 0; b < a; b++) {
      const apart = mask.filter((hit, i) => hit !== masks[b]![i]).length / 625;
      assert.ok(apart > 0.3, `${outlines[a]!.name} and ${outlines[b]!.name}: ${apart}`);
    }
  });
});

Deno.test("fractals() are rich, all different, and a function of seed and index", () => {
  const some = fractals(4, 32, 3);
  assert.deepEqual(some.map(({ name }) => name), [
    "fractal-0",
    "fractal-1",
    "fractal-2",
    "fractal-3",
  ]);
  for (const { picture } of some) {
    assert.deepEqual([picture.width, picture.height, picture.rgba.length], [32, 32, 4096]);
    assert.ok(isRich(picture));
    assert.ok(picture.rgba.every((byte, i) => i % 4 !== 3 || byte === 255));
  }
  assert.equal(new Set(some.map(({ picture }) => String(picture.rgba))).size, 4);
  assert.deepEqual(fractals(2, 32, 3), some.slice(0, 2));
  assert.notDeepEqual(fractals(1, 32, 4), some.slice(0, 1));
  assert.throws(() => fractals(1, 0, 1), RangeError);
});

Deno.test("isRich() refuses an empty, a plain and a nearly empty picture", () => {
  const dark = { width: 32, height: 32, rgba: new Uint8Array(4096) };
  assert.equal(isRich(dark), false);
  assert.equal(isRich({ ...dark, rgba: dark.rgba.map((_, i) => i < 512 ? 255 : 0) }), false);
  assert.equal(isRich({ ...dark, rgba: dark.rgba.map((_, i) => (i * 7919) % 251) }), true);
});
