import { BitReader, BitWriter, HuffmanTable } from "./jpeg_bits.ts";
import {
  type Component,
  type Frame,
  isFrame,
  readFrame,
  type Segment,
  segments,
} from "./jpeg_header.ts";

/** The components of a JPEG, each as a grey JPEG of its own. */
export interface JpegPlanes {
  frame: Frame;
  /** What Adobe's marker says of the colours: 0 none, 1 YCbCr, 2 YCCK; undefined without one. */
  transform?: number;
  /** One for each component: its size in samples, and a JPEG of them. */
  planes: { width: number; height: number; jpeg: Uint8Array }[];
}

/** What is known when a scan begins. */
interface Tables {
  quantization: Map<number, Uint8Array>;
  /** By class (0 for DC, 16 for AC) plus number. */
  huffman: Map<number, HuffmanTable>;
  /** MCUs between two restarts, or 0. */
  restart: number;
}

/** A component while its scans are written. */
interface Plane {
  component: Component;
  /** In samples. */
  width: number;
  height: number;
  /** In blocks of 8 × 8 samples, without those that only fill up MCUs. */
  columns: number;
  rows: number;
  parts: Uint8Array[];
}

/** A component's part in a scan. */
interface ScanPlane {
  plane: Plane;
  dc?: HuffmanTable;
  ac?: HuffmanTable;
  /** Of every block, in rows: the DC value or its bit, and where its AC bits are. */
  values: Int32Array;
  starts: Int32Array;
  lengths: Int32Array;
}

/** 16 codes of 5 bits for the 16 sizes that a difference of DC values can have. */
const PLAIN_DC = Uint8Array.from([0, 0, 0, 0, 16, ...Array(11).fill(0), ...Array(16).keys()]);

/**
 * Takes a JPEG's components apart, so that a decoder that knows grey pictures gives the samples of
 * each. Nothing is decoded but Huffman codes: AC bits are copied, and DC differences of blocks that
 * stood in another order are written anew.
 *
 * Source: ITU-T T.81. Throws an Error that says what is wrong with a broken or cut file.
 */
export function splitJpeg(bytes: Uint8Array): JpegPlanes {
  const tables: Tables = { quantization: new Map(), huffman: new Map(), restart: 0 };
  let frame: Frame | undefined, planes: Plane[] = [], transform: number | undefined;
  for (const segment of segments(bytes)) {
    const { marker, content } = segment;
    if (isFrame(marker)) {
      if (frame) throw new Error("two frame headers");
      frame = readFrame(segment);
      planes = frame.components.map((component) => openPlane(frame!, component));
    } else if (marker === 0xDA) {
      if (!frame) throw new Error("a scan before the frame header");
      splitScan(segment, frame, planes, tables);
    } else if (marker === 0xEE && String.fromCharCode(...content.subarray(0, 5)) === "Adobe") {
      transform = content[11];
    } else if (marker === 0xDD) tables.restart = content[0]! << 8 | content[1]!;
    else if (marker === 0xDB) readQuantization(content, tables);
    else if (marker === 0xC4) readHuffman(content, tables);
  }
  if (!frame || planes.some(({ parts }) => parts.length === 0)) throw new Error("missing scans");
  const end = Uint8Array.of(0xFF, 0xD9);
  return {
    frame,
    transform,
    planes: planes.map(({ width, height, parts }) => ({
      width,
      height,
      jpeg: joined([...parts, end]),
    })),
  };
}

function openPlane({ width, height, components }: Frame, component: Component): Plane {
  const { across, down } = component;
  if (!(across >= 1 && across <= 4 && down >= 1 && down <= 4)) throw new Error("no such sampling");
  const most = (side: "across" | "down") => Math.max(...components.map((other) => other[side]));
  const size = {
    width: Math.ceil(width * across / most("across")),
    height: Math.ceil(height * down / most("down")),
  };
  const [columns, rows] = [Math.ceil(size.width / 8), Math.ceil(size.height / 8)];
  return { component, ...size, columns, rows, parts: [] };
}

function readQuantization(content: Uint8Array, { quantization }: Tables): void {
  for (let at = 0; at < content.length;) {
    const size = content[at]! >> 4 ? 129 : 65;
    quantization.set(content[at]! & 15, content.subarray(at, at + size));
    at += size;
  }
}

function readHuffman(content: Uint8Array, { huffman }: Tables): void {
  for (let at = 0; at < content.length;) {
    const total = content.subarray(at + 1, at + 17).reduce((sum, count) => sum + count, 0);
    huffman.set(content[at]!, new HuffmanTable(content.subarray(at + 1, at + 17 + total)));
    at += 17 + total;
  }
}

