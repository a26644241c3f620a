import { equal, ok } from "node:assert/strict";
import { type OpName, ops, statisticsKinds } from "../../lib/augment/ops.ts";
import type { Operand, PicturePlan, Stage } from "../../lib/augment/plan.ts";
import {
  type BlendJob,
  type MethodLayout,
  type Place,
  Scheduler,
  slotCount,
  type UnaryJob,
} from "../../lib/augment/schedule.ts";
import { Stream } from "../../lib/random/stream.ts";

const layout: MethodLayout = {
  phases: Array.from({ length: 12 }, () => ["statistics", "unary", "blend"] as const).flat(),
  ...{ slots: 3, temporaries: 2, jobs: 40 },
};

/** A plan of random stages that read only what was written. */
function randomPlan(stream: Stream): PicturePlan {
  const filled = new Set([0]);
  const some = () => [...filled][stream.integer(filled.size)]!;
  const operand = (): Operand => {
    const from = stream.integer(4) === 0 ? "mixing" : some();
    const op = (["rotate", "equalize", "contrast", undefined] as const)[stream.integer(4)];
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

type Job = (UnaryJob | BlendJob) & { phase: number };

/** What the jobs make when all of a phase run at the same time. */
function outcome(jobs: readonly Job[]): string {
  const slots = new Array<string>(slotCount(layout)).fill("nothing");
  const measured = new Map<string, string>();
  let output = "";
  for (const [phase, kind] of layout.phases.entries()) {
    const now = jobs.filter((job) => job.phase === phase);
    const written = now.filter(({ to }) => to !== "output").map(({ to }) => to);
    equal(new Set(written).size, written.length, "two jobs of a launch write one slot");
    const results = now.map((job): [Place, string] => {
      if (!("kind" in job)) {
        equal(kind, "blend");
        const { a, b, to, blend } = job;
        for (const slot of [a, b]) ok(slot === to || !written.includes(slot), "a race");
        return [to, `blend(${slots[a]}, ${slots[b]}, ${JSON.stringify(blend)})`];
      }
      const { kind: op, from, to, value } = job;
      const measures = (statisticsKinds as readonly string[]).includes(op);
      equal(kind, measures ? "statistics" : "unary");
      if (op === "crop" || op === "mixing") return [to, op];
      ok(!written.includes(from), "a race");
      if (measures) {
        measured.set(`${op} ${from}`, slots[from]!);
        return ["output", output];
      }
      const wanted = ops[op as OpName]?.statistics;
      if (wanted) equal(measured.get(`${wanted} ${from}`), slots[from], "measured before");
      return [to, op === "copy" ? slots[from]! : `${op}(${slots[from]}, ${value})`];
    });
    for (const [to, result] of results) {
      if (to === "output") output = result;
      else slots[to] = result;
    }
  }
  return output;
}

Deno.test("jobs in the order of their launches mean what the plan means", () => {
  const stream = new Stream(1, 99);
  const scheduler = new Scheduler(layout);
  let [measurements, total] = [0, 0];
  for (let n = 0; n < 2000; n++) {
    const plan = randomPlan(stream);
    const jobs: Job[] = [];
    scheduler.schedule(plan, { unary: (job) => jobs.push(job), blend: (job) => jobs.push(job) });
    equal(outcome(jobs), meaning(plan));
    total += jobs.length;
    measurements += jobs.filter((job) => "kind" in job && job.kind === "histogram").length;
  }
  ok(measurements > 500 && total > 10000);
});
