import assert from "node:assert/strict";
import { join } from "node:path";
import { openCorruptionFiles } from "../../lib/robustness/corruption_files.ts";
import { openSequenceFiles } from "../../lib/robustness/sequence_files.ts";
import { corrupted, test, writeCorruptions, writeNpy, writeSequences } from "./layouts.ts";
import { withFolder } from "../data/folder.ts";

/** Opens C in a folder and closes it. */
async function open(folder: string, notes: string[] = []) {
  const source = await openCorruptionFiles(folder, "c", test, (line) => notes.push(line));
  await source.close();
  return source.description;
}

const rejects = (work: Promise<unknown>, message: RegExp) =>
  assert.rejects(work, (error: Error) => {
    assert.equal(error.name, "DataError");
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });

/** What is written for most errors: 5 severities of the 20 test pictures. */
const shape = [100, 32, 32, 3];
const bytes = new Uint8Array(100 * 3072);

Deno.test("C's files give each severity's pictures and labels, and tell what else is there", () =>
  withFolder(async (folder) => {
    await writeCorruptions(folder, ["speckle_noise", "fog", "gaussian_noise"]);
    await writeNpy(join(folder, "plasma_noise.npy"), "|u1", shape, bytes);
    const source = await openCorruptionFiles(folder, "c", test);
    const severities = [1, 2, 3, 4, 5];
    const { found, count, unknown_files } = source.description;
    assert.deepEqual(found, [
      { name: "gaussian_noise", severities },
      { name: "fog", severities },
      { name: "speckle_noise", severities },
    ]);
    assert.deepEqual({ count, unknown_files }, { count: 20, unknown_files: ["plasma_noise.npy"] });
    const rows = await source.read("fog", 4, 3, 5);
    assert.deepEqual(rows, corrupted(4, "fog").subarray(3 * 3072, 8 * 3072));
    assert.deepEqual([...source.labels(4) as number[]], [...test.labels]);
    await source.close();
  }));

Deno.test("a file of fewer severities has the first ones", () =>
  withFolder(async (folder) => {
    await writeCorruptions(folder, ["fog"], 2);
    assert.deepEqual((await open(folder)).found, [{ name: "fog", severities: [1, 2] }]);
  }));

Deno.test("labels may be of one severity, of other pictures than the test set, or not there", () =>
  withFolder(async (folder) => {
    await writeCorruptions(folder, ["fog"]);
    const labels = join(folder, "labels.npy"), notes: string[] = [];
    await writeNpy(labels, "|u1", [20], test.labels);
    assert.equal((await open(folder, notes)).count, 20);
    await Deno.remove(labels);
    assert.equal((await open(folder, notes)).count, 20);
    assert.deepEqual(notes, [
      `note: ${labels} is not there: the labels of the test set are used`,
    ]);
    await writeNpy(join(folder, "fog.npy"), "|u1", [10, 32, 32, 3], bytes.subarray(0, 30720));
    await writeNpy(labels, "|u1", [10], Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 0));
    const source = await openCorruptionFiles(folder, "c", test);
    assert.equal(source.description.count, 2);
    assert.deepEqual(source.labels(2), [3, 4]);
    await source.close();
    // As many labels as test pictures, but of four pictures, once for each severity.
    await writeNpy(join(folder, "fog.npy"), "|u1", [20, 32, 32, 3], bytes.subarray(0, 61440));
    await writeNpy(labels, "|u1", [20], new Uint8Array(20).map((_, i) => 9 - i % 4));
    const described = await open(folder);
    assert.deepEqual([described.count, described.found[0]!.severities.length], [4, 5]);
  }));

Deno.test("C's files are refused by name where labels disagree with the test set", () =>
  withFolder(async (folder) => {
    await writeCorruptions(folder, ["fog"]);
    const labels = join(folder, "labels.npy");
    const write = (values: Uint8Array) => writeNpy(labels, "|u1", [values.length], values);
    const wrong = new Uint8Array(100).map((_, i) => test.labels[i % 20]!);
    wrong[27] = (wrong[27]! + 1) % 10;
    await write(wrong);
    await rejects(
      open(folder),
      /labels\.npy: expected the labels of the 20 test pictures of shapes but found 8 for 7 in row 27/,
    );
    await write(new Uint8Array(100).fill(73));
    await rejects(
      open(folder),
      /labels\.npy: expected labels from 0 to 9, of shapes but found 73$/,
    );
    await write(new Uint8Array(99));
    await rejects(open(folder), /labels\.npy: expected 5 labels for each picture but found 99$/);
    await write(new Uint8Array(0));
    await rejects(open(folder), /expected 5 labels for each picture but found 0$/);
  }));

