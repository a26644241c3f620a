import type { Picture } from "../data/pixels.ts";
import { characterWidth, drawText, fillRectangle, lineHeight, wrapText } from "./font.ts";

/** Pictures in rows and columns, and the words around them. */
export interface GridOptions {
  /** Labels above the pictures, of one line or more, at most three once wrapped. */
  columns: readonly string[];
  /** Labels on the left, of one line or more, the first one wrapped; all empty: no room is kept. */
  rows: readonly string[];
  /** For each row and column a picture, of any size, or a word to stand in its place. */
  cells: readonly (readonly (Picture | string)[])[];
  /** Columns and rows, by their numbers, before which a wider gap is left. */
  columnGroups?: readonly number[];
  rowGroups?: readonly number[];
  /**
   * Whole-number enlargement; by default the widest picture becomes about 128 pixels wide, or less
   * where all columns together would be wider than `WIDEST_GRID`.
   */
  scale?: number;
  title?: string;
  footer?: string;
}

/** In pixels; wider grids are drawn only where the pictures leave no choice. */
export const WIDEST_GRID = 4096;

/** Pixels around everything, between two cells, and between two groups of them. */
const margin = 16;
const gap = 8;
const groupGap = 24;

const greys = { background: 255, frame: 190, title: 20, label: 40, word: 150, footer: 105 };

/** Text in its place: the top left corner of its first line, and the scale of the font. */
interface Block {
  lines: string[];
  x: number;
  y: number;
  scale: number;
  grey: number;
}

/** Where rows, or columns, of cells lie, in pixels. */
interface Track {
  starts: number[];
  sizes: number[];
}

/** Where the cells lie and how large the picture is, in pixels. */
interface Layout {
  width: number;
  height: number;
  scale: number;
  across: Track;
  down: Track;
  text: Block[];
}

/**
 * One opaque picture of all cells, enlarged by nearest neighbour, each in a thin frame and in the
 * middle of its column and row, with dark labels on white. Text that does not fit is wrapped, then
 * cut with "..".
 *
 * @throws {RangeError} when the cells do not match the labels or the scale is no whole number
 */
export function grid(options: GridOptions): Picture {
  checkCells(options);
  const { width, height, scale, across, down, text } = layout(options);
  const picture = { width, height, rgba: new Uint8Array(4 * width * height) };
  picture.rgba.fill(greys.background);
  for (const block of text) drawBlock(picture, block);
  for (const [row, top] of down.starts.entries()) {
    for (const [column, left] of across.starts.entries()) {
      const cell = options.cells[row]![column]!;
      if (typeof cell === "string") continue;
      const x = left + ((across.sizes[column]! - scale * cell.width) >> 1);
      const y = top + ((down.sizes[row]! - scale * cell.height) >> 1);
      drawCell(picture, cell, x, y, scale);
    }
  }
  return picture;
}

function layout(options: GridOptions): Layout {
  const { columns, rows, cells, title, footer } = options;
  const pictures = cells.flat().filter((cell) => typeof cell !== "string");
  const widest = Math.max(1, ...pictures.map(({ width }) => width));
  const most = Math.floor(WIDEST_GRID / (widest * columns.length));
  const scale = options.scale ?? Math.max(1, Math.min(Math.round(128 / widest), most));
  const cellWidth = scale * widest;
  const heights = cells.map((line) => {
    const own = line.filter((cell) => typeof cell !== "string").map(({ height }) => height);
    return scale * Math.max(1, ...own);
  });
  const font = cellWidth >= 192 ? 3 : cellWidth >= 96 ? 2 : 1;
  const longest = Math.max(
    ...rows.flatMap((label) => label.split("\n")).map((line) => line.length),
  );
  const rowCharacters = Math.min(longest, Math.max(14, fitting(cellWidth, font)));
  const start = margin + (longest > 0 ? rowCharacters * characterWidth * font + gap : 0);
  const across = track(start, columns.map(() => cellWidth), options.columnGroups);
  const width = end(across) + margin;

  const titleBlock = place(title, margin, width, font + 1, greys.title);
  const heads = columns.map((label) => wrapLines(label, fitting(cellWidth - gap, font), 3));
  const headEnd = below(titleBlock, margin / 2) +
    Math.max(...heads.map((lines) => lines.length)) * lineHeight * font;
  const down = track(headEnd + gap / 2, heights, options.rowGroups);
  const footerBlock = place(footer, end(down) + margin, width, font, greys.footer);
  const text = [
    titleBlock,
    footerBlock,
    ...heads.map((lines, column) => headBlock(lines, middle(across, column), headEnd, font)),
    ...rowBlocks(rows, rowCharacters, down, font),
    ...wordBlocks(cells, across, down, font),
  ];
  const bottom = footerBlock.lines.length > 0 ? below(footerBlock, 0) : end(down);
  return { width, height: bottom + margin, scale, across, down, text };
}

