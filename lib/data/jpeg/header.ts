/** A part of a JPEG between two markers. */
export interface Segment {
  /** The marker's second byte: 0xD8 begins a picture, 0xDA a scan. */
  marker: number;
  /** What follows the marker's length; nothing for a marker without one. */
  content: Uint8Array;
  /** Of a scan: its entropy-coded bytes, restart markers included. */
  data?: Uint8Array;
}

/** A component of a frame. */
export interface Component {
  id: number;
  /** Samples of it for the samples of others, across and down: 1 to 4. */
  across: number;
  down: number;
  /** Which quantization table it has. */
  table: number;
}

/** The frame header: what the picture is. */
export interface Frame {
  marker: number;
  /** In pixels. */
  width: number;
  height: number;
  components: Component[];
}

/** The most samples that any component has, across and down. */
export function mostSamples({ components }: Frame): { across: number; down: number } {
  return {
    across: Math.max(...components.map(({ across }) => across)),
    down: Math.max(...components.map(({ down }) => down)),
  };
}

/** Blocks of 8 × 8 samples in all MCUs of a frame; each has a bit at least, by Huffman's codes. */
export function blockCount(frame: Frame): number {
  const { across, down } = mostSamples(frame);
  const mcus = Math.ceil(frame.width / (8 * across)) * Math.ceil(frame.height / (8 * down));
  return frame.components.reduce((sum, one) => sum + mcus * one.across * one.down, 0);
}

/** The frame markers C0 to CF, of which three are something else. */
export function isFrame(marker: number): boolean {
  return marker >= 0xC0 && marker <= 0xCF && ![0xC4, 0xC8, 0xCC].includes(marker);
}

/** The frame that a segment's content describes; throws an Error where that is cut. */
export function readFrame({ marker, content }: Segment): Frame {
  const count = content[5] ?? 0;
  if (content.length < 6 + 3 * count) throw new Error("a frame header that is cut");
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const components = Array.from({ length: count }, (_, i) => {
    const [id, sampling, table] = content.subarray(6 + 3 * i, 9 + 3 * i) as unknown as number[];
    return { id: id!, across: sampling! >> 4, down: sampling! & 15, table: table! };
  });
  return { marker, height: view.getUint16(1), width: view.getUint16(3), components };
}

/**
 * The segments of a JPEG one after another, up to its end marker or the end of the bytes; throws an
 * Error where no marker is when one should be, or a segment is cut.
 */
export function* segments(bytes: Uint8Array): Generator<Segment> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 2; at + 2 <= bytes.length;) {
    if (bytes[at] !== 0xFF) throw new Error(`no marker at byte ${at}`);
    const marker = bytes[at + 1]!;
    if (marker === 0xFF) {
      at++;
      continue;
    }
    at += 2;
    if (marker === 0xD9) return;
    if (marker === 0x01 || marker >= 0xD0 && marker <= 0xD7) continue;
    const length = at + 2 <= bytes.length ? view.getUint16(at) : 0;
    if (length < 2 || at + length > bytes.length) throw new Error("a segment that is cut");
    const content = bytes.subarray(at + 2, at + length);
    at += length;
    if (marker !== 0xDA) {
      yield { marker, content };
      continue;
    }
    const end = endOfScan(bytes, at);
    yield { marker, content, data: bytes.subarray(at, end) };
    at = end;
  }
}

/** Where the first marker is that is neither a stuffed 255 nor a restart. */
function endOfScan(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xFF, from); at >= 0; at = bytes.indexOf(0xFF, at + 1)) {
    const next = bytes[at + 1];
    if (next !== undefined && next !== 0 && !(next >= 0xD0 && next <= 0xD7)) return at;
  }
  return bytes.length;
}

/** A segment of such content, marker and length before it. */
export function segment(marker: number, content: readonly number[]): Uint8Array {
  const length = content.length + 2;
  return Uint8Array.of(0xFF, marker, length >> 8, length & 255, ...content);
}
