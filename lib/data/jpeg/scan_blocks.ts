import { BitWriter } from "./huffman.ts";
import { BitReader, HuffmanReader } from "./read_bits.ts";

/** A component's part in a scan of several. */
export interface ScanBlocks {
  /** In an MCU, across and down. */
  across: number;
  down: number;
  /** Of the component in all, without those that only fill up MCUs. */
  columns: number;
  rows: number;
  dc?: HuffmanReader;
  ac?: HuffmanReader;
  /** Of every block, in rows: the DC value or its bit, and where its AC bits are. */
  values: Int32Array;
  starts: Int32Array;
  lengths: Int32Array;
}

/** What a scan is about: the first and the last coefficient, and 16 × high + low approximation. */
export type Spectral = readonly [from: number, to: number, approximation: number];

/** 16 codes of 5 bits for the 16 sizes that a difference of DC values can have. */
export const plainDc = new HuffmanReader(
  Uint8Array.from([0, 0, 0, 0, 16, ...Array(11).fill(0), ...Array(16).keys()]),
);

/**
 * Reads a scan of several components of `columns` × `rows` MCUs, with as many as `restart` between
 * two restarts; returns the bits that `starts` and `lengths` are about. Throws an Error that says
 * what is wrong with broken or cut data.
 */
export function readBlocks(
  scanned: readonly ScanBlocks[],
  { columns, rows }: { columns: number; rows: number },
  data: Uint8Array,
  spectral: Spectral,
  restart: number,
): BitReader {
  const { bytes, marks } = unstuffed(data);
  const bits = new BitReader(bytes);
  const previous = scanned.map(() => 0);
  for (let mcu = 0; mcu < columns * rows; mcu++) {
    if (restart > 0 && mcu > 0 && mcu % restart === 0) {
      const mark = marks[mcu / restart - 1];
      if (mark === undefined) throw new Error("missing restart markers");
      bits.position = 8 * mark;
      previous.fill(0);
    }
    const [row, column] = [Math.floor(mcu / columns), mcu % columns];
    scanned.forEach((scan, i) => {
      const { across, down } = scan;
      for (let block = 0; block < across * down; block++) {
        const y = row * down + Math.floor(block / across), x = column * across + block % across;
        const at = y < scan.rows && x < scan.columns ? y * scan.columns + x : -1;
        previous[i] = readBlock(bits, scan, at, previous[i]!, spectral);
      }
    });
  }
  return bits;
}

/** Reads one block of which nothing is kept where `at` is -1; returns its DC value. */
function readBlock(
  bits: BitReader,
  { dc, ac, values, starts, lengths }: ScanBlocks,
  at: number,
  previous: number,
  [from, to, approximation]: Spectral,
): number {
  if (from !== 0) throw new Error("an interleaved scan without DC values");
  if (approximation >> 4) {
    values[at] = bits.read(1);
    return 0;
  }
  if (!dc || to > 0 && !ac) throw new Error("a scan without its Huffman tables");
  const size = dc.read(bits);
  if (size > 15) throw new Error("a DC value that is too large");
  const read = bits.read(size);
  const value = previous + (size > 0 && read < 1 << (size - 1) ? read - (1 << size) + 1 : read);
  values[at] = value;
  starts[at] = bits.position;
  for (let k = 1; k <= to; k++) {
    const symbol = ac!.read(bits), zeros = symbol >> 4;
    if ((symbol & 15) === 0 && zeros < 15) break;
    bits.read(symbol & 15);
    k += zeros;
  }
  lengths[at] = bits.position - starts[at]!;
  return value;
}

/**
 * The same blocks in rows, as the entropy-coded bytes of a scan of one component, with codes of
 * `plainDc` for DC differences.
 */
export function writeBlocks(
  { values, starts, lengths }: ScanBlocks,
  bits: BitReader,
  [, , approximation]: Spectral,
): Uint8Array {
  const writer = new BitWriter();
  let previous = 0;
  for (let i = 0; i < values.length; i++) {
    if (approximation >> 4) {
      writer.write(values[i]!, 1);
      continue;
    }
    const difference = values[i]! - previous;
    const size = 32 - Math.clz32(Math.abs(difference));
    if (size > 15) throw new Error("DC values that are too far apart");
    writer.write(size, 5);
    writer.write(difference < 0 ? difference - 1 : difference, size);
    bits.position = starts[i]!;
    for (let left = lengths[i]!; left > 0; left -= 16) {
      writer.write(bits.read(Math.min(left, 16)), Math.min(left, 16));
    }
    previous = values[i]!;
  }
  return writer.finish();
}

/** Entropy-coded bytes without stuffing and restart markers, and where those markers were. */
function unstuffed(data: Uint8Array): { bytes: Uint8Array; marks: number[] } {
  const bytes = new Uint8Array(data.length), marks: number[] = [];
  let length = 0;
  for (let at = 0; at < data.length; at++) {
    bytes[length++] = data[at]!;
    if (data[at] !== 0xFF) continue;
    if (data[++at] !== 0) marks.push(--length);
  }
  return { bytes: bytes.subarray(0, length), marks };
}