/** Cells of the given sizes one after another, from `start` on. */
function track(start: number, sizes: number[], groups: readonly number[] = []): Track {
  let next = start;
  const starts = sizes.map((size, number) => {
    if (number > 0) next += groups.includes(number) ? groupGap : gap;
    next += size;
    return next - size;
  });
  return { starts, sizes };
}

function end({ starts, sizes }: Track): number {
  return starts.at(-1)! + sizes.at(-1)!;
}

function middle({ starts, sizes }: Track, number: number): number {
  return starts[number]! + sizes[number]! / 2;
}

function checkCells({ columns, rows, cells, scale = 1 }: GridOptions): void {
  const isWhole = cells.length === rows.length && rows.length > 0 && columns.length > 0 &&
    cells.every((line) => line.length === columns.length);
  if (!isWhole) {
    throw new RangeError(
      `Cannot draw a grid: expected ${rows.length} x ${columns.length} pictures, at least 1, ` +
        `but found rows of ${cells.map((line) => line.length).join(", ") || "none"}`,
    );
  }
  if (!Number.isInteger(scale) || scale < 1) {
    throw new RangeError(`Cannot draw a grid: expected a whole scale from 1 on but found ${scale}`);
  }
}

/** The lines of a label, the first one wrapped; they are cut such that there are at most `most`. */
function wrapLines(label: string, width: number, most: number): string[] {
  const [first, ...rest] = label.split("\n");
  const lines = wrapText(first!, width, Math.max(1, most - rest.length));
  return [...lines, ...rest.flatMap((line) => wrapText(line, width, 1))].slice(0, most);
}

/** How many characters fit into `width` pixels, at least 1. */
function fitting(width: number, font: number): number {
  return Math.max(1, Math.floor((width + font) / (characterWidth * font)));
}

/** A block of text over the whole width between the margins. */
function place(text = "", y: number, width: number, scale: number, grey: number): Block {
  return { lines: wrapText(text, fitting(width - 2 * margin, scale)), x: margin, y, scale, grey };
}

/** Where the next thing may begin, `space` pixels below a block that is not empty. */
function below({ lines, y, scale }: Block, space: number): number {
  return lines.length === 0 ? y : y + lines.length * lineHeight * scale + space;
}

/** A column's label, each line centred, the last one ending at `bottom`. */
function headBlock(
  lines: string[],
  centre: number,
  bottom: number,
  scale: number,
  grey = greys.label,
): Block {
  const longest = Math.max(0, ...lines.map((line) => line.length));
  const padded = lines.map((line) => " ".repeat((longest - line.length) >> 1) + line);
  const x = Math.round(centre - (longest * characterWidth - 1) * scale / 2);
  return { lines: padded, x, y: bottom - lines.length * lineHeight * scale, scale, grey };
}

/** The labels of rows, each in the middle of its row's height. */
function rowBlocks(
  rows: readonly string[],
  characters: number,
  down: Track,
  scale: number,
): Block[] {
  return rows.map((label, row) => {
    const lines = wrapLines(label, characters, linesIn(down.sizes[row]!, scale));
    const y = Math.round(middle(down, row) - lines.length * lineHeight * scale / 2 + scale);
    return { lines, x: margin, y, scale, grey: greys.label };
  });
}

/** The words that stand in the place of pictures, each in the middle of its cell. */
function wordBlocks(
  cells: GridOptions["cells"],
  across: Track,
  down: Track,
  scale: number,
): Block[] {
  return cells.flatMap((line, row) =>
    line.flatMap((cell, column) => {
      if (typeof cell !== "string") return [];
      const width = fitting(across.sizes[column]!, scale);
      const lines = wrapText(cell, width, linesIn(down.sizes[row]!, scale));
      const bottom = Math.round(middle(down, row) + lines.length * lineHeight * scale / 2);
      return headBlock(lines, middle(across, column), bottom, scale, greys.word);
    })
  );
}

/** How many lines fit into `height` pixels, at least 1. */
function linesIn(height: number, scale: number): number {
  return Math.max(1, Math.floor(height / (lineHeight * scale)));
}

function drawBlock(picture: Picture, { lines, x, y, scale, grey }: Block): void {
  for (const [index, line] of lines.entries()) {
    drawText(picture, line, x, y + index * lineHeight * scale, scale, grey);
  }
}

/** Copies a cell, each pixel as scale × scale, into a frame of one pixel around it. */
function drawCell(picture: Picture, cell: Picture, x: number, y: number, scale: number): void {
  const [wide, high] = [cell.width * scale, cell.height * scale];
  fillRectangle(picture, x - 1, y - 1, wide + 2, high + 2, greys.frame);
  for (let row = 0; row < high; row++) {
    const start = 4 * ((y + row) * picture.width + x);
    for (let column = 0; column < wide; column++) {
      const from = 4 * (Math.floor(row / scale) * cell.width + Math.floor(column / scale));
      const to = start + 4 * column;
      for (let channel = 0; channel < 3; channel++) {
        picture.rgba[to + channel] = cell.rgba[from + channel]!;
      }
    }
  }
}
