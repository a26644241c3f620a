import assert from "node:assert/strict";
import { drawText, fillRectangle, wrapText } from "../../lib/report/font.ts";

function white(width: number, height: number) {
  return { width, height, rgba: new Uint8Array(4 * width * height).fill(255) };
}

/** The text as drawn, "#" for each dark pixel. */
function drawing(text: string, scale = 1, x = 0, y = 0): string[] {
  const [width, height] = [6 * text.length * scale, 9 * scale];
  const picture = white(width, height);
  drawText(picture, text, x, y, scale, 0);
  return Array.from({ length: height }, (_, row) => {
    const pixels = Array.from({ length: width }, (_, column) => 4 * (row * width + column));
    return pixels.map((at) => picture.rgba[at] === 0 ? "#" : ".").join("");
  });
}

Deno.test("drawText() draws glyphs side by side from their top left corner", () => {
  assert.deepEqual(drawing("Lg"), [
    "#...........",
    "#...........",
    "#......####.",
    "#.....#...#.",
    "#.....#...#.",
    "#.....#...#.",
    "#####..####.",
    "..........#.",
    ".......###..",
  ]);
});

Deno.test("drawText() has a glyph of its own for each printable character", () => {
  const seen = new Map<string, string>();
  for (let code = 32; code < 127; code++) {
    const character = String.fromCharCode(code);
    const drawn = drawing(character).join("\n");
    assert.equal(seen.get(drawn), undefined, character);
    assert.equal(drawn.includes("#"), code > 32, character);
    seen.set(drawn, character);
  }
});

Deno.test("drawText() makes dots of scale × scale", () => {
  const [small, large] = [drawing("R"), drawing("R", 3)];
  for (const [row, line] of large.entries()) {
    const expected = [...small[Math.floor(row / 3)]!].map((dot) => dot.repeat(3)).join("");
    assert.equal(line, expected);
  }
});

Deno.test("drawText() drops accents and shows other characters as a question mark", () => {
  assert.deepEqual(drawing("é"), drawing("e"));
  assert.deepEqual(drawing("×"), drawing("?"));
  assert.deepEqual(drawing("\u007f"), drawing("?"));
});

Deno.test("drawText() and fillRectangle() leave out what lies outside the picture", () => {
  assert.deepEqual(drawing("L", 1, -1, -5).slice(0, 2), ["......", "####.."]);
  const picture = white(2, 2);
  fillRectangle(picture, -5, 1, 6, 9, 7);
  assert.deepEqual([...picture.rgba.filter((_, index) => index % 4 === 0)], [255, 255, 7, 255]);
});

Deno.test("wrapText() breaks between words, inside long ones, and cuts with two dots", () => {
  assert.deepEqual(wrapText("gaussian_noise severity 5", 14), ["gaussian_noise", "severity 5"]);
  assert.deepEqual(wrapText("gaussian_noise", 9), ["gaussian_", "noise"]);
  assert.deepEqual(wrapText("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
  assert.deepEqual(wrapText("one two three four", 5, 2), ["one", "two.."]);
  assert.deepEqual(wrapText("one two three four", 1, 2), ["o", "."]);
  assert.deepEqual(wrapText("", 5), []);
  assert.deepEqual(wrapText("  ", 1), []);
});
