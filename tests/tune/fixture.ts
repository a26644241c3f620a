import type { Program } from "../../lib/gpu/program.ts";
import type { Timer } from "../../lib/gpu/timing.ts";
import type { Alternative } from "../../lib/gpu/tuning.ts";

/** An alternative whose kernel has its name and takes time in proportion to `rounds`. */
export function spin(name: string, rounds = 1, groups = 64): Alternative {
  const code = `
@group(0) @binding(0) var<storage, read_write> y: array<f32>;
@compute @workgroup_size(64)
fn ${name}(@builtin(global_invocation_id) id: vec3<u32>) {
  var x = y[id.x];
  for (var i = 0u; i < ${rounds}u; i++) { x = fract(x * 1.7 + f32(id.x)); }
  y[id.x] = x;
}
`;
  return {
    name,
    record(tape) {
      const y = tape.region(name, 4 * 64 * 64);
      tape.record([{ kernel: name, code, bindings: { y }, groups: [groups] }]);
    },
  };
}

/** A timer that runs nothing and answers from a script, and what it was asked. */
export interface ScriptedTimer extends Timer {
  /** The kernels of each call, in order. */
  readonly calls: string[][];
}

/**
 * @param milliseconds of one run by kernel: one number for always, or one for each time it is
 *   asked for, of which the last stays
 */
export function scripted(milliseconds: Record<string, number | number[]>): ScriptedTimer {
  const asked: Record<string, number> = {};
  const calls: string[][] = [];
  return {
    span: 0,
    calls,
    time(passes) {
      const kernels = passes.map(({ program }) => program.dispatches[0]!.kernel);
      calls.push(kernels);
      return Promise.resolve(kernels.map((kernel) => {
        const times = [milliseconds[kernel]!].flat();
        const at = asked[kernel] = (asked[kernel] ?? -1) + 1;
        return times[Math.min(at, times.length - 1)]!;
      }));
    },
  };
}

/** A timer that runs nothing and finds each alternative much faster, or slower, than those before. */
export function favouring(which: "first" | "last"): Timer {
  const seen = new Map<Program, number>();
  const factor = which === "last" ? 0.6 : 1 / 0.6;
  return {
    span: 0,
    time: (passes) =>
      Promise.resolve(passes.map(({ program }) => {
        const order = seen.get(program) ?? seen.size;
        seen.set(program, order);
        return factor ** order;
      })),
  };
}
