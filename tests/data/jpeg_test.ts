import assert from "node:assert/strict";
import { encodeJpeg } from "../../lib/data/jpeg/encode.ts";
import { jpegRoundTrip } from "../../lib/data/jpeg/round_trip.ts";
import { decodePicture } from "../../lib/data/picture_file.ts";
import { Stream } from "../../lib/random/stream.ts";
import { golden } from "../golden.ts";

/** Made with Pillow 9.4 and libjpeg-turbo 2.1, written and read again: jpeg/size/quality. */
const tensors = golden("corruptions");

Deno.test("JPEG of any size and quality loses what Pillow's file loses, bit for bit", () => {
  let compared = 0;
  for (const [title, { data: expected, shape: [height, width] }] of tensors) {
    const [kind, size, quality] = title.split("/");
    if (kind !== "jpeg" || quality === "picture") continue;
    const picture = tensors.get(`jpeg/${size}/picture`)!.data as Uint8Array;
    assert.deepEqual(jpegRoundTrip(picture, width!, height!, Number(quality)), expected, title);
    compared++;
  }
  assert.equal(compared, 15);
});

/** The red, green and blue bytes of a file. */
async function decoded(file: Uint8Array): Promise<Uint8Array> {
  const { rgba } = await decodePicture(file, "file");
  return rgba.filter((_, i) => i % 4 < 3);
}

Deno.test("a JPEG file that is written holds the pixels of the round trip", async () => {
  const random = new Stream(1, 99);
  for (const [width, height] of [[1, 1], [16, 16], [33, 17], [130, 90]] as const) {
    const noise = new Uint8Array(width * height * 3).map(() => random.integer(256));
    const slope = noise.map((_, i) => (i % 3 + 1) * Math.floor(i / 3) % 251);
    for (const pixels of [noise, slope, noise.map((byte) => byte > 127 ? 255 : 0)]) {
      for (const quality of [1, 30, 85, 100]) {
        const file = encodeJpeg(pixels, width, height, quality);
        const expected = jpegRoundTrip(pixels, width, height, quality);
        assert.deepEqual(await decoded(file), expected, `${width}x${height} quality ${quality}`);
      }
    }
  }
});

Deno.test("a JPEG file has no side of more than 65,535 pixels", () => {
  const bytes = new Uint8Array(3 * 65536);
  assert.throws(() => encodeJpeg(bytes, 65536, 1, 85), /at most 65535 pixels but found 65536x1/);
});
