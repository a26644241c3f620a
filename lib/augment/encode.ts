import { blendCodes } from "./blends.ts";
import type { MixingPictures } from "./mixing.ts";
import { opCodes, ops } from "./ops.ts";
import type { Operand, PicturePlan, Stage } from "./plan.ts";

// The structs and the special slots of kernels/augment/machine.wgsl.
const OUTPUT = 0xfffffffd;
const MIXING = 0xfffffffe;
const NOWHERE = 0xffffffff;
const OPERAND_WORDS = 12;

/** 32-bit words of a picture's header. */
export const HEADER_WORDS = 8;
/** 32-bit words of one instruction. */
export const INSTRUCTION_WORDS = 32;

/** What the words of a batch depend on; sizes in pixels. */
export interface MachineShape {
  batch: number;
  stages: number;
  slots: number;
  width: number;
  height: number;
}

/** The words the kernels read: plans of a batch, written into the same memory again and again. */
export class PlanWords {
  /** (batch × HEADER_WORDS) */
  readonly headers: Uint32Array<ArrayBuffer>;
  /** (stages × batch × INSTRUCTION_WORDS) */
  readonly instructions: Uint32Array<ArrayBuffer>;
  readonly #floats: Float32Array;

  constructor(readonly shape: MachineShape, readonly mixing?: MixingPictures) {
    const { batch, stages } = shape;
    const headers = batch * HEADER_WORDS, instructions = stages * batch * INSTRUCTION_WORDS;
    const memory = new ArrayBuffer(4 * (headers + instructions));
    this.headers = new Uint32Array(memory, 0, headers);
    this.instructions = new Uint32Array(memory, 4 * headers, instructions);
    this.#floats = new Float32Array(memory, 4 * headers, instructions);
  }

  /**
   * Encodes the plans of the first pictures of the batch; the others are left alone.
   *
   * @throws {RangeError} when a plan does not fit what was recorded, or breaks the rules of `Stage`
   */
  encode(plans: readonly PicturePlan[]): void {
    const { batch, stages } = this.shape;
    if (plans.length > batch) {
      throw new RangeError(
        `Cannot encode plans: expected at most ${batch} but found ${plans.length}`,
      );
    }
    for (let picture = 0; picture < batch; picture++) {
      const plan = plans[picture];
      if (plan && plan.stages.length > stages) {
        throw new RangeError(
          `Cannot encode a plan: expected at most ${stages} stages but found ${plan.stages.length}`,
        );
      }
      this.#header(HEADER_WORDS * picture, plan);
      for (let stage = 0; stage < stages; stage++) {
        this.#instruction(INSTRUCTION_WORDS * (stage * batch + picture), plan?.stages[stage], plan);
      }
    }
  }

  #header(at: number, plan: PicturePlan | undefined): void {
    const words = this.headers;
    words[at + 3] = !plan ? NOWHERE : plan.stages.length ? 0 : OUTPUT;
    if (!plan) return;
    words[at] = plan.crop.top;
    words[at + 1] = plan.crop.left;
    words[at + 2] = Number(plan.crop.flip);
    words[at + 4] = plan.index;
    words[at + 5] = plan.epoch;
    if (!plan.mixing) return;
    const { picture, top, left } = plan.mixing;
    const mixing = this.mixing;
    const { width, height } = this.shape;
    const stride = mixing?.widths[picture];
    if (
      !mixing || !stride || left + width > stride || top + height > mixing.heights[picture]!
    ) {
      throw new RangeError(
        `Cannot encode a plan: mixing crop ${JSON.stringify(plan.mixing)} ` +
          "is outside the mixing set",
      );
    }
    words[at + 6] = mixing.offsets[picture]! + top * stride + left;
    words[at + 7] = stride;
  }

  #instruction(at: number, stage: Stage | undefined, plan: PicturePlan | undefined): void {
    const words = this.instructions, floats = this.#floats;
    const blendAt = at + 2 * OPERAND_WORDS;
    words[blendAt + 4] = words[blendAt + 5] = NOWHERE;
    if (!stage) return;
    const { a, b, blend, to, within } = stage;
    if (!b !== !blend) throw new RangeError("Cannot encode a stage: expected b and blend together");
    if (to !== "output" && !(to < this.shape.slots)) {
      throw new RangeError(`Cannot encode a stage: slot ${to} of ${this.shape.slots}`);
    }
    this.#operand(at, stage, a, plan!);
    words[blendAt] = blend ? blendCodes.get(blend.kind)! : 0;
    words[blendAt + 4] = to === "output" ? OUTPUT : to;
    words[blendAt + 5] = measured(a, b);
    words[blendAt + 6] = within ? within.left | within.top << 16 : 0;
    words[blendAt + 7] = within
      ? within.left + within.width | (within.top + within.height) << 16
      : 0xffffffff;
    if (!blend) return;
    this.#operand(at + OPERAND_WORDS, stage, b!, plan!);
    if ("keep" in blend) {
      floats[blendAt + 3] = blend.keep;
    } else {
      floats[blendAt + 1] = blend.a;
      floats[blendAt + 2] = blend.b;
    }
  }

  #operand(at: number, stage: Stage, { from, op, value = 0 }: Operand, plan: PicturePlan): void {
    const words = this.instructions, floats = this.#floats;
    if (from === "mixing" ? !plan.mixing : from === stage.to || !(from < this.shape.slots)) {
      throw new RangeError(`Cannot encode a stage: nothing to read in ${JSON.stringify(stage)}`);
    }
    const { kernel, affine, statistics } = op ? ops[op] : nothing;
    if (from === "mixing" && (affine || statistics)) {
      throw new RangeError(`Cannot encode a stage: ${op} reads slots, not mixing pictures`);
    }
    words[at] = from === "mixing" ? MIXING : from;
    words[at + 1] = kernel ? opCodes.get(kernel)! : 0;
    floats[at + 2] = value;
    words[at + 3] = Number(affine !== undefined);
    if (!affine) return;
    const map = affine(value, this.shape.width, this.shape.height);
    for (let column = 0; column < 3; column++) {
      floats[at + 4 + column] = map[column]!;
      floats[at + 8 + column] = map[3 + column]!;
    }
  }
}

const nothing: { kernel?: undefined; affine?: undefined; statistics?: undefined } = {};

/** The slot whose statistics a stage needs. */
function measured(a: Operand, b: Operand | undefined): number {
  const first = a.op && ops[a.op].statistics ? a.from : undefined;
  const second = b?.op && ops[b.op].statistics ? b.from : undefined;
  if (first !== undefined && second !== undefined && first !== second) {
    throw new RangeError(
      `Cannot encode a stage: ${a.op} and ${b!.op} need statistics of two slots, expected one`,
    );
  }
  const slot = first ?? second;
  return typeof slot === "number" ? slot : NOWHERE;
}
