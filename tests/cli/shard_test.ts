import assert from "node:assert/strict";
import { UsageError } from "../../cli/error.ts";
import { readShard } from "../../cli/shard.ts";

Deno.test("--shard i/n counts from 0", () => {
  assert.deepEqual(readShard("0/4", undefined, {}), { index: 0, count: 4 });
  assert.deepEqual(readShard("3/4", undefined, {}), { index: 3, count: 4 });
});

Deno.test("--shard auto is the job's own number in Slurm arrays and Kubernetes indexed jobs", () => {
  const slurm = { SLURM_ARRAY_TASK_ID: "3", SLURM_ARRAY_TASK_COUNT: "4" };
  assert.deepEqual(readShard("auto", undefined, slurm), { index: 3, count: 4 });
  const fromOne = { ...slurm, SLURM_ARRAY_TASK_ID: "4", SLURM_ARRAY_TASK_MIN: "1" };
  assert.deepEqual(readShard("auto", undefined, fromOne), { index: 3, count: 4 });
  const byTens = { ...fromOne, SLURM_ARRAY_TASK_ID: "21", SLURM_ARRAY_TASK_STEP: "10" };
  assert.deepEqual(readShard("auto", undefined, byTens), { index: 2, count: 4 });
  assert.deepEqual(readShard("auto", 8, { JOB_COMPLETION_INDEX: "7" }), { index: 7, count: 8 });
});

Deno.test("a shard that there is not is refused, in words of the command line", () => {
  const refuses = (
    text: string,
    message: RegExp,
    environment: Record<string, string> = {},
    count?: number,
  ) =>
    assert.throws(() => readShard(text, count, environment), (error: Error) => {
      assert(error instanceof UsageError);
      assert.match(error.message, message);
      return true;
    });
  refuses("4/4", /the shard 4\/4: expected 0\/4 … 3\/4$/);
  refuses("0/0", /expected at least one shard$/);
  refuses("1-4", /the shard "1-4": expected i\/n, such as 0\/4, or auto$/);
  refuses("0/4", /--shard-count without --shard auto/, {}, 4);
  refuses(
    "auto",
    /neither SLURM_ARRAY_TASK_ID nor JOB_COMPLETION_INDEX is set; give --shard i\/n$/,
  );
  refuses("auto", /give --shard-count beside JOB_COMPLETION_INDEX$/, { JOB_COMPLETION_INDEX: "1" });
  refuses("auto", /the shard 8\/8: expected 0\/8/, { JOB_COMPLETION_INDEX: "8" }, 8);
  refuses("auto", /a whole number in JOB_COMPLETION_INDEX but found x$/, {
    JOB_COMPLETION_INDEX: "x",
  });
  const uneven = {
    SLURM_ARRAY_TASK_ID: "4",
    SLURM_ARRAY_TASK_COUNT: "4",
    SLURM_ARRAY_TASK_STEP: "3",
  };
  refuses("auto", /expected 0\/4/, uneven);
  const before = {
    SLURM_ARRAY_TASK_ID: "1",
    SLURM_ARRAY_TASK_COUNT: "4",
    SLURM_ARRAY_TASK_MIN: "2",
  };
  refuses("auto", /the shard -1\/4: expected 0\/4/, before);
});
