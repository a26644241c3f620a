import assert from "node:assert/strict";
import { join } from "node:path";
import { FOLDER_LOCK, withOutputFolder } from "../../lib/data/output_folder.ts";
import { withFolder } from "./folder.ts";

Deno.test("withOutputFolder() refuses a second process by name, and leaves nothing", () =>
  withFolder(async (root) => {
    const folder = join(root, "a/b");
    const work = () =>
      withOutputFolder(folder, async () => {
        await assert.rejects(() => withOutputFolder(folder, () => Promise.resolve()), {
          name: "DataError",
          message: `Cannot write to ${folder}: another process is writing to it; wait for its ` +
            "end, or give another folder",
        });
        assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), [FOLDER_LOCK]);
        throw new Error("full");
      });
    await assert.rejects(work, { message: "full" });
    assert.deepEqual([...Deno.readDirSync(folder)], []);
    // What a killed process left is no lock.
    await Deno.writeTextFile(join(folder, FOLDER_LOCK), "");
    assert.equal(await withOutputFolder(folder, () => Promise.resolve(1)), 1);
    await Deno.writeTextFile(join(root, "file"), "");
    await assert.rejects(
      () => withOutputFolder(join(root, "file"), work),
      /Cannot read .*file: expected a folder but found a file$/,
    );
  }));
