import { quantisationSteps, quantise } from "./blocks.ts";
import { acChroma, acLuma, BitWriter, dcChroma, dcLuma, type HuffmanTable } from "./huffman.ts";
import { segment } from "./header.ts";
import { downsample, type Plane, toYcc } from "./ycc.ts";

/** Where the n-th coefficient of a zigzag stands in a block. */
const zigzag = Array.from({ length: 64 }, (_, i) => ({ x: i % 8, y: Math.floor(i / 8), i }))
  .sort((a, b) => {
    const diagonal = a.x + a.y;
    if (diagonal !== b.x + b.y) return diagonal - b.x - b.y;
    return diagonal % 2 ? a.y - b.y : b.y - a.y;
  }).map(({ i }) => i);

/** How one of the three planes is written. */
interface Component {
  plane: Plane;
  steps: Int32Array;
  dc: HuffmanTable;
  ac: HuffmanTable;
  /** Blocks beside and above each other in a unit of 16 × 16 pixels. */
  sampling: 1 | 2;
  /** The first coefficient of the block before. */
  last: number;
}

/**
 * (height × width × 3) bytes as a baseline JPEG file with colours at half the size (4:2:0) and the
 * standard's Huffman codes. Its pixels are those of the file that Pillow writes with
 * `save(…, quality=…)`, bit for bit; its bytes are not, where that optimises its codes.
 *
 * @param quality 1 … 100
 * @throws {RangeError} for a side of more than 65,535 pixels, which no JPEG file has
 */
export function encodeJpeg(
  rgb: Uint8Array,
  width: number,
  height: number,
  quality: number,
): Uint8Array {
  if (Math.max(width, height) > 65535) {
    throw new RangeError(
      `Cannot write a JPEG: expected sides of at most 65535 pixels but found ${width}x${height}`,
    );
  }
  const [y, cb, cr] = toYcc(rgb, width, height);
  const { luma, chroma } = quantisationSteps(quality);
  const half = { steps: chroma, dc: dcChroma, ac: acChroma, sampling: 1, last: 0 } as const;
  const components: Component[] = [
    { plane: y, steps: luma, dc: dcLuma, ac: acLuma, sampling: 2, last: 0 },
    { ...half, plane: downsample(cb) },
    { ...half, plane: downsample(cr) },
  ];
  const scan = new BitWriter(), block = new Int32Array(64);
  for (let top = 0; top < height; top += 16) {
    for (let left = 0; left < width; left += 16) {
      for (const component of components) {
        const { plane, steps, sampling } = component;
        for (let i = 0; i < sampling ** 2; i++) {
          const x = left * sampling / 2 + i % sampling * 8;
          quantise(plane, x, top * sampling / 2 + (i >> 1) * 8, steps, block);
          writeBlock(scan, block, component);
        }
      }
    }
  }
  const head = header(width, height, luma, chroma), body = scan.finish();
  const file = new Uint8Array(head.length + body.length + 2);
  file.set(head);
  file.set(body, head.length);
  file.set([0xff, 0xd9], head.length + body.length);
  return file;
}

/** The difference to the block before, then every coefficient with the zeros before it. */
function writeBlock(scan: BitWriter, block: Int32Array, component: Component): void {
  const { dc, ac } = component;
  writeNumber(scan, block[0]! - component.last, dc, 0);
  component.last = block[0]!;
  let zeros = 0;
  for (let n = 1; n < 64; n++) {
    const coefficient = block[zigzag[n]!]!;
    if (coefficient === 0) {
      zeros++;
      continue;
    }
    for (; zeros > 15; zeros -= 16) scan.write(ac.codes[0xf0]!, ac.lengths[0xf0]!);
    writeNumber(scan, coefficient, ac, zeros);
    zeros = 0;
  }
  if (zeros > 0) scan.write(ac.codes[0]!, ac.lengths[0]!);
}

/** The code of 16 × zeros + bits, then the bits; negative numbers are less than 0 by one. */
function writeNumber(scan: BitWriter, value: number, table: HuffmanTable, zeros: number): void {
  const bits = 32 - Math.clz32(Math.abs(value)), symbol = 16 * zeros + bits;
  scan.write(table.codes[symbol]!, table.lengths[symbol]!);
  scan.write(value < 0 ? value - 1 : value, bits);
}

/** Everything before the scan: JFIF, steps, frame, codes and the scan's own header. */
function header(width: number, height: number, luma: Int32Array, chroma: Int32Array): number[] {
  const steps = (table: Int32Array) => zigzag.map((i) => table[i]!);
  const codes = ({ counts, symbols }: HuffmanTable) => [...counts, ...symbols];
  return [
    ...[0xff, 0xd8],
    ...segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(0xdb, [0, ...steps(luma), 1, ...steps(chroma)]),
    ...segment(0xc0, [
      ...[8, height >> 8, height & 255, width >> 8, width & 255, 3],
      ...[1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
    ]),
    ...segment(0xc4, [0x00, ...codes(dcLuma), 0x10, ...codes(acLuma)]),
    ...segment(0xc4, [0x01, ...codes(dcChroma), 0x11, ...codes(acChroma)]),
    ...segment(0xda, [3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]),
  ];
}
