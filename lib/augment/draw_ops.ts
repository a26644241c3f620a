import type { Stream } from "../random/stream.ts";
import type { OpSettings } from "./levels.ts";
import { extraOps, type OpSet, opSets } from "./op_sets.ts";
import { type OpName, ops } from "./ops.ts";
import type { Operand } from "./plan.ts";

/** Which ops are drawn, and how strong they are. */
export interface OpOptions extends OpSettings {
  /** Which set ops are drawn from. */
  ops: OpSet;
  /** Also the ops that overlap with the corruptions of CIFAR-C and ImageNet-C. */
  allOps: boolean;
}

/** What a method draws from: its own list or that of the set, and where asked for the extra ops. */
export function opsOf({ ops, allOps }: OpOptions, own?: readonly OpName[]): readonly OpName[] {
  const list = own ?? opSets[ops];
  return allOps ? [...list, ...extraOps[ops]] : list;
}

/** An op of the list, all equally likely. */
export function drawOp(stream: Stream, list: readonly OpName[]): OpName {
  return list[stream.integer(list.length)]!;
}

/** The picture in a slot through an op, whose value is drawn. */
export function drawOperand(
  stream: Stream,
  options: OpOptions,
  op: OpName,
  from: number,
): Operand {
  const draw = ops[op].draw?.[options.ops];
  return draw ? { from, op, value: draw(stream, options) } : { from, op };
}
