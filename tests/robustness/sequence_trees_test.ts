import assert from "node:assert/strict";
import { join } from "node:path";
import type { CorruptPicture } from "../../lib/data/corrupt_pictures.ts";
import { encodeNpyHeader } from "../../lib/data/npy.ts";
import { encodePng } from "../../lib/data/picture_file.ts";
import { openSequenceTrees } from "../../lib/robustness/sequence_trees.ts";
import { StreamedReader } from "../../lib/robustness/streamed_reader.ts";
import { refused, write } from "../data/trees.ts";
import { isInstalled } from "../installed.ts";
import { ended } from "../train/fixture.ts";
import { SIDE, six, withImageNet } from "./imagenet_fixture.ts";

const view = { kind: "evaluation", resize: SIDE, size: SIDE } as const;
const classes = six.slice(0, 2);
const VIDEO = 3 * SIDE * SIDE;

/** Frames of one color each, as `layermix corrupt p --images` writes them. */
function npy(levels: readonly number[]): Uint8Array {
  const header = encodeNpyHeader("|u1", [levels.length, SIDE, SIDE, 3]);
  const bytes = new Uint8Array(header.length + levels.length * VIDEO);
  bytes.set(header);
  levels.forEach((level, i) => {
    const start = header.length + i * VIDEO;
    bytes.fill(level, start, start + VIDEO);
  });
  return bytes;
}

const open = (folder: string, difficulty = 1, notes: string[] = []) =>
  openSequenceTrees(folder, difficulty, {
    ...{ classes, view, reader: new StreamedReader(1), workers: 2 },
    note: (line) => notes.push(line),
  });

/** The level of each frame. */
const levels = (bytes: Uint8Array) =>
  Array.from({ length: bytes.length / VIDEO }, (_, i) => {
    const frame = bytes.subarray(i * VIDEO, (i + 1) * VIDEO);
    assert(frame.every((level) => level === frame[0]), "frames are of one color");
    return frame[0];
  });

const [first, second] = classes as [string, string];

Deno.test("videos of frames are found by class, and read as they are", () =>
  withImageNet({
    [`p/snow/${first}/a.npy`]: npy([1, 2, 3]),
    [`p/snow/${second}/b.npy`]: npy([4, 5, 6]),
    [`p/snow/${second}/c.npy`]: npy([7, 8, 9]),
    [`p/gaussian_noise_2/${first}/a.npy`]: npy([1, 2]),
    [`p/hail/${first}/a.npy`]: npy([1, 2]),
    [`p/snow/other/c.npy`]: npy([7, 8, 9]),
  }, async (path) => {
    const notes: string[] = [];
    const { description, read } = await open(path("p"), 1, notes);
    assert.deepEqual(description.found, [{ name: "snow", videos: 3, frames: 3 }]);
    assert.deepEqual(description.unknown_files, ["hail"]);
    assert.deepEqual([description.unknown_classes, notes.length], [["other"], 1]);
    assert.deepEqual(levels(await read("snow", 1, 2)), [4, 5, 6, 7, 8, 9]);
    const harder = await open(path("p"), 2);
    assert.deepEqual(harder.description.found.map(({ name }) => name), ["gaussian_noise", "snow"]);
    assert.notEqual(harder.description.fingerprint, description.fingerprint);
  }));

Deno.test("videos that cannot be read do not count, and are named; more than 1 % end it", () =>
  withImageNet({ [`q/snow/${first}/a.npy`]: npy([1, 2]) }, async (path) => {
    const files: Record<string, Uint8Array> = {};
    for (let i = 0; i < 101; i++) files[`p/snow/${first}/${1000 + i}.npy`] = npy([i, i]);
    files[`p/snow/${first}/1001.npy`] = npy([1, 1, 1]);
    files[`p/snow/${second}/a.npy`] = npy([0, 0]);
    files[`q/snow/${second}/a.npy`] = npy([3]);
    await write(path(""), files);
    const told: CorruptPicture[] = [];
    const { read } = await open(path("p"));
    assert.deepEqual(levels(await read("snow", 0, 3, (one) => told.push(one))), [0, 0, 2, 2]);
    assert.deepEqual(told.map(({ name }) => name), [`${first}/1001.npy`]);
    assert.match(told[0]!.reason, /1001\.npy: expected 2 frames but found more$/);
    const worse = await open(path("q"));
    await assert.rejects(
      worse.read("snow", 0, 2),
      /at most 0 unreadable .* expected 2 frames but fo/,
    );
  }));

