import { equal, ok } from "node:assert/strict";
import { type OpName, ops } from "../../lib/augment/ops.ts";
import type { Operand, PicturePlan, Stage } from "../../lib/augment/plan.ts";
import { Scheduler } from "../../lib/augment/schedule.ts";
import {
  type BlendJob,
  type MethodLayout,
  type Place,
  slotCount,
  type UnaryJob,
} from "../../lib/augment/jobs.ts";
import { Stream } from "../../lib/random/stream.ts";

const layout: MethodLayout = {
  ...{ slots: 3, temporaries: 2, tables: 16, rounds: 40, jobs: 99, blends: ["add"] },
};

/** A plan of random stages that read only what was written. */
function randomPlan(stream: Stream): PicturePlan {
  const filled = new Set([0]);
  const some = () => [...filled][stream.integer(filled.size)]!;
  const operand = (): Operand => {
    const from = stream.integer(4) === 0 ? "mixing" : some();
    const op =
      (["rotate", "equalize", "contrast", "posterize", undefined] as const)[stream.integer(5)];
    return op ? { from, op, value: stream.integer(90) } : { from };
  };
  const stages = Array.from({ length: 1 + stream.integer(6) }, (_, i, count = 6): Stage => {
    const a = operand();
    const blended = stream.chance();
    const places = [0, 1, 2].filter((slot) => blended || slot !== a.from);
    const to = places[stream.integer(places.length)]!;
    const stage: Stage = blended
      ? { a, b: operand(), blend: { kind: "add", a: i, b: count }, to }
      : { a, to };
    filled.add(to);
    return stage;
  });
  stages.push({ a: operand(), to: "output" });
  const crop = { top: 0, left: 0, flip: false };
  return { index: 0, epoch: 0, crop, mixing: { picture: 0, top: 0, left: 0 }, stages };
}

/** What a plan means, as a formula, when its stages are run one after the other. */
function meaning({ stages }: PicturePlan): string {
  const slots = ["crop", "", ""];
  let output = "";
  const read = ({ from, op, value = 0 }: Operand) => {
    const source = typeof from === "string" ? from : slots[from]!;
    return op ? `${op}(${source}, ${value})` : source;
  };
  for (const { a, b, blend, to } of stages) {
    const result = b ? `blend(${read(a)}, ${read(b)}, ${JSON.stringify(blend)})` : read(a);
    if (to === "output") output = result;
    else slots[to] = result;
  }
  return output;
}

type Job = UnaryJob | BlendJob;

/**
 * What the jobs make, round after round, level after level. What is read of other pixels, or was measured, has to be
 * there since a round before, and nobody may write it in the same one.
 */
function outcome(jobs: readonly Job[]): string {
  const slots = new Array<string>(slotCount(layout)).fill("nothing");
  const tables: Record<number, { counted?: string; isReady: boolean }> = {};
  let output = "";
  for (let round = 0; round < layout.rounds; round++) {
    const before = [...slots], ready = new Set<number>();
    const across = new Set<number>(), written = new Set<Place>();
    // Of the same level the last comes first here: none of them may need another.
    const turn = jobs.filter((one) => one.round === round).reverse();
    for (const job of turn.sort((a, b) => a.level - b.level)) {
      const { to } = job;
      let result: string;
      if (!("kind" in job)) {
        result = `blend(${slots[job.a]}, ${slots[job.b]}, ${JSON.stringify(job.blend)})`;
      } else if (/^(clear|count_|finish_)/.test(job.kind)) {
        if (job.kind === "clear") {
          ok(!tables[job.table], "a table is measured once");
          tables[job.table] = { isReady: false };
        } else if (job.kind.startsWith("count")) {
          ok(tables[job.table] && !ready.has(job.table), "cleared in a round before");
          tables[job.table]!.counted = slots[job.from]!;
        } else {
          ok(tables[job.table]?.counted && !ready.has(job.table), "counted in a round before");
          tables[job.table]!.isReady = true;
        }
        ready.add(job.table);
        continue;
      } else if (job.kind === "crop" || job.kind === "mixing") {
        result = job.kind;
      } else {
        const { affine, statistics } = ops[job.kind as OpName] ?? {};
        if (affine) {
          equal(slots[job.from], before[job.from], "made in a round before");
          ok(!written.has(job.from));
          across.add(job.from);
        }
        if (statistics) {
          equal(tables[job.table]!.counted, slots[job.from]);
          ok(tables[job.table]!.isReady && !ready.has(job.table), "ready in a round before");
        }
        result = job.kind === "copy"
          ? slots[job.from]!
          : `${job.kind}(${slots[job.from]}, ${job.value})`;
      }
      ok(!across.has(to as number), "others still read it");
      written.add(to);
      if (to === "output") output = result;
      else slots[to] = result;
    }
  }
  return output;
}

Deno.test("jobs in their rounds mean what the plan means", () => {
  const stream = new Stream(1, 99);
  const scheduler = new Scheduler(layout);
  let [measurements, rounds, levels, total] = [0, 0, 0, 0];
  for (let n = 0; n < 2000; n++) {
    const plan = randomPlan(stream);
    const jobs: Job[] = [];
    scheduler.schedule(plan, { unary: (job) => jobs.push(job), blend: (job) => jobs.push(job) });
    equal(outcome(jobs), meaning(plan));
    total += jobs.length;
    rounds += Math.max(...jobs.map(({ round }) => round)) + 1;
    levels += new Set(jobs.map(({ round, level }) => `${round} ${level}`)).size;
    measurements += jobs.filter((job) => "kind" in job && job.kind === "count_levels").length;
  }
  ok(measurements > 500 && total > 10000);
  // Jobs for the same pixels share a round, and what is independent shares a level.
  ok(levels < total / 1.3, `${levels} levels of ${total} jobs`);
  ok(rounds < total / 2, `${rounds} rounds of ${total} jobs`);
});
