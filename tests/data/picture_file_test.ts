import createEncoder from "@jsquash/jpeg/codec/enc/mozjpeg_enc.js";
import { defaultEncodeOptions } from "@jsquash/jpeg/meta.js";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { crc32, deflateSync } from "node:zlib";
import { PNG } from "pngjs";
import { DataError } from "../../lib/data/error.ts";
import { decodePicture, encodePng, pictureFormat } from "../../lib/data/picture_file.ts";

/** A PNG of raw scanlines, each with its filter byte; `chunks` come before the pixels. */
function png(header: number[], lines: Uint8Array, chunks: [string, number[]][] = []): Uint8Array {
  const [width, height, ...rest] = header as [number, number, ...number[]];
  const size = new Uint8Array(8);
  new DataView(size.buffer).setUint32(0, width);
  new DataView(size.buffer).setUint32(4, height);
  const chunk = (type: string, data: Uint8Array | number[]) => {
    const bytes = Buffer.alloc(12 + data.length);
    bytes.writeUInt32BE(data.length);
    bytes.write(type, 4, "latin1");
    bytes.set(data, 8);
    bytes.writeUInt32BE(crc32(bytes.subarray(4, 8 + data.length)), 8 + data.length);
    return bytes;
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]),
    chunk("IHDR", [...size, ...rest]),
    ...chunks.map(([type, data]) => chunk(type, data)),
    chunk("IDAT", deflateSync(lines)),
    chunk("IEND", []),
  ]);
}

const line = (...bytes: number[]) => Uint8Array.of(0, ...bytes);

const pngs: [string, Uint8Array, number[]][] = [
  ["grey", png([2, 1, 8, 0, 0, 0, 0], line(10, 200)), [10, 10, 10, 255, 200, 200, 200, 255]],
  ["1-bit grey", png([2, 1, 1, 0, 0, 0, 0], line(0x40)), [0, 0, 0, 255, 255, 255, 255, 255]],
  ["grey with alpha", png([1, 1, 8, 4, 0, 0, 0], line(90, 7)), [90, 90, 90, 255]],
  ["RGB", png([1, 1, 8, 2, 0, 0, 0], line(1, 2, 3)), [1, 2, 3, 255]],
  ["RGBA", png([1, 1, 8, 6, 0, 0, 0], line(1, 2, 3, 0)), [1, 2, 3, 255]],
  ["16-bit RGB", png([1, 1, 16, 2, 0, 0, 0], line(255, 255, 128, 128, 0, 1)), [255, 128, 0, 255]],
  ["16-bit grey", png([1, 1, 16, 0, 0, 0, 0], line(64, 64)), [64, 64, 64, 255]],
  [
    "palette with transparency",
    png([2, 1, 8, 3, 0, 0, 0], line(1, 0), [["PLTE", [1, 2, 3, 40, 50, 60]], ["tRNS", [0, 0]]]),
    [40, 50, 60, 255, 1, 2, 3, 255],
  ],
  [
    "interlaced RGB",
    png([2, 1, 8, 2, 0, 0, 1], new Uint8Array([...line(1, 2, 3), ...line(4, 5, 6)])),
    [1, 2, 3, 255, 4, 5, 6, 255],
  ],
];
for (const [name, bytes, expected] of pngs) {
  Deno.test(`decodePicture() reads a PNG: ${name}`, async () => {
    const picture = await decodePicture(bytes, name);
    assert.deepEqual([...picture.rgba], expected);
    assert.deepEqual([picture.width, picture.height], [expected.length / 4, 1]);
  });
}

const encoder = await createEncoder({
  noInitialRun: true,
  async instantiateWasm(imports: WebAssembly.Imports, done: (i: WebAssembly.Instance) => void) {
    const url = new URL(import.meta.resolve("@jsquash/jpeg/codec/enc/mozjpeg_enc.wasm"));
    done((await WebAssembly.instantiate(await Deno.readFile(url), imports)).instance);
  },
});

/** A smooth 40 × 24 picture. */
const smooth = {
  width: 40,
  height: 24,
  rgba: Uint8Array.from({ length: 40 * 24 * 4 }, (_, i) => {
    const [x, y] = [(i >> 2) % 40, Math.floor((i >> 2) / 40)];
    return [x * 5, y * 9, 200 - 2 * x - 2 * y, 255][i % 4]!;
  }),
};

function jpeg(options: { color_space?: number; progressive?: boolean } = {}): Uint8Array {
  const settings = { ...defaultEncodeOptions, quality: 100, auto_subsample: false };
  const all = { ...settings, chroma_subsample: 1, ...options };
  return new Uint8Array(encoder.encode(smooth.rgba, smooth.width, smooth.height, all));
}

