import { HuffmanReader } from "./read_bits.ts";
import { plainDc, readBlocks, type ScanBlocks, type Spectral, writeBlocks } from "./scan_blocks.ts";
import {
  type Component,
  type Frame,
  isFrame,
  mostSamples,
  readFrame,
  type Segment,
  segment,
  segments,
} from "./header.ts";

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
  huffman: Map<number, HuffmanReader>;
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
  for (const found of segments(bytes)) {
    const { marker, content } = found;
    if (isFrame(marker)) {
      if (frame) throw new Error("two frame headers");
      frame = readFrame(found);
      planes = frame.components.map((component) => openPlane(frame!, component));
    } else if (marker === 0xDA) {
      if (!frame) throw new Error("a scan before the frame header");
      splitScan(found, frame, planes, tables);
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

function openPlane(frame: Frame, component: Component): Plane {
  const { across, down } = component, most = mostSamples(frame);
  if (!(across >= 1 && across <= 4 && down >= 1 && down <= 4)) throw new Error("no such sampling");
  const size = {
    width: Math.ceil(frame.width * across / most.across),
    height: Math.ceil(frame.height * down / most.down),
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
    huffman.set(content[at]!, new HuffmanReader(content.subarray(at + 1, at + 17 + total)));
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
  const header = content.subarray(1 + 2 * count, 4 + 2 * count);
  if (!(count >= 1) || header.length < 3) throw new Error("a scan header that is cut");
  if (count > planes.length) throw new Error("a scan of more components than there are");
  const spectral = [...header] as unknown as Spectral;
  const scanned = Array.from({ length: count }, (_, i) => {
    const [id, selected] = content.subarray(1 + 2 * i, 3 + 2 * i) as unknown as number[];
    const plane = planes.find(({ component }) => component.id === id);
    if (!plane) throw new Error(`a scan of component ${id}, which there is not`);
    if (plane.parts.length === 0) plane.parts.push(start(frame, plane, tables));
    const { huffman } = tables;
    return { plane, dc: huffman.get(selected! >> 4), ac: huffman.get(16 + (selected! & 15)) };
  });
  if (count === 1) {
    const [{ plane, dc, ac }] = scanned as [typeof scanned[0]];
    plane.parts.push(...scanHeader(dc, ac, tables.restart, spectral), data!);
    return;
  }
  const blocks = scanned.map(({ plane, dc, ac }): ScanBlocks => {
    const { columns, rows, component: { across, down } } = plane;
    const room = () => new Int32Array(columns * rows);
    return { across, down, columns, rows, dc, ac, values: room(), starts: room(), lengths: room() };
  });
  const bits = readBlocks(blocks, mcus(frame), data!, spectral, tables.restart);
  scanned.forEach(({ plane, ac }, i) =>
    plane.parts.push(
      ...scanHeader(plainDc, ac, 0, spectral),
      writeBlocks(blocks[i]!, bits, spectral),
    )
  );
}

/** How many MCUs a frame has across and down. */
function mcus(frame: Frame): { columns: number; rows: number } {
  const { across, down } = mostSamples(frame);
  return {
    columns: Math.ceil(frame.width / (8 * across)),
    rows: Math.ceil(frame.height / (8 * down)),
  };
}

/** The start of a grey JPEG: its quantization table and frame. */
function start(
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

/** What stands before the entropy-coded bytes of a scan of a grey JPEG. */
function scanHeader(
  dc: HuffmanReader | undefined,
  ac: HuffmanReader | undefined,
  restart: number,
  spectral: Spectral,
): Uint8Array[] {
  const codes = [dc, ac].flatMap((table, i) =>
    table ? [segment(0xC4, [16 * i, ...table.definition])] : []
  );
  return [
    ...codes,
    segment(0xDD, [restart >> 8, restart & 255]),
    segment(0xDA, [1, 1, 0, ...spectral]),
  ];
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
