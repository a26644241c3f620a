import type { MixingSet } from "../data/mixing_set.ts";
import type { Crop, Operand, PicturePlan, Stage } from "../augment/plan.ts";
import type { Draw } from "./draws.ts";
import { operandsOf } from "./stages.ts";
import type { Subjects } from "./subjects.ts";
import { describeBlend, describeValue, formulas, short } from "./words.ts";

/** What an explanation needs to know besides the draw. */
export interface ExplainContext {
  seed: number;
  subjects: Subjects;
  /** Whose files the explanation names. */
  mixing?: Pick<MixingSet, "files">;
}

/**
 * What happened to a picture, for people: lines of text about its crop, the picture mixed in, and
 * each stage, in which "p" and "q" are the pictures that a blend is made of.
 */
export function explain({ plan, subject, method, epoch }: Draw, context: ExplainContext): string {
  const { width, height } = subject.picture;
  const head =
    `${method} of picture ${subject.index} (${subject.name}), seed ${context.seed}, epoch ` +
    `${epoch}, ${width} x ${height} pixels`;
  const lines = [["crop", describeCrop(plan.crop, context.subjects.padding)]];
  for (const from of new Set(plan.stages.flatMap(operandsOf).map(({ from }) => from))) {
    if (typeof from === "string") lines.push([from, describeSource(plan, from, context)]);
  }
  const slots = new Map<Operand["from"] | "output", string>([[0, "crop"]]);
  for (const [number, stage] of plan.stages.entries()) {
    const [first, ...rest] = describeStage(stage, slots);
    lines.push([`step ${number + 1}`, first!], ...rest.map((line) => ["", line]));
    slots.set(stage.to, `step ${number + 1}`);
  }
  return [head, ...lines.map(([name, line]) => `  ${name!.padEnd(9)}${line}`)].join("\n");
}

/**
 * The same as one line of JSON: the plan as it is, but for the epoch, which is counted from 1, with
 * the method, the seed, the picture's name and size, and the mixing picture's file.
 */
export function explainJson(
  { plan, subject, method, epoch }: Draw,
  { seed, mixing }: ExplainContext,
): string {
  const { name, picture: { width, height } } = subject;
  const file = plan.mixing && mixing?.files[plan.mixing.picture];
  return JSON.stringify({
    ...{ method, seed, name, width, height },
    ...plan,
    epoch,
    ...(plan.mixing && { mixing: { file, ...plan.mixing } }),
  });
}

function describeCrop({ top, left, flip }: Crop, padding: number): string {
  const shift = (by: number, forth: string, back: string) =>
    by === 0 ? [] : [`${Math.abs(by)} ${by > 0 ? forth : back}`];
  const moves = [...shift(padding - top, "down", "up"), ...shift(padding - left, "right", "left")];
  const moved = moves.length > 0 ? `moved by ${moves.join(" and ")}` : "not moved";
  return `${flip ? "mirrored" : "not mirrored"}${padding > 0 ? `, ${moved}` : ""}`;
}

/** Where a picture that is mixed in comes from, and how it was cut and turned. */
function describeSource(
  { mixing: crop, partner }: PicturePlan,
  from: Exclude<Operand["from"], number>,
  { mixing, subjects }: ExplainContext,
): string {
  if (from === "partner" && partner) {
    const name = subjects.pictures.find(({ index }) => index === partner.index)?.name;
    return `picture ${partner.index} (${name}), ${describeCrop(partner.crop, subjects.padding)}; ` +
      `${short(100 * partner.weight)} % of the label`;
  }
  if (from !== "mixing" || !crop) return from;
  const name = mixing ? `${mixing.files[crop.picture]} (number ${crop.picture})` : crop.picture;
  const changes = [
    ...(crop.mirrored ? ["mirrored"] : []),
    ...(crop.upsideDown ? ["upside down"] : []),
    ...(crop.gray ? ["in grey"] : []),
  ];
  return [`${name}, cut from row ${crop.top}, column ${crop.left}`, ...changes].join(", ");
}

/** A stage in lines; `slots` says what each slot holds. */
function describeStage(
  { a, b, blend, within, bytes }: Stage,
  slots: ReadonlyMap<Operand["from"] | "output", string>,
): string[] {
  const describe = (operand: Operand) => {
    const from = slots.get(operand.from) ?? String(operand.from);
    if (!operand.op) return from;
    const value = describeValue(operand);
    return `${operand.op}(${from})${value && `, ${value}`}`;
  };
  if (!b || !blend) return [describe(a)];
  const where = within &&
    `${within.width} x ${within.height} pixels from row ${within.top}, column ${within.left}`;
  if (blend.kind === "erase") {
    return [`erase ${where ?? "all"} of ${describe(a)}: ${formulas.erase}`];
  }
  return [
    `p = ${describe(a)}`,
    `q = ${describe(b)}`,
    `${describeBlend(blend)}: ${formulas[blend.kind] ?? "of p and q"}`,
    ...(where ? [`only in ${where}; elsewhere p`] : []),
    ...(bytes ? ["rounded down to whole bytes"] : []),
  ];
}
