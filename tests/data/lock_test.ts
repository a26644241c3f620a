import assert from "node:assert/strict";
import { join } from "node:path";
import { withLock } from "../../lib/data/lock.ts";
import { withFolder } from "./folder.ts";

Deno.test("withLock() lets one work at a time, even after an error, and leaves nothing", () =>
  withFolder(async (folder) => {
    const path = join(folder, "lock"), log: string[] = [];
    // What a killed process left is no lock.
    await Deno.writeTextFile(path, "");
    let second: Promise<string> | undefined;
    const first = withLock(path, async () => {
      log.push("a begins");
      await new Promise<void>((resolve) => {
        const waiting = () => {
          log.push("b waits");
          resolve();
        };
        second = withLock(path, () => Promise.resolve(`${log.push("b begins")}`), { waiting });
      });
      log.push("a ends");
      throw new Error("a fails");
    });
    await assert.rejects(first, { message: "a fails" });
    assert.equal(await second, "4");
    assert.deepEqual(log, ["a begins", "b waits", "a ends", "b begins"]);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }));

Deno.test("withLock() ends waiting when told", () =>
  withFolder(async (folder) => {
    const path = join(folder, "lock"), stop = new AbortController();
    await withLock(path, async () => {
      const second = withLock(path, () => Promise.reject(new Error("must not begin")), {
        waiting: () => stop.abort(),
        signal: stop.signal,
      });
      await assert.rejects(second, { name: "AbortError" });
    });
    const absent = join(folder, "absent/lock");
    await assert.rejects(withLock(absent, () => Promise.resolve()), {
      name: "DataError",
      message: /^Cannot write \S+lock: its folder does not exist$/,
    });
  }));