Deno.test("folders of something else are refused by their path", () =>
  withImageNet({
    [`one/snow/${first}/a.npy`]: npy([1]),
    [`classes/snow/ant/a.npy`]: npy([1, 2]),
    [`text/snow/${first}/a.npy`]: new TextEncoder().encode("no frames"),
    [`empty/snow/${first}`]: null,
    "wrong/hail/1": null,
  }, async (path) => {
    await refused(open(path("one")), /a\.npy: expected more than 1 frames but found 1$/);
    await refused(open(path("classes")), /snow: expected a folder for each class of the network/);
    await refused(open(path("text")), /a\.npy: /);
    await refused(
      open(path("empty")),
      /at least one \.mp4 or \.npy video of each class but found n/,
    );
    await refused(open(path("wrong")), /folders such as gaussian_noise but found hail; is it the/);
    await refused(open(path("none")), /none: expected a folder \(--imagenet-p-dir\) but found/);
  }));

const hasFfmpeg = isInstalled("ffmpeg", ["-version"]);

Deno.test({
  name: hasFfmpeg
    ? "MP4 videos are decoded by ffmpeg, frame by frame, whatever files are named and hold"
    : "MP4 videos are decoded by ffmpeg, which is not there",
  ignore: !hasFfmpeg,
  fn: () =>
    withImageNet({ "frames": null, [`p/snow/${first}`]: null }, async (path) => {
      const shades = [16, 64, 112, 160, 208];
      for (const [i, level] of shades.entries()) {
        const rgba = new Uint8Array(4 * 64 * 64).map((_, i) => i % 4 === 3 ? 255 : level);
        const picture = encodePng({ width: 64, height: 64, rgba });
        await Deno.writeFile(path(`frames/${i}.png`), picture);
      }
      const strange = join(path(`p/snow/${first}`), "-i concat:a|b $(x).mp4");
      const { code } = await new Deno.Command("ffmpeg", {
        args: [
          ...["-v", "error", "-i", path("frames/%d.png"), "-c:v", "mpeg4", "-qscale:v", "1"],
          ...["-f", "mp4", `file:${strange}`],
        ],
      }).output();
      assert.equal(code, 0);
      const { description, read } = await open(path("p"));
      assert.deepEqual(description.found, [{ name: "snow", videos: 1, frames: 5 }]);
      const bytes = await read("snow", 0, 1);
      shades.forEach((level, i) => {
        const found = bytes[i * VIDEO + VIDEO / 2]!;
        assert(Math.abs(found - level) <= 6, `${found} for ${level} in frame ${i}`);
      });
      const whole = await Deno.readFile(strange);
      await Deno.remove(strange);
      const list = new TextEncoder().encode("ffconcat version 1.0\nfile '/etc/hostname'\n");
      await Deno.writeFile(path(`p/snow/${first}/0.mp4`), list);
      await refused(open(path("p")), /0\.mp4: expected an MP4 video but found /);
      await Deno.writeFile(path(`p/snow/${first}/0.mp4`), whole.subarray(0, whole.length / 2));
      await refused(
        open(path("p")),
        /0\.mp4: expected an MP4 video but found \S/,
      );
    }),
});

Deno.test("without ffmpeg one line says what to install", () =>
  withImageNet({ [`p/snow/${first}/a.mp4`]: new Uint8Array(9) }, async (path) => {
    const module = new URL("../../lib/robustness/video_frames.ts", import.meta.url).href;
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const script = `import { openVideoDecoder } from "${module}";
      try { await openVideoDecoder(); } catch (error) { console.log(error.name, error.message); }`;
    await Deno.writeTextFile(path("script.ts"), script);
    const run = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--quiet", "--config", config, path("script.ts")],
      env: { PATH: "" },
    });
    const { stdout, stderr } = ended(await run.output());
    assert.match(
      stdout,
      /^DataError Cannot read videos: expected the program ffmpeg but found none; install it \(Deb.*\n$/,
      stderr,
    );
  }));
