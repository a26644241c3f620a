import type { Picture } from "../data/pixels.ts";

/** Pixels from one character to the next, and from one line to the next, at scale 1. */
export const characterWidth = 6;
export const lineHeight = 11;

/**
 * Glyphs of 5 × 9 pixels for the characters 32 to 126, eight to a line: a digit of base 32 for
 * each row of pixels from the top, its highest bit the leftmost; the last two rows lie below the
 * baseline.
 */
const glyphs = [
  "000000000 444440400 aaa000000 aavavaa00 4fke5u400 pp248jj00 cik8lid00 440000000",
  "248884200 842224800 04lel4000 044v44000 00000cc48 000v00000 00000cc00 01248g000",
  "ehjlphe00 4c4444e00 eh1248v00 eh161he00 26aiv2200 vgu11he00 68guhhe00 v12488800",
  "ehhehhe00 ehhf12c00 0cc0cc000 0cc0cc480 248g84200 00v0v0000 842124800 eh1240400",
  "ehnlnge00 ehhvhhh00 uhhuhhu00 ehggghe00 uhhhhhu00 vgguggv00 vgguggg00 ehgnhhf00",
  "hhhvhhh00 e44444e00 72222ic00 hikokih00 ggggggv00 hrllhhh00 hpljhhh00 ehhhhhe00",
  "uhhuggg00 ehhhlid00 uhhukih00 fgge11u00 v44444400 hhhhhhe00 hhhhha400 hhhllrh00",
  "hha4ahh00 hha444400 v1248gv00 e88888e00 0g8421000 e22222e00 4ah000000 0000000v0",
  "840000000 00e1fhf00 gguhhhu00 00egghe00 11fhhhf00 00ehvge00 698s88800 00fhhhf1e",
  "gguhhhh00 40c444e00 2062222ic ggikoki00 c44444e00 00qllll00 00uhhhh00 00ehhhe00",
  "00uhhhugg 00fhhhf11 00mpggg00 00fge1u00 88s889600 00hhhhf00 00hhha400 00hllla00",
  "00ha4ah00 00hhhhf1e 00v248v00 244844200 444444400 844244800 000ak0000",
].join(" ").split(" ");

/**
 * Draws one line of text into the picture, its top left corner at (x, y); what falls outside is
 * left out. Accents are dropped, and any other character the font has not becomes "?".
 *
 * @param scale side in pixels of a dot of the font, a whole number
 * @param grey 0 (black) to 255 (white)
 */
export function drawText(
  picture: Picture,
  text: string,
  x: number,
  y: number,
  scale = 1,
  grey = 0,
): void {
  for (const [place, character] of [...plain(text)].entries()) {
    const glyph = glyphs[character.charCodeAt(0) - 32]!;
    for (const [row, digit] of [...glyph].entries()) {
      const bits = parseInt(digit, 32);
      for (let column = 0; column < 5; column++) {
        if ((bits >> (4 - column) & 1) === 0) continue;
        const left = x + (place * characterWidth + column) * scale;
        fillRectangle(picture, left, y + row * scale, scale, scale, grey);
      }
    }
  }
}

/** Fills the part of a rectangle that lies inside the picture with an opaque grey. */
export function fillRectangle(
  { width, height, rgba }: Picture,
  x: number,
  y: number,
  wide: number,
  high: number,
  grey: number,
): void {
  for (let row = Math.max(0, y); row < Math.min(height, y + high); row++) {
    for (let column = Math.max(0, x); column < Math.min(width, x + wide); column++) {
      rgba.set([grey, grey, grey, 255], 4 * (row * width + column));
    }
  }
}

/**
 * The text in lines of at most `width` characters, broken after blanks, "_", "-", "/" and ",",
 * inside a word only when it is longer than a line. Of more than `lines` the rest is cut off
 * with "..".
 */
export function wrapText(text: string, width: number, lines = Infinity): string[] {
  const wrapped: string[] = [];
  let line = "";
  for (const word of plain(text).trim().match(/[^\s_\-/,]*[\s_\-/,]*/g) ?? []) {
    if ((line + word.trimEnd()).length > width && line !== "") {
      wrapped.push(line.trimEnd());
      line = "";
    }
    line += word;
    while (line.trimEnd().length > width) {
      wrapped.push(line.slice(0, width));
      line = line.slice(width);
    }
  }
  if (line.trimEnd() !== "") wrapped.push(line.trimEnd());
  if (wrapped.length <= lines) return wrapped;
  const last = wrapped[lines - 1] ?? "";
  return [...wrapped.slice(0, lines - 1), `${last.slice(0, width - 2)}..`.slice(0, width)];
}

/** The text in the font's characters only. */
function plain(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/\s/g, " ").replace(/[^ -~]/gu, "?");
}
