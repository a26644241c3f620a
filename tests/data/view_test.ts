import assert from "node:assert/strict";
import { drawView, planView, type View } from "../../lib/data/view.ts";
import { formula, goldenPictures, rgbHash } from "./golden_pictures.ts";

for (const { width, height, resize, crop, sha256 } of goldenPictures.evaluation) {
  Deno.test(`the evaluation view of ${width}x${height} pixels is PIL's`, () => {
    const plan = planView({ kind: "evaluation", resize, size: crop }, { width, height }, 7, 3);
    const output = new Uint8Array(4 * crop * crop);
    drawView(formula(width, height), plan, output);
    assert.equal(rgbHash(output), sha256);
  });
}

for (const { width, height, top, left, size, flipped, ...part } of goldenPictures.resized_crop) {
  Deno.test(`a flipped training view of ${width}x${height} pixels is PIL's`, () => {
    const output = new Uint8Array(4 * size * size);
    const cut = { top, left, width: part.part_width, height: part.part_height };
    const window = { top: 0, left: 0, width: size, height: size };
    const plan = { part: cut, width: size, height: size, window, isFlipped: true };
    drawView(formula(width, height), plan, output);
    assert.equal(rgbHash(output), flipped);
  });
}

const training: View = { kind: "training", size: 224, seed: 5 };

Deno.test("training views have torchvision's areas, ratios and places, and half are flipped", () => {
  const size = { width: 500, height: 375 }, count = 4000;
  let area = 0, logRatio = 0, flipped = 0, place = 0;
  for (let index = 0; index < count; index++) {
    const { part, isFlipped, width, height, window } = planView(training, size, index, 0);
    const { top, left, width: across, height: down } = part;
    assert.deepEqual([width, height, window.width, window.height], [224, 224, 224, 224]);
    assert.ok(top >= 0 && left >= 0 && left + across <= 500 && top + down <= 375);
    const share = across * down / (500 * 375), ratio = across / down;
    assert.ok(share > 0.079 && ratio > 0.73 && ratio < 1.37, `${share} ${ratio}`);
    area += share / count;
    logRatio += Math.log(ratio) / count;
    flipped += Number(isFlipped) / count;
    place += left / Math.max(1, 500 - across) / count;
  }
  // The means of 400,000 draws of torchvision's for this size: parts that do not fit are drawn anew.
  assert.ok(Math.abs(area - 0.4327) < 0.012, `area ${area}`);
  assert.ok(Math.abs(logRatio - 0.0307) < 0.008, `ratio ${logRatio}`);
  assert.ok(Math.abs(flipped - 0.5) < 0.03 && Math.abs(place - 0.5) < 0.03);
});

Deno.test("random views depend on seed, epoch and index, and on nothing else", () => {
  const size = { width: 640, height: 480 };
  for (const view of [training, { kind: "mixing", resize: 256, size: 224, seed: 5 }] as View[]) {
    const plan = JSON.stringify(planView(view, size, 3, 2));
    assert.equal(JSON.stringify(planView(view, size, 3, 2)), plan);
    assert.notEqual(JSON.stringify(planView({ ...view, seed: 6 } as View, size, 3, 2)), plan);
    assert.notEqual(JSON.stringify(planView(view, size, 4, 2)), plan);
    assert.notEqual(JSON.stringify(planView(view, size, 3, 3)), plan);
  }
});

Deno.test("mixing views reach every place, and no other", () => {
  const view: View = { kind: "mixing", resize: 256, size: 224, seed: 1 };
  const tops = new Set<number>(), lefts = new Set<number>();
  for (let index = 0; index < 2000; index++) {
    const { width, height, window, isFlipped } = planView(
      view,
      { width: 300, height: 150 },
      index,
      0,
    );
    assert.deepEqual([width, height, window.width, window.height], [512, 256, 224, 224]);
    assert.equal(isFlipped, false);
    tops.add(window.top);
    lefts.add(window.left);
  }
  assert.deepEqual([Math.min(...tops), Math.max(...tops)], [0, 32]);
  assert.deepEqual([Math.min(...lefts), Math.max(...lefts)], [0, 288]);
});

Deno.test("every view of a strip of one pixel is inside of it", () => {
  for (const [width, height] of [[1, 900], [900, 1], [1, 1]] as const) {
    for (const view of [training, { kind: "evaluation", resize: 256, size: 224 }] as View[]) {
      const output = new Uint8Array(4 * 224 * 224);
      const data = new Uint8Array(3 * width * height).fill(9);
      const plan = planView(view, { width, height }, 0, 0);
      drawView({ width, height, channels: 3, data }, plan, output);
      assert.ok(output.every((byte, i) => byte === (i % 4 === 3 ? 255 : 9)));
    }
  }
});
