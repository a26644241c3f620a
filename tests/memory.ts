import { Program } from "../lib/gpu/program.ts";
import { Tape } from "../lib/gpu/tape.ts";

/** f32 bits that spoil what is made of them: NaN, NaN of another kind, and a large number. */
export const poisons = [0x7fc00000, 0xffffffff, 0x7149f2ca];

/** Fills a program's memory with a word: all of it, or what its regions share. */
export function poison(
  { gpu, buffers }: Program,
  word: number,
  which: "all" | "shared" = "all",
): void {
  const filled = which === "all" ? [...buffers.kept, ...buffers.shared] : buffers.shared;
  for (const buffer of filled) {
    gpu.device.queue.writeBuffer(buffer, 0, new Uint32Array(buffer.size / 4).fill(word));
  }
}

/** Does work in which every run of every program finds a word in all shared memory. */
export async function withPoison<Result>(
  word: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const { run } = Program.prototype;
  Program.prototype.run = function (from, to) {
    poison(this, word, "shared");
    run.call(this, from, to);
  };
  try {
    return await work();
  } finally {
    Program.prototype.run = run;
  }
}

/** Does work in which all that tapes declare has a buffer of its own. */
export async function withoutSharing<Result>(work: () => Promise<Result>): Promise<Result> {
  const { scratch, region } = Tape.prototype;
  Tape.prototype.scratch = region;
  try {
    return await work();
  } finally {
    Tape.prototype.scratch = scratch;
  }
}
