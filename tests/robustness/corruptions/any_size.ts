import assert from "node:assert/strict";
import type { Picture, Severity } from "../../../lib/robustness/corruptions/corruption.ts";
import { noisy, plain } from "./pictures.ts";

/** Asserts that pictures down to a single pixel give as many bytes, the same twice, and stay. */
export function takesAnySize(
  corrupted: (picture: Picture, severity: Severity) => Uint8Array,
): void {
  for (const [width, height] of [[1, 1], [1, 7], [5, 2], [33, 19], [70, 9]] as const) {
    for (const picture of [noisy(width, height), plain(width, height, [1, 0, 0.5])]) {
      const before = picture.rgb.slice();
      for (const severity of [1, 3, 5] as const) {
        const once = corrupted(picture, severity);
        assert.equal(once.length, width * height * 3);
        assert.deepEqual(corrupted(picture, severity), once);
      }
      assert.deepEqual(picture.rgb, before);
    }
  }
}
