import { Buffer } from "node:buffer";
import { crc32, deflateRawSync } from "node:zlib";

/** An entry of a zip archive to write; what it says of itself may be a lie. */
export interface ZipEntry {
  name: string;
  content: Uint8Array;
  deflate?: boolean;
  /** Said instead of the content's own size. */
  size?: number;
  /** Said instead of the content's own sum. */
  crc?: number;
  /** Of the general purpose flags. */
  flags?: number;
  /** Said instead of where its header is. */
  offset?: number;
}

/** A zip archive; with `large`, sizes and offsets are in zip64's fields, as for huge files. */
export function zip(entries: ZipEntry[], { large = false } = {}): Uint8Array<ArrayBuffer> {
  const [parts, directory]: [Buffer[], Buffer[]] = [[], []];
  let at = 0;
  for (const entry of entries) {
    const { name, content, flags = 0, offset = at } = entry;
    const packed = entry.deflate ? deflateRawSync(content) : Buffer.from(content);
    const [size, crc] = [entry.size ?? content.length, entry.crc ?? crc32(content)];
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(flags, 2);
    shared.writeUInt16LE(entry.deflate ? 8 : 0, 4);
    shared.writeUInt32LE(crc, 10);
    shared.writeUInt32LE(large ? 0xffffffff : packed.length, 14);
    shared.writeUInt32LE(large ? 0xffffffff : size, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([u32(0x04034b50), shared, Buffer.from(name), packed]);
    const extra = large
      ? Buffer.concat([u32(1 | 24 << 16), u64(size), u64(packed.length), u64(offset)])
      : Buffer.alloc(0);
    shared.writeUInt16LE(extra.length, 24);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(large ? 0xffffffff : offset, 10);
    directory.push(
      Buffer.concat([u32(0x02014b50), Buffer.alloc(2), shared, rest, Buffer.from(name), extra]),
    );
    parts.push(local);
    at += local.length;
  }
  const list = Buffer.concat(directory);
  return new Uint8Array(
    Buffer.concat([...parts, list, end(entries.length, list.length, at, large)]),
  );
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function end(count: number, size: number, at: number, large: boolean): Buffer {
  const short = Buffer.alloc(22);
  short.writeUInt32LE(0x06054b50);
  short.writeUInt16LE(large ? 0xffff : count, 8);
  short.writeUInt16LE(large ? 0xffff : count, 10);
  short.writeUInt32LE(size, 12);
  short.writeUInt32LE(large ? 0xffffffff : at, 16);
  if (!large) return short;
  const record = [u32(0x06064b50), u64(44), Buffer.alloc(12), u64(count), u64(count), u64(size)];
  const locator = [u32(0x07064b50), u32(0), u64(at + size), u32(1)];
  return Buffer.concat([...record, u64(at), ...locator, short]);
}
