import assert from "node:assert/strict";
import { DataError } from "../../lib/data/error.ts";
import { decodePicture } from "../../lib/data/picture_file.ts";
import { Stream } from "../../lib/random/stream.ts";
import { goldenPicture, goldenPictures, rgbHash } from "./golden_pictures.ts";

const { decoded } = goldenPictures;

for (const [name, { mode, width, height, sha256 }] of Object.entries(decoded)) {
  if (name === "arithmetic.jpg") continue;
  Deno.test(`decodePicture() gives PIL's pixels of ${name}, mode ${mode}`, async () => {
    const picture = await decodePicture(goldenPicture(name), name);
    assert.deepEqual([picture.width, picture.height], [width, height]);
    assert.equal(rgbHash(picture.rgba), sha256);
  });
}

Deno.test("decodePicture() refuses arithmetic coding and animations by name", async () => {
  const refused = (bytes: Uint8Array, message: RegExp) =>
    assert.rejects(decodePicture(bytes, "it"), { name: "DataError", message });
  await refused(goldenPicture("arithmetic.jpg"), /arithmetic coding is not implemented/);
  const [start, chunk] = [goldenPicture("lossy.webp"), new Uint8Array(18)];
  chunk.set(new TextEncoder().encode("VP8X"));
  chunk.set([10, 0, 0, 0, 2], 4);
  const animated = new Uint8Array([...start.subarray(0, 12), ...chunk, ...start.subarray(12)]);
  await refused(animated, /a still WebP picture but found an animated one$/);
});

Deno.test("decodePicture() refuses a scan that names a component again and again", async () => {
  const bytes = goldenPicture("cmyk.jpg");
  const scan = bytes.findIndex((byte, i) => byte === 0xFF && bytes[i + 1] === 0xDA);
  const [id] = bytes.subarray(scan + 5), length = 2 + 1 + 2 * 255 + 3;
  const names = Array.from({ length: 255 }, () => [id!, 0]).flat();
  const header = [0xFF, 0xDA, length >> 8, length & 255, 255, ...names, 0, 63, 0];
  const changed = [...bytes.subarray(0, scan), ...header, ...bytes.subarray(scan + 14)];
  await assert.rejects(decodePicture(Uint8Array.from(changed), "it"), {
    name: "DataError",
    message: /a scan of more components than there are/,
  });
});

for (const name of ["cmyk-restarts.jpg", "baseline-440.jpg", "lossy.webp", "alpha.webp"]) {
  Deno.test(`decodePicture() refuses ${name} cut anywhere, naming it`, async () => {
    const whole = goldenPicture(name);
    for (const share of [0.002, 0.01, 0.05, 0.2, 0.5, 0.9]) {
      const cut = whole.subarray(0, Math.ceil(whole.length * share));
      await assert.rejects(decodePicture(cut, "it"), {
        name: "DataError",
        message: /^Cannot read it: expected a[^\n]* but found /,
      });
    }
  });
}

Deno.test("decodePicture() survives flipped bits: a picture or a DataError", async () => {
  const stream = new Stream(3, 0);
  let refused = 0;
  for (const name of ["cmyk-420.jpg", "cmyk-progressive-restarts.jpg", "lossless.webp"]) {
    for (let i = 0; i < 60; i++) {
      const bytes = goldenPicture(name);
      for (let k = 0; k < 3; k++) bytes[stream.integer(bytes.length)]! ^= 1 << stream.integer(8);
      await decodePicture(bytes, name).catch((error) => {
        assert.ok(error instanceof DataError, String(error.stack));
        refused++;
      });
    }
  }
  assert.ok(refused > 20 && refused < 180, `${refused} refused`);
});
