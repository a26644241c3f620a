import assert from "node:assert/strict";
import { join } from "node:path";
import { type EpochRecord, openRun, type RunRecord } from "../../lib/train/run_record.ts";

function epoch(number: number): EpochRecord {
  return {
    epoch: number,
    seconds: 12.34,
    train_loss: 2 / number,
    test_loss: 3 / number,
    test_error: 0.1234,
    learning_rate: 0.1,
  };
}

/** Runs the test in a new folder and gives back both logs. */
async function logsOf(
  test: (run: RunRecord, folder: string) => Promise<void>,
): Promise<[string, string]> {
  const folder = await Deno.makeTempDir();
  try {
    const run = await openRun(folder);
    await test(run, folder);
    await run.close();
    const logs = ["log.csv", "log.jsonl"].map((name) => Deno.readTextFile(join(folder, name)));
    const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert(!names.some((name) => /tmp|lock/.test(name)), names.join());
    return await Promise.all(logs) as [string, string];
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("append() writes one row an epoch, with the test error in percent", async () => {
  const [csv, jsonl] = await logsOf(async (run) => {
    await run.append(epoch(1));
    await run.append(epoch(2));
  });
  assert.equal(
    csv,
    "epoch,time(s),train_loss,test_loss,test_error(%)\n" +
      "1,12.3,2.000000,3.000000,12.340\n2,12.3,1.000000,1.500000,12.340\n",
  );
  assert.deepEqual(jsonl.trim().split("\n").map((line) => JSON.parse(line)), [epoch(1), epoch(2)]);
});

Deno.test("resume() leaves the logs as if the dropped rows had never been", async () => {
  const numbers = [1, 2, 9, 10, 11];
  const straight = await logsOf(async (run) => {
    for (const number of numbers) await run.append(epoch(number));
  });
  const resumed = await logsOf(async (run, folder) => {
    for (const number of [1, 2, 9, 10, 11]) await run.append({ ...epoch(number), late: true });
    await run.resume(0);
    for (const number of [1, 2, 9]) await run.append(epoch(number));
    for (const number of [10, 11, 20]) await run.append({ ...epoch(number), late: true });
    const half = { append: true };
    await Deno.writeTextFile(join(folder, "log.csv"), "2", half); // the power went out here
    await Deno.writeTextFile(join(folder, "log.jsonl"), '{"epoch":1}', half);
    await run.resume(10);
    for (const number of [10, 11]) await run.append(epoch(number));
  });
  assert.deepEqual(resumed, straight);
});

Deno.test("resume() of a folder without logs begins them", async () => {
  assert.deepEqual(await logsOf((run) => run.resume(3)), [
    "epoch,time(s),train_loss,test_loss,test_error(%)\n",
    "",
  ]);
});

Deno.test("resume() keeps rows of a diverged run and drops damaged lines", async () => {
  const [csv, jsonl] = await logsOf(async (run, folder) => {
    await run.append({ ...epoch(1), train_loss: NaN });
    await Deno.writeTextFile(join(folder, "log.csv"), "1,x\n\n", { append: true });
    await Deno.writeTextFile(join(folder, "log.jsonl"), "null\n{\n", { append: true });
    await run.resume(2);
  });
  assert.match(csv, /\)\n1,12\.3,NaN,3\.000000,12\.340\n$/);
  assert.equal(JSON.parse(jsonl).train_loss, null);
});

Deno.test("describe() writes run.json", async () => {
  const description = {
    flags: { epochs: 100 },
    settings: { dataset: "cifar10", epochs: 100 },
    versions: { deno: "2.9.6" },
    adapter: "llvmpipe",
    data: { train: { fingerprint: "abc" } },
    started: "2026-01-01T00:00:00.000Z",
  };
  await logsOf(async (run, folder) => {
    await run.resume(0);
    await run.describe({ ...description, adapter: "old" });
    await run.describe(description);
    assert.deepEqual(JSON.parse(await Deno.readTextFile(join(folder, "run.json"))), description);
  });
});

Deno.test("openRun() refuses a folder that is in use, until it is closed", async () => {
  const parent = await Deno.makeTempDir();
  const folder = join(parent, "new", "run");
  const first = await openRun(folder);
  const expected = `Cannot train into ${folder}: another run (pid ${Deno.pid}) is using it`;
  await assert.rejects(() => openRun(folder), (error) => {
    assert.equal((error as Error).message, expected);
    return true;
  });
  await first.close();
  await (await openRun(folder)).close();
  await Deno.remove(parent, { recursive: true });
});

Deno.test("openRun() takes over the lock of a run that was killed", async () => {
  const folder = await Deno.makeTempDir();
  const code = `const { openRun } = await import(Deno.args[0]);
    await openRun(Deno.args[1]); Deno.kill(Deno.pid, "SIGKILL");`;
  const module = new URL("../../lib/train/run_record.ts", import.meta.url).href;
  await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", code, module, folder],
    cwd: new URL("../..", import.meta.url),
  }).output();
  const stale = await Deno.readTextFile(join(folder, "run.lock"));
  assert.match(stale, /^\d+\n$/);
  const run = await openRun(folder);
  assert.equal(await Deno.readTextFile(join(folder, "run.lock")), `${Deno.pid}\n`);
  await run.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openRun() lets one of many win", async () => {
  const folder = await Deno.makeTempDir();
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => openRun(folder)));
  const won = tries.filter((result) => result.status === "fulfilled");
  assert.equal(won.length, 1);
  await won[0]!.value.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openRun() names the folder it cannot make", async () => {
  const file = await Deno.makeTempFile();
  await assert.rejects(() => openRun(join(file, "run")), /^Error: Cannot train into .*run: /);
  await Deno.remove(file);
});