Deno.test("C's files are refused by name where they are not as they should be", () =>
  withFolder(async (folder) => {
    await writeCorruptions(folder, ["fog"]);
    const snow = join(folder, "snow.npy");
    const refuses = async (message: RegExp) => {
      await rejects(open(folder), message);
      assert.match(String(await open(folder).catch((error) => error)), /snow\.npy/);
    };
    await writeNpy(snow, "|u1", [98, 32, 32, 3], bytes.subarray(2 * 3072));
    await refuses(/expected 100 pictures, 5 severities of 20 as the labels say but found 98$/);
    await writeNpy(snow, "|u1", [120, 32, 32, 3], new Uint8Array(120 * 3072));
    await refuses(/expected 100 pictures, .* but found 120$/);
    await writeNpy(snow, "|u1", [100, 3, 32, 32], bytes);
    await refuses(/expected shape \(any, 32, 32, 3\) but found \(100, 3, 32, 32\)$/);
    await writeNpy(snow, "<f4", [25, 32, 32, 3], bytes);
    await refuses(/expected values of type \|u1 but found <f4$/);
    await writeNpy(snow, "|u1", shape, bytes.subarray(1));
    await refuses(/expected 307200 bytes of values, shape \(100, 32, 32, 3\) but found 307199$/);
    await writeNpy(snow, "|u1", shape, bytes);
    const file = await Deno.readFile(snow);
    file.set(
      new TextEncoder().encode("True, "),
      new TextDecoder("latin1").decode(file).indexOf("Fal"),
    );
    await Deno.writeFile(snow, file);
    await refuses(/expected C order but found Fortran order; save it C-contiguous$/);
    await Deno.writeTextFile(snow, "no npy");
    await refuses(/expected an npy file but found another beginning$/);
  }));

Deno.test("folders are refused that are not there, are files, or have nothing of the suite", () =>
  withFolder(async (folder) => {
    await rejects(
      open(join(folder, "x")),
      /x: expected a folder \(--c-dir\) but found nothing the/,
    );
    await rejects(
      open(folder),
      /at least one of gaussian_noise\.npy, shot_noise\.npy, .* but found none/,
    );
    await Deno.writeTextFile(join(folder, "x"), "");
    await rejects(open(join(folder, "x")), /expected a folder \(--c-dir\) but found a file$/);
  }));

Deno.test("P's files give videos; stronger noise has files of its own", () =>
  withFolder(async (folder) => {
    await writeSequences(folder, ["snow", "gaussian_noise", "gaussian_noise_2", "shear", "spin"]);
    const at = async (difficulty: number) => {
      const source = await openSequenceFiles(folder, test, difficulty);
      const rows = await source.read("gaussian_noise", 1, 2);
      await source.close();
      return { ...source.description, rows };
    };
    const { found, unknown_files, rows } = await at(1);
    const size = { videos: 4, frames: 3 };
    assert.deepEqual(found.map(({ name }) => name), ["gaussian_noise", "snow", "shear"]);
    assert.deepEqual(found[1], { name: "snow", ...size });
    assert.deepEqual(unknown_files, ["spin.npy"]);
    const expected = corrupted(3, "gaussian_noise").subarray(3072, 2 * 3072);
    assert.deepEqual(rows.subarray(3072, 2 * 3072), expected);
    assert.equal(rows.length, 2 * 3 * 3072);
    const harder = await at(2);
    assert.deepEqual(harder.found.map(({ name }) => name), ["gaussian_noise", "snow", "shear"]);
    assert.notDeepEqual(harder.rows, rows);
  }));

Deno.test("P's files are refused by name where nothing can be compared", () =>
  withFolder(async (folder) => {
    await writeSequences(folder, ["snow"]);
    await rejects(
      openSequenceFiles(folder, test, 3),
      /snow\.npy: expected videos of more than 3 fra/,
    );
    await writeNpy(join(folder, "snow.npy"), "|u1", [0, 3, 32, 32, 3], new Uint8Array(0));
    await rejects(openSequenceFiles(folder, test, 1), /found shape \(0, 3, 32, 32, 3\)$/);
    await writeNpy(join(folder, "snow.npy"), "|u1", [12, 32, 32, 3], new Uint8Array(12 * 3072));
    await rejects(openSequenceFiles(folder, test, 1), /expected shape \(any, any, 32, 32, 3\)/);
  }));