for (const progressive of [false, true]) {
  Deno.test(`decodePicture() reads a JPEG by its bytes, progressive ${progressive}`, async () => {
    const picture = await decodePicture(jpeg({ progressive }), "named.png");
    assert.deepEqual([picture.width, picture.height], [40, 24]);
    const apart = picture.rgba.map((byte, i) => Math.abs(byte - smooth.rgba[i]!));
    assert.ok(Math.max(...apart) <= 4, `off by ${Math.max(...apart)}`);
  });
}

Deno.test("decodePicture() reads a grey JPEG", async () => {
  const { rgba } = await decodePicture(jpeg({ color_space: 1 }), "grey.jpg");
  const light = 0.299 * 195 + 0.587 * 9 * 23 + 0.114 * (200 - 2 * 39 - 2 * 23);
  const last = [...rgba.subarray(-4)];
  assert.deepEqual(last, [last[0], last[0], last[0], 255]);
  assert.ok(Math.abs(last[0]! - light) <= 4);
});

/** Writes the number at the frame header of the JPEG. */
function patched(offset: number, ...bytes: number[]): Uint8Array {
  const file = jpeg();
  const frame = file.findIndex((byte, i) => byte === 0xFF && [0xC0, 0xC2].includes(file[i + 1]!));
  file.set(bytes, frame + offset);
  return file;
}

const whole = encodePng(smooth);
const flipped = whole.slice();
flipped[60]! ^= 1;
const bad: [string, Uint8Array, RegExp][] = [
  ["no bytes", new Uint8Array(0), /a PNG, JPEG or WebP picture but found no bytes$/],
  ["text", new TextEncoder().encode("GIF89a, not a picture"), /but found another format$/],
  ["a PNG magic only", whole.subarray(0, 8), /header is cut/],
  ["a PNG cut in its header", whole.subarray(0, 30), /header is cut/],
  ["a PNG cut in its pixels", whole.subarray(0, whole.length >> 1), /broken or cut/],
  ["a PNG with one bit flipped", flipped, /broken or cut/],
  ["a PNG with lines missing", png([2, 3, 8, 0, 0, 0, 0], line(10, 200)), /broken or cut/],
  [
    "an interlaced PNG with lines missing",
    png([2, 2, 8, 0, 0, 0, 1], new Uint8Array([...line(1), ...line(2)])),
    /broken or cut \(4 of 7 bytes of pixels\)$/,
  ],
  ["a PNG of 60000x60000", png([60000, 60000, 8, 2, 0, 0, 0], line(1)), /found 60000x60000$/],
  ["a PNG of 0x5", png([0, 5, 8, 2, 0, 0, 0], line(1)), /found 0x5$/],
  ["an interlaced PNG bomb", png([2, 1, 8, 2, 0, 0, 1], new Uint8Array(2 ** 22)), /broken or cut/],
  ["a JPEG magic only", jpeg().subarray(0, 3), /header is cut/],
  ["a JPEG cut in its tables", jpeg().subarray(0, 60), /header is cut/],
  [
    "a JPEG cut in its pixels",
    jpeg().subarray(0, jpeg().length - 200),
    /broken or cut \(Premature/,
  ],
  ["a JPEG of 60000x60000", patched(5, 0xEA, 0x60, 0xEA, 0x60), /found 60000x60000$/],
  [
    "a JPEG of 8000x8000 with bytes for less",
    patched(5, 0x1F, 0x40, 0x1F, 0x40),
    /broken or cut \(too few bytes for its size\)$/,
  ],
  ["a JPEG of 4 components with room for 3", patched(9, 4), /header is cut or broken$/],
];
for (const [name, bytes, message] of bad) {
  Deno.test(`decodePicture() refuses ${name}`, async () => {
    await assert.rejects(decodePicture(bytes, "folder/file.png"), (error: Error) => {
      assert.ok(error instanceof DataError, String(error));
      assert.match(error.message, /^Cannot read folder\/file\.png: expected [^\n]+$/);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("decodePicture() reads JPEG files after 150 broken ones, many at a time", async () => {
  const [good, cut] = [jpeg(), patched(11, 0x33)];
  const results = await Promise.allSettled(
    Array.from({ length: 300 }, (_, i) => decodePicture(i % 2 ? cut : good, "file")),
  );
  results.forEach(({ status }, i) => assert.equal(status, i % 2 ? "rejected" : "fulfilled"));
});

Deno.test("encodePng() and decodePicture() give a picture back, opaque RGB in the file", async () => {
  assert.deepEqual(await decodePicture(whole, "file"), smooth);
  assert.equal(pictureFormat(whole), "png");
  assert.equal(whole[25], 2);
  assert.deepEqual(new Uint8Array(PNG.sync.read(Buffer.from(whole)).data), smooth.rgba);
});
