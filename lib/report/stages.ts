import type { Operand, PicturePlan, Stage } from "../augment/plan.ts";
import { describeBlend, describeValue } from "./words.ts";

/** A plan that ends early, and what it shows. */
export interface Part {
  /** A few words such as "crop" or "rotate 12 degrees". */
  what: string;
  plan: PicturePlan;
}

/** Where an operand comes from that is no slot, such as "mixing". */
type Source = Exclude<Operand["from"], number>;

/**
 * The plans that show what a plan does, one after another: the crop, each further picture where it
 * is first used, each op by itself and each blend. The last one makes what the whole plan makes.
 *
 * A stage keeps its number, on which the draws per pixel depend.
 */
export function parts(plan: PicturePlan): Part[] {
  const cut = (what: string, end: number, last?: Stage): Part => ({
    what,
    plan: { ...plan, stages: [...plan.stages.slice(0, end), ...(last ? [last] : [])] },
  });
  const found: Part[] = [cut("crop", 0)];
  const shown = new Set<Source>();
  for (const [number, stage] of plan.stages.entries()) {
    for (const operand of operandsOf(stage)) {
      const { from } = operand;
      if (typeof from === "string" && !shown.has(from)) {
        shown.add(from);
        found.push(cut(from, number, { a: { from }, to: "output" }));
      }
      if (operand.op) {
        const what = `${operand.op} ${describeValue(operand)}`.trim();
        found.push(cut(what, number, { a: operand, to: "output" }));
      }
    }
    if (stage.blend) {
      found.push(cut(describeBlend(stage.blend), number, { ...stage, to: "output" }));
    }
  }
  return found;
}

/** Where the further picture comes from that a plan mixes in; undefined where it uses none. */
export function mixedFrom({ stages }: PicturePlan): Source | undefined {
  const sources = stages.flatMap(operandsOf).map(({ from }) => from);
  return sources.find((source) => typeof source === "string");
}

/** The plan that shows the further picture that a plan mixes in. */
export function mixedIn(plan: PicturePlan): PicturePlan | undefined {
  const from = mixedFrom(plan);
  return from && { ...plan, stages: [{ a: { from }, to: "output" }] };
}

/** What a stage reads: one picture, or the two that it blends. */
export function operandsOf({ a, b }: Stage): Operand[] {
  return b ? [a, b] : [a];
}
