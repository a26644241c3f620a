import assert from "node:assert/strict";
import type { Picture } from "../../lib/data/pixels.ts";
import { grid } from "../../lib/report/grid.ts";

/** A picture whose pixels all differ and are never grey. */
function colourful(width: number, height: number, seed = 0): Picture {
  const rgba = new Uint8Array(4 * width * height);
  for (let index = 0; index < width * height; index++) {
    rgba.set([10 + index, 200, seed, 255], 4 * index);
  }
  return { width, height, rgba };
}

function pixel({ width, rgba }: Picture, x: number, y: number): number[] {
  return [...rgba.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
}

/** Left, top, right and bottom (exclusive) of the pixels for which `test` holds. */
function bounds(picture: Picture, test: (rgba: number[]) => boolean): number[] {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (let y = 0; y < picture.height; y++) {
    for (let x = 0; x < picture.width; x++) {
      if (!test(pixel(picture, x, y))) continue;
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
    }
  }
  return [left, top, right, bottom];
}

const isText = ([red, green, blue]: number[]) => red === green && green === blue && red! < 150;

Deno.test("grid() shows every pixel of every cell enlarged by the scale", () => {
  const cells = [[colourful(3, 2, 1), colourful(3, 2, 2)], [
    colourful(3, 2, 3),
    colourful(3, 2, 4),
  ]];
  const drawn = grid({ columns: ["", ""], rows: ["", ""], cells, scale: 4 });
  for (const cell of cells.flat()) {
    const seed = cell.rgba[2]!;
    const [left, top, right, bottom] = bounds(drawn, (rgba) => rgba[1] === 200 && rgba[2] === seed);
    assert.deepEqual([right! - left!, bottom! - top!], [12, 8]);
    for (let y = 0; y < 8; y++) {
      for (let x = 0; x < 12; x++) {
        assert.deepEqual(pixel(drawn, left! + x, top! + y), pixel(cell, x >> 2, y >> 2));
      }
    }
  }
  const [first, , , last] = cells.flat().map((cell) =>
    bounds(drawn, (rgba) => rgba[1] === 200 && rgba[2] === cell.rgba[2])
  );
  assert(first![2]! < last![0]! && first![3]! < last![1]!, "row and column order");
});

Deno.test("grid() enlarges to about 128 pixels by default and never shrinks", () => {
  for (const [side, shown] of [[32, 128], [20, 120], [130, 130], [500, 500]] as const) {
    const drawn = grid({ columns: ["a"], rows: [""], cells: [[colourful(side, 2)]] });
    const [left, , right] = bounds(drawn, (rgba) => rgba[1] === 200);
    assert.equal(right! - left!, shown);
  }
});

Deno.test("grid() keeps text of any length inside the margins and off the pictures", () => {
  const long = "a very_long/label, ".repeat(30) + "W".repeat(300);
  const cells = [[colourful(8, 8, 1), colourful(5, 8, 2)]];
  for (const scale of [1, 6, 20]) {
    const drawn = grid({
      columns: [long, long],
      rows: [long],
      cells,
      scale,
      title: long,
      footer: long,
    });
    const [left, top, right, bottom] = bounds(drawn, isText);
    assert(left! >= 16 && top! >= 16, `${left} ${top}`);
    assert(right! <= drawn.width - 16 && bottom! <= drawn.height - 16, `${right} ${bottom}`);
    const shown = bounds(drawn, (rgba) => rgba[1] === 200 && rgba[2] === 1);
    assert.deepEqual([shown[2]! - shown[0]!, shown[3]! - shown[1]!], [8 * scale, 8 * scale]);
    const own = drawn.rgba.filter((_, index) => index % 4 === 1).filter((value) => value === 200);
    assert.equal(own.length, (64 + 40) * scale * scale);
  }
});

Deno.test("grid() has dark labels on opaque white, and leaves the cells as they were", () => {
  const cell = colourful(4, 4);
  const before = cell.rgba.slice();
  const drawn = grid({ columns: ["original"], rows: ["#17"], cells: [[cell]], title: "Samples" });
  assert.deepEqual(pixel(drawn, 0, 0), [255, 255, 255, 255]);
  assert(drawn.rgba.every((value, index) => index % 4 !== 3 || value === 255));
  assert.deepEqual(cell.rgba, before);
  const plain = grid({ columns: [""], rows: [""], cells: [[cell]] });
  assert.deepEqual(bounds(plain, isText), [Infinity, Infinity, 0, 0]);
  assert(bounds(drawn, isText)[2]! > 0);
});

Deno.test("grid() refuses cells that do not match the labels, and scales that are not whole", () => {
  const cell = colourful(2, 2);
  const columns = ["a", "b"];
  assert.throws(
    () => grid({ columns, rows: ["x"], cells: [[cell]] }),
    /expected 1 x 2 pictures, at least 1, but found rows of 1/,
  );
  assert.throws(() => grid({ columns, rows: ["x", "y"], cells: [[cell, cell]] }), RangeError);
  assert.throws(() => grid({ columns: [], rows: [], cells: [] }), /none/);
  for (const scale of [0, 1.5, NaN]) {
    assert.throws(
      () => grid({ columns: ["a"], rows: [""], cells: [[cell]], scale }),
      /whole scale/,
    );
  }
});

Deno.test("grid() has words in the place of pictures, and wider gaps before groups", () => {
  const options = { columns: ["", "", ""], rows: ["", ""], scale: 10 };
  const cell = (seed: number) => colourful(10, 10, seed);
  const cells = [[cell(1), "none", cell(2)], [cell(3), "", cell(4)]];
  const lefts = (drawn: Picture) =>
    [1, 2, 3, 4].map((seed) => bounds(drawn, ([, green, blue]) => green === 200 && blue === seed));
  const plain = lefts(grid({ ...options, cells }));
  const drawn = grid({ ...options, cells, columnGroups: [1], rowGroups: [1] });
  const grouped = lefts(drawn);
  assert.equal(plain[1]![0]! - plain[0]![0]!, 2 * 108);
  assert.equal(grouped[1]![0]! - grouped[0]![0]!, 2 * 108 + 16);
  assert.equal(grouped[2]![1]! - grouped[0]![1]!, 108 + 16);
  const isWord = ([red, green, blue]: number[]) => red === 150 && green === 150 && blue === 150;
  const [left, top, right, bottom] = bounds(drawn, isWord);
  assert(left! > grouped[0]![2]! && right! < grouped[1]![0]!, "in the middle column");
  assert(top! >= grouped[0]![1]! && bottom! <= grouped[0]![3]!, "in the first row");
});

Deno.test("grid() enlarges less where it would be wider than 4096 pixels", () => {
  const columns = Array<string>(40).fill("");
  const drawn = grid({ columns, rows: [""], cells: [columns.map(() => colourful(32, 2))] });
  const [left, , right] = bounds(drawn, (rgba) => rgba[1] === 200);
  assert.equal(right! - left!, 40 * 96 + 39 * 8);
});
