import type { Picture } from "../data/pixels.ts";
import { characterWidth, drawText, fillRectangle, lineHeight, wrapText } from "./font.ts";

/** Pictures in rows and columns, and the words around them. */
export interface GridOptions {
  /** Labels above the pictures, at most three lines each. */
  columns: readonly string[];
  /** Labels on the left; all empty: no room is kept. */
  rows: readonly string[];
  /** A picture for each row and column; sizes may differ, the largest one makes the cell. */
  cells: readonly (readonly Picture[])[];
  /** Whole-number enlargement; by default cells become about 96 pixels wide. */
  scale?: number;
  title?: string;
  footer?: string;
}

/** Pixels around everything, and between two cells. */
const margin = 16;
const gap = 8;

const greys = { background: 255, frame: 190, title: 20, label: 40, footer: 105 };

/** Text in its place: the top left corner of its first line, and the scale of the font. */
interface Block {
  lines: string[];
  x: number;
  y: number;
  scale: number;
  grey: number;
}

/** Where the cells lie and how large the picture is, in pixels. */
interface Layout {
  width: number;
  height: number;
  scale: number;
  cellWidth: number;
  cellHeight: number;
  /** The left edge of each column and the top edge of each row of cells. */
  lefts: number[];
  tops: number[];
  text: Block[];
}

/**
 * One opaque picture of all cells, enlarged by nearest neighbour, each in a thin frame, with
 * dark labels on white. Text that does not fit is wrapped, then cut with "..".
 *
 * @throws {RangeError} when the cells do not match the labels or the scale is no whole number
 */
export function grid(options: GridOptions): Picture {
  checkCells(options);
  const { width, height, scale, cellWidth, cellHeight, lefts, tops, text } = layout(options);
  const picture = { width, height, rgba: new Uint8Array(4 * width * height) };
  picture.rgba.fill(greys.background);
  for (const block of text) drawBlock(picture, block);
  for (const [row, top] of tops.entries()) {
    for (const [column, left] of lefts.entries()) {
      const cell = options.cells[row]![column]!;
      const x = left + ((cellWidth - scale * cell.width) >> 1);
      const y = top + ((cellHeight - scale * cell.height) >> 1);
      drawCell(picture, cell, x, y, scale);
    }
  }
  return picture;
}

function layout({ columns, rows, cells, title, footer, scale: wanted }: GridOptions): Layout {
  const pictures = cells.flat();
  const widest = Math.max(...pictures.map(({ width }) => width));
  const scale = wanted ?? Math.max(1, Math.round(96 / widest));
  const cellWidth = scale * widest;
  const cellHeight = scale * Math.max(...pictures.map(({ height }) => height));
  const font = cellWidth >= 128 ? 2 : 1;
  const longest = Math.max(...rows.map((label) => label.length));
  const rowCharacters = Math.min(longest, Math.max(14, fitting(cellWidth, font)));
  const start = margin + (longest > 0 ? rowCharacters * characterWidth * font + gap : 0);
  const lefts = columns.map((_, column) => start + column * (cellWidth + gap));
  const width = lefts.at(-1)! + cellWidth + margin;

  const titleBlock = place(title, margin, margin, width, 2, greys.title);
  const heads = columns.map((label) => wrapText(label, fitting(cellWidth, font), 3));
  const headLines = Math.max(...heads.map((lines) => lines.length));
  const headEnd = below(titleBlock, margin / 2) + headLines * lineHeight * font;
  const tops = rows.map((_, row) => headEnd + gap / 2 + row * (cellHeight + gap));
  const bottom = tops.at(-1)! + cellHeight;
  const footerBlock = place(footer, margin, bottom + margin, width, 1, greys.footer);
  const room = Math.max(1, Math.floor(cellHeight / (lineHeight * font)));
  const text = [
    titleBlock,
    footerBlock,
    ...heads.map((lines, column) => {
      return headBlock(lines, lefts[column]! + cellWidth / 2, headEnd, font);
    }),
    ...rows.map((label, row) => {
      return rowBlock(wrapText(label, rowCharacters, room), tops[row]! + cellHeight / 2, font);
    }),
  ];
  const end = footerBlock.lines.length > 0 ? below(footerBlock, 0) : bottom;
  return { width, height: end + margin, scale, cellWidth, cellHeight, lefts, tops, text };
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

/** How many characters fit into `width` pixels, at least 1. */
function fitting(width: number, font: number): number {
  return Math.max(1, Math.floor((width + font) / (characterWidth * font)));
}

/** A block of text over the whole width between the margins. */
function place(
  text = "",
  x: number,
  y: number,
  width: number,
  scale: number,
  grey: number,
): Block {
  return { lines: wrapText(text, fitting(width - 2 * margin, scale)), x, y, scale, grey };
}

/** Where the next thing may begin, `space` pixels below a block that is not empty. */
function below({ lines, y, scale }: Block, space: number): number {
  return lines.length === 0 ? y : y + lines.length * lineHeight * scale + space;
}

/** A column's label, each line centred, the last one ending at `bottom`. */
function headBlock(lines: string[], centre: number, bottom: number, scale: number): Block {
  const longest = Math.max(0, ...lines.map((line) => line.length));
  const padded = lines.map((line) => " ".repeat((longest - line.length) >> 1) + line);
  const x = Math.round(centre - (longest * characterWidth - 1) * scale / 2);
  return {
    lines: padded,
    x,
    y: bottom - lines.length * lineHeight * scale,
    scale,
    grey: greys.label,
  };
}

/** A row's label, its middle at the height `centre`. */
function rowBlock(lines: string[], centre: number, scale: number): Block {
  const y = Math.round(centre - lines.length * lineHeight * scale / 2 + scale);
  return { lines, x: margin, y, scale, grey: greys.label };
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
    for (let column = 0; column < wide; column++) {
      const from = 4 * (Math.floor(row / scale) * cell.width + Math.floor(column / scale));
      const to = 4 * ((y + row) * picture.width + x + column);
      picture.rgba.set(cell.rgba.subarray(from, from + 3), to);
    }
  }
}