/** Adds what a scan says of each of its components to that component's own JPEG. */
function splitScan(
  { content, data }: Segment,
  frame: Frame,
  planes: Plane[],
  tables: Tables,
): void {
  const count = content[0]!;
  const spectral = content.subarray(1 + 2 * count, 4 + 2 * count);
  if (!(count >= 1) || spectral.length < 3) throw new Error("a scan header that is cut");
  const scanned = Array.from({ length: count }, (_, i) => {
    const [id, selected] = content.subarray(1 + 2 * i, 3 + 2 * i) as unknown as number[];
    const plane = planes.find(({ component }) => component.id === id);
    if (!plane) throw new Error(`a scan of component ${id}, which there is not`);
    const [dc, ac] = [
      tables.huffman.get(selected! >> 4),
      tables.huffman.get(16 + (selected! & 15)),
    ];
    if (plane.parts.length === 0) plane.parts.push(header(frame, plane, tables));
    return { plane, dc, ac };
  });
  const [only] = scanned as [typeof scanned[0]];
  if (count === 1) {
    const restart = [tables.restart >> 8, tables.restart & 255];
    only.plane.parts.push(
      ...[...definitions(only.dc, only.ac), segment(0xDD, restart), scanHeader(spectral), data!],
    );
    return;
  }
  const blocks = scanned.map(({ plane, dc, ac }): ScanPlane => {
    const room = () => new Int32Array(plane.columns * plane.rows);
    return { plane, dc, ac, values: room(), starts: room(), lengths: room() };
  });
  const bits = readBlocks(blocks, frame, data!, spectral, tables.restart);
  for (const scan of blocks) scan.plane.parts.push(...writtenScan(scan, bits, spectral));
}

/** Reads an interleaved scan; returns the bits that `starts` and `lengths` are about. */
function readBlocks(
  scanned: ScanPlane[],
  { width, height, components }: Frame,
  data: Uint8Array,
  spectral: Uint8Array,
  restart: number,
): BitReader {
  const { bytes, marks } = unstuffed(data);
  const bits = new BitReader(bytes);
  const [across, down] = (["across", "down"] as const).map((side) =>
    Math.max(...components.map((component) => component[side]))
  ) as [number, number];
  const [columns, rows] = [Math.ceil(width / (8 * across)), Math.ceil(height / (8 * down))];
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
      const { across, down } = scan.plane.component;
      for (let block = 0; block < across * down; block++) {
        const y = row * down + Math.floor(block / across), x = column * across + block % across;
        const at = y < scan.plane.rows && x < scan.plane.columns ? y * scan.plane.columns + x : -1;
        previous[i] = readBlock(bits, scan, at, previous[i]!, spectral);
      }
    });
  }
  return bits;
}

/** Reads one block of which nothing is kept where `at` is -1; returns its DC value. */
function readBlock(
  bits: BitReader,
  { dc, ac, values, starts, lengths }: ScanPlane,
  at: number,
  previous: number,
  spectral: Uint8Array,
): number {
  const [from, to, approximation] = spectral as unknown as [number, number, number];
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

/** The same blocks as a scan of one component, in rows. */
function writtenScan(
  { values, starts, lengths, ac }: ScanPlane,
  bits: BitReader,
  spectral: Uint8Array,
): Uint8Array[] {
  const writer = new BitWriter();
  let previous = 0;
  for (let i = 0; i < values.length; i++) {
    if (spectral[2]! >> 4) {
      writer.write(values[i]!, 1);
      continue;
    }
    const difference = values[i]! - previous;
    const size = 32 - Math.clz32(Math.abs(difference));
    if (size > 15) throw new Error("DC values that are too far apart");
    writer.write(size, 5);
    writer.write(difference < 0 ? difference - 1 : difference, size);
    writer.copy(bits, starts[i]!, lengths[i]!);
    previous = values[i]!;
  }
  const tables = definitions(new HuffmanTable(PLAIN_DC), ac);
  return [...tables, segment(0xDD, [0, 0]), scanHeader(spectral), writer.finish()];
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

/** The start of a grey JPEG: its quantization table and frame. */
function header(
  { marker }: Frame,
  { component, width, height }: Plane,
  tables: Tables,
): Uint8Array {
  const table = tables.quantization.get(component.table);
  if (!table) throw new Error("a component without its quantization table");
  const size = [height >> 8, height & 255, width >> 8, width & 255];
  return joined([
    Uint8Array.of(0xFF, 0xD8),
    segment(0xDB, [table[0]! & 0xF0, ...table.subarray(1)]),
    segment(marker, [8, ...size, 1, 1, 0x11, 0]),
  ]);
}

function definitions(dc: HuffmanTable | undefined, ac: HuffmanTable | undefined): Uint8Array[] {
  return [dc, ac].flatMap((table, i) =>
    table ? [segment(0xC4, [16 * i, ...table.definition])] : []
  );
}

function scanHeader(spectral: Uint8Array): Uint8Array {
  return segment(0xDA, [1, 1, 0, ...spectral]);
}

function segment(marker: number, content: number[]): Uint8Array {
  const length = content.length + 2;
  return Uint8Array.of(0xFF, marker, length >> 8, length & 255, ...content);
}

function joined(parts: Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
